"""The way from the pairs to how far the review is and back; the view of it is made when it is first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.review_stop import outlook
from embtrainer_gui.core.store.review_figures import by_paper, groups
from embtrainer_gui.gui.models.review_flow import ReviewFlow
from embtrainer_gui.gui.widgets.review_board import ReviewBoard
from embtrainer_gui.gui.widgets.review_progress import ReviewProgress

if TYPE_CHECKING:
    from embtrainer_gui.gui.session import Session


class ProgressDoor(QObject):
    """Signals: ``command_given(Command)`` by a button of the view, ``list_wanted(PairFilter)``."""

    command_given = Signal(object)
    list_wanted = Signal(object)

    def __init__(self, board: ReviewBoard, session: Session, flow: ReviewFlow, parent: QObject) -> None:
        super().__init__(parent)
        self._board, self._session, self._flow = board, session, flow
        self._view: ReviewProgress | None = None

    @property
    def is_open(self) -> bool:
        return self._view is not None and self._board.shown is self._view

    def turn(self) -> None:
        """To the figures, or back to the pairs."""
        if self.is_open:
            self._board.show_instead(None)
            return
        if self._view is None:
            self._view = ReviewProgress()
            self._view.command_given.connect(self.command_given)
            self._view.list_wanted.connect(self._on_view_list_wanted)
        self._board.show_instead(self._view)
        self.read()

    def read(self) -> None:
        """The figures as they are now, where they are on show."""
        if self._view is not None and self.is_open:
            database, counts = self._session.project.database, self._flow.counts
            found = outlook(groups(database), counts.get(PairState.ACCEPTED, 0))
            self._view.show_figures(counts, self._flow.pace(), found, by_paper(database))

    def _on_view_list_wanted(self, shown: object) -> None:
        self._board.show_instead(None)
        self.list_wanted.emit(shown)
