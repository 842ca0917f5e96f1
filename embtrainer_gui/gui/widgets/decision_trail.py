"""The last ten decisions as small marks, and what Undo and Redo would do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store.decisions import Act, Batch
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.pair_words import ACT_ICONS, STATE_ICONS, batch_words, why_words
from embtrainer_gui.gui.review_keys import KEY_OF, WHYS, Command
from embtrainer_gui.gui.widgets.basics import button, label, row
from embtrainer_gui.gui.widgets.key_label import KeyLabel

LENGTH = 10
_TOKENS = {PairState.PENDING: "text-2", PairState.ACCEPTED: "good", PairState.REJECTED: "bad"}


class DecisionTrail(QWidget):
    """Signals: ``batch_clicked(Batch)`` to return to a pair, ``command_given(Command)``."""

    batch_clicked = Signal(object)
    command_given = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._batches: Sequence[Batch] = ()
        self._build()
        theme.changes().changed.connect(self._show_marks)

    def show_decisions(self, batches: Sequence[Batch], redo: Batch | None) -> None:
        """``batches`` newest first: the first one is what Undo takes back."""
        self._batches = batches
        self._show_marks()
        undo = batches[0] if batches else None
        self._undo.setEnabled(undo is not None)
        self._undo.setText(self.tr("Undo: {what}").format(what=batch_words(undo)) if undo else self.tr("Undo"))
        self._redo.setVisible(redo is not None)
        if redo:
            self._redo.setText(self.tr("Redo: {what}").format(what=batch_words(redo)))
        rejected = undo is not None and undo.act == Act.REJECT and redo is None  # there is room for one of them
        self._whys.setVisible(rejected)
        if undo and rejected:
            for why, button_ in self._why_buttons.items():
                button_.setChecked(undo.why == why)

    def _build(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a long act never widens the page
        self._undo = self._button("", "link", "undo", Command.UNDO)
        self._redo = self._button("", "link", "redo", Command.REDO)
        self._marks = [self._mark(number) for number in range(LENGTH)]
        layout.addWidget(self._undo)
        layout.addWidget(self._redo)
        for mark in reversed(self._marks):
            layout.addWidget(mark)
        layout.addStretch()
        layout.addWidget(self._why_row())

    def _button(self, text: str, kind: str, icon: str, command: Command) -> QPushButton:
        made = button(text, kind, icon, f"review.{command}")
        words = KEY_OF[command].text
        KeyLabel(made, command, lambda key: made.setToolTip(f"{words} ({key})"))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(lambda: self.command_given.emit(command))
        return made

    def _mark(self, number: int) -> QPushButton:
        mark = button("", "icon", "", f"review.trail-{number}")
        mark.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        mark.clicked.connect(lambda: self.batch_clicked.emit(self._batches[number]))
        mark.hide()
        return mark

    def _why_row(self) -> QWidget:
        """Shown after a rejection; answering is optional."""
        self._whys = QWidget()
        self._why_buttons: dict[str, QPushButton] = {}
        for command, why in WHYS.items():
            choice = self._button("", "link", "", command)
            KeyLabel(choice, command, partial(_number, choice, KEY_OF[command].text))
            choice.setCheckable(True)
            self._why_buttons[why] = choice
        layout = row(label(self.tr("Why?"), "hint"), *self._why_buttons.values(), spacing=0)
        self._whys.setLayout(layout)
        self._whys.hide()
        return self._whys

    def _show_marks(self) -> None:
        for number, mark in enumerate(self._marks):
            mark.setVisible(number < len(self._batches))
            if number < len(self._batches):
                batch = self._batches[number]
                later = batch.act == Act.LATER
                icon = ACT_ICONS.get(Act(batch.act)) if batch.act in set(Act) else None
                token = "text-2" if later else _TOKENS[batch.after]
                mark.setIcon(theme.icon(icon or STATE_ICONS[batch.after], token, 14))
                words = batch_words(batch)
                mark.setToolTip(f"{words}: {why_words(batch.why)}" if batch.why else words)
                mark.setAccessibleName(self.tr("Go back to: {what}").format(what=words))


def _number(choice: QPushButton, words: str, key: str) -> None:
    """The key first: the reasons are numbered."""
    choice.setText(f"{key} {words}")
    choice.setAccessibleName(words)
