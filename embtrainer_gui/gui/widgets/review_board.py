"""The parts of the Review page in their places, and what stands there when there is nothing to review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from embtrainer_gui.gui.models.pairs_table import PairsTable
from embtrainer_gui.gui.widgets.basics import EmptyState, button
from embtrainer_gui.gui.widgets.decision_trail import DecisionTrail
from embtrainer_gui.gui.widgets.pair_desk import PairDesk
from embtrainer_gui.gui.widgets.review_filter import ReviewFilter
from embtrainer_gui.gui.widgets.review_strip import ReviewStrip
from embtrainer_gui.gui.widgets.source_page import SourcePage

if TYPE_CHECKING:
    from embtrainer_gui.gui.job_manager import JobManager

CARDS, TABLE = "cards", "table"
ROOM_FOR_TRAIL = 340  # px of height; below it the pair needs the room more than its history
_SIZES = {CARDS: [400, 600], TABLE: [600, 400]}


class ReviewBoard(QWidget):
    """Signals of the buttons of its empty states: ``questions_wanted``, ``training_wanted``, ``list_wanted``."""

    questions_wanted = Signal()
    training_wanted = Signal()
    list_wanted = Signal()

    def __init__(self, table: PairsTable, jobs: JobManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode = CARDS
        self._sizes: dict[str, list[int]] = {}
        self._build(table, jobs)
        self._build_states()

    @property
    def has_pairs(self) -> bool:
        return self.shown is not self._none

    @property
    def shown(self) -> QWidget | None:
        return self._whole.currentWidget()

    @property
    def shows_work(self) -> bool:
        """Whether the pairs are on show, not something in their place."""
        return self.shown is self._work

    def show_instead(self, other: QWidget | None) -> None:
        """Something else in the place of the pairs; None for the pairs again."""
        if other is not None and self._whole.indexOf(other) < 0:
            self._whole.addWidget(other)
        self._whole.setCurrentWidget(other or self._work)

    def sizes(self) -> dict[str, list[int]]:
        """The two sides' widths, for cards and for the table."""
        return {**self._sizes, self._mode: self._split.sizes()}

    def restore_sizes(self, sizes: dict[str, list[int]]) -> None:
        self._sizes = dict(sizes)
        self._split.setSizes(self._sizes.get(self._mode, _SIZES[self._mode]))

    def set_mode(self, mode: str) -> None:
        """A table needs more room than a card."""
        self._sizes = self.sizes()
        self._mode = mode
        self._split.setSizes(self._sizes.get(mode, _SIZES[mode]))

    def show_pairs(self, there_are_some: bool) -> None:
        if not there_are_some:
            self._whole.setCurrentWidget(self._none)
        elif self.shown is self._none:
            self._whole.setCurrentWidget(self._work)

    def show_pair(self) -> None:
        self._body.setCurrentWidget(self._split)

    def show_end(self, *, everything: bool, through: bool) -> None:
        """``everything`` is decided, or only this list is ``through``; else the filter fits nothing."""
        self._nothing.title.setText(self.tr("Through this list") if through else self.tr("No pair fits this filter"))
        self._body.setCurrentWidget(self._all_done if everything else self._nothing)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.trail.setVisible(event.size().height() >= ROOM_FOR_TRAIL)

    def _build(self, table: PairsTable, jobs: JobManager) -> None:
        """From the outside in: a style sheet is worked out again for whatever gets another parent."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._whole = QStackedWidget(self)
        layout.addWidget(self._whole)
        self._work = work = QWidget(self._whole)
        self._whole.addWidget(work)
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.filter = ReviewFilter(work)
        self.strip = ReviewStrip(work)
        self._body = QStackedWidget(work)
        self.trail = DecisionTrail(work)
        for part in (self.filter, self.strip, self._body, self.trail):
            column.addWidget(part, 1 if part is self._body else 0)
        self._split = QSplitter(Qt.Orientation.Horizontal, self._body)
        self._body.addWidget(self._split)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(16)
        self.desk = PairDesk(table, self._split)
        self.source = SourcePage(jobs, self._split)
        self._split.setStretchFactor(0, 2)
        self._split.setStretchFactor(1, 3)

    def _build_states(self) -> None:
        training = button(self.tr("Go to Train"), "primary", "", "review.go-train")
        training.clicked.connect(self.training_wanted)
        self._all_done = EmptyState(
            "check", self.tr("Nothing left to review"), self.tr("Every question is decided."), training
        )
        everything = button(self.tr("Show all to review"), "primary", "", "review.show-all")
        everything.clicked.connect(self.list_wanted)
        self._nothing = EmptyState("filter", "", self.tr("Other filters show other pairs."), everything)
        questions = button(self.tr("Make questions"), "primary", "", "review.go-questions")
        questions.clicked.connect(self.questions_wanted)
        self._none = EmptyState(
            "questions",
            self.tr("No questions yet"),
            self.tr("Make questions from your papers, or import a file of them; here you decide which ones stay."),
            questions,
        )
        for state in (self._all_done, self._nothing):
            state.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)  # lower than a pair needs
            self._body.addWidget(state)
        self._whole.addWidget(self._none)
