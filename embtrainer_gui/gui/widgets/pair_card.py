"""One pair as the reviewer reads it: why it is here, question, answer, passage, and the four decisions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.core.records import PairState, Passage, Reason
from embtrainer_gui.core.store.review_queue import QueueRow
from embtrainer_gui.gui import format as figures
from embtrainer_gui.gui.doubt_words import rival_words, score_sentence
from embtrainer_gui.gui.models.beside import Beside
from embtrainer_gui.gui.pair_words import STATE_TONES, kind_words, reason_sentence, reason_words, state_words
from embtrainer_gui.gui.review_keys import Command
from embtrainer_gui.gui.widgets.basics import Chip, ElidedLabel, button, label
from embtrainer_gui.gui.widgets.evidence import find_span
from embtrainer_gui.gui.widgets.flow_layout import FlowLayout
from embtrainer_gui.gui.widgets.key_label import label_key
from embtrainer_gui.gui.widgets.marked_text import MarkedText

BUTTONS = (
    (Command.ACCEPT, "primary"),
    (Command.REJECT, ""),
    (Command.LATER, ""),
    (Command.EDIT, ""),
)
SHORTEST_PASSAGE = 72
LOWEST_TEXT = 40  # px of text that are left in the lowest window: the decisions under it are never out of sight


class PairCard(QWidget):
    """Signals: ``command_given(Command)`` by one of the buttons, ``collision_wanted(pair id)`` the other passage that
    fits too, ``similar_wanted(pair id)`` the questions that resemble this one."""

    command_given = Signal(object)
    collision_wanted = Signal(int)
    similar_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._build()

    def show_pair(self, row: QueueRow, passage: Passage, beside: Beside, *, has_draft: bool) -> None:
        pair = row.pair
        self._show_chips(row, beside, has_draft=has_draft)
        self._question.setText(pair.question)
        self._answer.setText(pair.answer)
        span = find_span(passage.text, pair.answer) or find_span(passage.text, beside.quote)
        self._passage.show_text(passage.text, span)
        parts = [self.tr("Page {page}").format(page=row.page), passage.section, row.title]
        self._scroll.verticalScrollBar().setValue(0)
        self._origin.setText(" · ".join(part for part in parts if part))

    def selected_text(self) -> str:
        """What the mouse selected in the question, the answer or the passage."""
        texts = (self._question.selectedText(), self._answer.selectedText(), self._passage.textCursor().selectedText())
        return next((text for text in texts if text), "").replace("\u2029", "\n")

    def set_decisions_enabled(self, enabled: bool) -> None:
        for decision in self._buttons.values():
            decision.setEnabled(enabled)

    def _build(self) -> None:
        self._scroll = QScrollArea(self)  # a long answer never makes the window taller
        reading = QWidget(self._scroll)
        self._chip_box = QWidget(reading)
        self._chips = FlowLayout(self._chip_box)
        self._question = label("", "question", wrap=True, selectable=True)
        self._question.setObjectName("review.question")
        self._answer = label("", "", wrap=True, selectable=True)
        self._answer.setObjectName("review.answer")
        for words in (self._question, self._answer):
            words.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._origin = ElidedLabel("", "hint")
        self._passage = MarkedText(reading)
        self._passage.setObjectName("review.passage")
        self._passage.setAccessibleName(self.tr("Passage"))
        self._passage.setMinimumHeight(SHORTEST_PASSAGE)
        text = QVBoxLayout(reading)
        text.setContentsMargins(0, 0, 0, 0)
        text.setSpacing(8)
        text.addWidget(self._chip_box)
        text.addWidget(self._question)
        text.addSpacing(8)
        text.addWidget(label(self.tr("Answer"), "hint"))
        text.addWidget(self._answer)
        text.addSpacing(8)
        text.addWidget(label(self.tr("Passage"), "hint"))
        text.addWidget(self._passage, 1)
        reading.setMinimumHeight(1)  # its height follows its width: not that of text as narrow as it goes
        self._scroll.setWidget(reading)
        self._scroll.setMinimumHeight(LOWEST_TEXT)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self._origin)
        layout.addLayout(self._decision_row())

    def _decision_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)  # they fit in the narrowest window beside the page
        self._buttons: dict[Command, QPushButton] = {}
        for command, kind in BUTTONS:
            decision = button("", kind, "", f"review.{command}")
            label_key(decision, command)
            decision.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the page
            decision.clicked.connect(lambda checked=False, command=command: self.command_given.emit(command))
            row.addWidget(decision, 1)
            self._buttons[command] = decision
        return row

    def _show_chips(self, row: QueueRow, beside: Beside, *, has_draft: bool) -> None:
        self._chips.clear()
        pair = row.pair
        if pair.state is not PairState.PENDING:
            self._chips.addWidget(Chip(state_words(pair.state), STATE_TONES[pair.state]))
        if has_draft:
            self._chips.addWidget(Chip(self.tr("Edit not saved"), "info"))
        for reason in pair.reasons:
            chip = Chip(reason_words(reason), "warn")
            chip.setToolTip(reason_sentence(reason))
            self._chips.addWidget(chip)
            if reason is Reason.AMBIGUOUS and beside.share is not None:
                tip = f"{score_sentence(beside.share)} {self.tr('Both are shown side by side.')}"
                text = rival_words(beside.share)
                self._add_link(text, tip, "review.collision", lambda: self.collision_wanted.emit(pair.id))
        if beside.similar > 1:
            text = self.tr("Similar to this one ({number})").format(number=figures.count(beside.similar))
            tip = self.tr("Shows the questions that ask nearly the same.")
            self._add_link(text, tip, "review.similar", lambda: self.similar_wanted.emit(pair.id))
        if not pair.reasons:
            self._chips.addWidget(Chip(self.tr("No check found a fault"), "good"))
        self._chips.addWidget(Chip(kind_words(pair.kind), ""))
        tip = self.tr("Makes another question for this passage; yours to edit before it takes the place of this one.")
        self._add_link(self.tr("Another question"), tip, "review.other", lambda: self.command_given.emit(Command.OTHER))
        for number in range(self._chips.count()):
            item = self._chips.itemAt(number)
            widget = item.widget() if item else None
            if widget:
                widget.show()
        self._chip_box.updateGeometry()

    def _add_link(self, text: str, tip: str, name: str, act: Callable[[], None]) -> None:
        link = button(text, "link", "", name)
        link.setToolTip(tip)
        link.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the page
        link.clicked.connect(act)
        self._chips.addWidget(link)
