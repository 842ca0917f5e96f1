"""Is this passage really wrong for this question? Both pages side by side, one key an answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from embtrainer_gui.core.store.doubts import DoubtAnswer
from embtrainer_gui.gui import format as figures
from embtrainer_gui.gui.doubt_words import (
    ANSWER_TONES,
    answer_words,
    counts_words,
    score_sentence,
    score_words,
    turned_words,
)
from embtrainer_gui.gui.models.doubt_flow import DoubtCase, DoubtFlow
from embtrainer_gui.gui.review_keys import Command
from embtrainer_gui.gui.widgets.basics import EmptyState, button, label, row
from embtrainer_gui.gui.widgets.doubt_side import DoubtSide
from embtrainer_gui.gui.widgets.doubt_turns import DoubtTurns
from embtrainer_gui.gui.widgets.evidence import find_span
from embtrainer_gui.gui.widgets.key_label import label_key
from embtrainer_gui.gui.widgets.source_page import PREFETCH_MS

if TYPE_CHECKING:
    from embtrainer_gui.gui.job_manager import JobManager

WIDTH = 150  # of the buttons of the answers
ANSWERS = {
    Command.RIGHT_TOO: DoubtAnswer.RIGHT,
    Command.WRONG: DoubtAnswer.WRONG,
    Command.UNSURE: DoubtAnswer.UNSURE,
}


class DoubtView(QWidget):
    """Signals: ``command_given(Command)`` by a button, ``search_wanted()``, ``said(str)`` what undo and redo did."""

    command_given = Signal(object)
    search_wanted = Signal()
    said = Signal(str)

    def __init__(self, flow: DoubtFlow, jobs: JobManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.flow = flow
        self._busy = False
        self._timer = QTimer(self, interval=PREFETCH_MS, singleShot=True)
        self._timer.timeout.connect(self._prefetch)
        self._build(jobs)
        flow.changed.connect(self._show)
        self._commands: dict[Command, Callable[[], object]] = {
            **{command: partial(flow.answer, answer) for command, answer in ANSWERS.items()},
            Command.UNDO: self._undo,
            Command.REDO: self._redo,
            Command.NEXT: lambda: flow.step(1),
            Command.PREVIOUS: lambda: flow.step(-1),
            Command.FIRST: lambda: flow.go(0),
            Command.LAST: lambda: flow.go(len(flow) - 1),
            Command.PAGE_NEXT: lambda: self._other.view.turn(1),
            Command.PAGE_BACK: lambda: self._other.view.turn(-1),
            Command.LARGER: lambda: self._zoom(1),
            Command.SMALLER: lambda: self._zoom(-1),
            Command.FIT: lambda: self._zoom(0),
            Command.COPY: self._other.view.copy,
        }

    def run_command(self, command: Command) -> None:
        """Do what a key stands for here; nothing for those of the pairs."""
        act = self._commands.get(command)
        if act:
            act()

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """The question's lines are no reason for the pages to keep their full height: those give way."""
        return False

    def show_search(self, *, running: bool, possible: bool) -> None:
        """Whether doubtful passages are being looked for, or can be: not while another job runs."""
        self._busy = running
        for look in self._look_buttons:
            look.setEnabled(possible)
        if self.flow.row is None:
            self._show_end()

    def _build(self, jobs: JobManager) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._top_row())
        self._body = QStackedWidget(self)
        layout.addWidget(self._body, 1)
        self._work = QWidget(self._body)
        self._body.addWidget(self._work)
        work = QVBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(8)
        self._question = label("", "question", wrap=True, selectable=True)
        self._question.setObjectName("doubts.question")
        self._question.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._question.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        work.addWidget(self._question)
        self._right = DoubtSide("right", self.tr("The right passage"), jobs, self._work)
        self._other = DoubtSide("other", self.tr("Really wrong for this question?"), jobs, self._work)
        sides = QHBoxLayout()
        sides.setSpacing(16)
        sides.addWidget(self._right, 1)
        sides.addWidget(self._other, 1)
        work.addLayout(sides, 1)
        look = self._look_button(self.tr("Look for doubtful passages"), "primary", "doubts.find")
        self._end = EmptyState("flag", "", "", look)
        self._end.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._body.addWidget(self._end)
        layout.addLayout(self._answer_row())

    def _top_row(self) -> QHBoxLayout:
        back = button("", "", "left", "doubts.back")
        label_key(back, Command.DOUBTS, self.tr("Back to the pairs"))
        back.clicked.connect(lambda: self.command_given.emit(Command.DOUBTS))
        self._place = label("", "section")
        self._place.setObjectName("doubts.place")
        self._counts = label("", "hint")
        self._counts.setObjectName("doubts.counts")
        self._look_buttons: list[QPushButton] = []
        self._again = self._look_button(self.tr("Look for more"), "", "doubts.find-more")
        back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return row(back, self._place, self._counts, None, self._again, spacing=16)

    def _look_button(self, text: str, kind: str, name: str) -> QPushButton:
        look = button(text, kind, "search", name)
        look.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        look.clicked.connect(self.search_wanted)
        self._look_buttons.append(look)
        return look

    def _answer_row(self) -> QHBoxLayout:
        self._turns = DoubtTurns(self)
        self._turns.command_given.connect(self.command_given)
        self._answers: list[QPushButton] = []
        for command, answer in ANSWERS.items():
            choice = button("", "", "", f"doubts.{answer}")
            label_key(choice, command, answer_words(answer))
            choice.setMinimumWidth(WIDTH)
            choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the page
            choice.clicked.connect(lambda checked=False, command=command: self.command_given.emit(command))
            self._answers.append(choice)
        answers = row(self._turns, *self._answers)
        answers.setStretch(0, 1)
        return answers

    def _show(self) -> None:
        flow = self.flow
        case = flow.case()
        self._counts.setText(counts_words(flow.counts) if sum(flow.counts.values()) else "")
        self._again.setVisible(case is not None)
        self._place.setVisible(case is not None)
        self._turns.show_turns(*flow.turns())
        for answer in self._answers:
            answer.setVisible(case is not None)
        if case is None:
            for side in (self._right, self._other):
                side.clear()
            self._show_end()
            return
        place, total = figures.count((flow.row or 0) + 1), figures.count(len(flow))
        self._place.setText(self.tr("{place} of {total}").format(place=place, total=total))
        self._show_case(case)
        self._body.setCurrentWidget(self._work)
        self._timer.start()

    def _show_case(self, case: DoubtCase) -> None:
        doubt, answer = case.doubt, case.pair.answer
        self._question.setText(doubt.question)
        self._right.show_passage(case.right, case.right_title, find_span(case.right.text, answer))
        self._other.show_passage(case.passage, case.title)
        chip = self._other.chip
        if doubt.answer is DoubtAnswer.OPEN:
            chip.set(score_words(doubt.share))
        else:
            chip.set(answer_words(doubt.answer), ANSWER_TONES[doubt.answer])
        chip.setToolTip(score_sentence(doubt.share))
        chip.show()

    def _show_end(self) -> None:
        """Nothing is at hand: all is answered, or nothing was ever found."""
        answered = sum(self.flow.counts.values()) > 0
        if self._busy:
            title, text = self.tr("Looking for doubtful passages..."), self.tr("They appear here when it has ended.")
        elif answered:
            title = self.tr("No doubtful passage left")
            text = self.tr("Training and comparing use the answers from the next time on.")
        else:
            title = self.tr("No doubtful passages yet")
            text = self.tr(
                "A passage that scores nearly as high as the right one may be right as well. If you say so, training"
                " does not push it away. Training with hard negatives finds such passages; or look for them now."
            )
        self._end.title.setText(title)
        self._end.text.setText(text)
        self._body.setCurrentWidget(self._end)

    def _prefetch(self) -> None:
        for by in (1, 2):
            following = self.flow.case(by)
            if following:
                self._right.prefetch(following.right)
                self._other.prefetch(following.passage)

    def _zoom(self, steps: int) -> None:
        for side in (self._right, self._other):
            side.view.zoom(steps)

    def _undo(self) -> None:
        turned = self.flow.undo()
        if turned:
            self.said.emit(self.tr("Undone: {what}").format(what=turned_words(turned)))
        else:
            self.said.emit(self.tr("There is no answer to take back."))

    def _redo(self) -> None:
        turned = self.flow.redo()
        if turned:
            self.said.emit(self.tr("Made again: {what}").format(what=turned_words(turned)))
