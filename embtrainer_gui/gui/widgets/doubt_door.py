"""The way from the pairs to the doubtful passages and back; the view of those is made when it is first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from embtrainer_gui.core.store.doubts import DoubtAnswer
from embtrainer_gui.gui.models.doubt_flow import DoubtFlow
from embtrainer_gui.gui.review_keys import Command
from embtrainer_gui.gui.widgets.doubt_view import DoubtView
from embtrainer_gui.gui.widgets.review_board import ReviewBoard

if TYPE_CHECKING:
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.session import Session


class DoubtDoor(QObject):
    """Signals: ``command_given(Command)`` by a button of the view, ``said(str)`` what undo and redo did."""

    command_given = Signal(object)
    said = Signal(str)

    def __init__(self, board: ReviewBoard, session: Session, jobs: JobManager, parent: QObject) -> None:
        super().__init__(parent)
        self._board, self._session, self._jobs = board, session, jobs
        self._view: DoubtView | None = None
        self.flow = DoubtFlow(session, self)
        jobs.job_started.connect(self._show_search)
        jobs.job_ended.connect(self._show_search)

    @property
    def is_open(self) -> bool:
        return self._view is not None and self._board.shown is self._view

    def turn(self, pair_id: int | None = None) -> None:
        """To the doubtful passages, to those of one pair, or back to the pairs."""
        if self.is_open:
            self._board.show_instead(None)
        else:
            self._view = self._view or self._make()
            self._board.show_instead(self._view)
            self.flow.open(pair_id)
            self._show_search()
        self.read()

    def read(self) -> None:
        """How many wait for an answer; those on show are listed again where others came."""
        waiting = self._session.project.doubts.counts()[DoubtAnswer.OPEN]
        self._board.filter.show_doubts(waiting)
        if self.is_open and self.flow.pair_id is None and waiting != self.flow.counts[DoubtAnswer.OPEN]:
            self.flow.open()

    def run_command(self, command: Command) -> None:
        if self._view is not None:
            self._view.run_command(command)

    def abandon(self) -> None:
        """Leave the project, which is closed now."""
        self.flow.abandon()
        self._board.show_instead(None)

    def _make(self) -> DoubtView:
        view = DoubtView(self.flow, self._jobs)
        view.command_given.connect(self.command_given)
        view.said.connect(self.said)
        view.search_wanted.connect(lambda: self._jobs.start("doubts", {}))
        return view

    def _show_search(self) -> None:
        if self._view is not None:
            job = self._jobs.current
            self._view.show_search(running=job is not None and job.stage == "doubts", possible=job is None)
