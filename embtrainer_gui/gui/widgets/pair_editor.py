"""Question and answer being typed: to change a pair, or to make one by hand."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from embtrainer_gui.core.store.decisions import Texts
from embtrainer_gui.gui.review_keys import KEY_OF, Command, editor_command_of
from embtrainer_gui.gui.widgets.basics import button, column, label, row
from embtrainer_gui.gui.widgets.evidence import find_span
from embtrainer_gui.gui.widgets.key_label import label_key
from embtrainer_gui.gui.widgets.marked_text import MarkedText
from embtrainer_gui.gui.widgets.pair_card import LOWEST_TEXT
from embtrainer_gui.gui.widgets.steady_scroll import SteadyScroll


class _Field(QPlainTextEdit):
    """Tab goes to the next field; the keys of the editor go to the editor."""

    command_given = Signal(object)

    def __init__(self, name: str, title: str, lines: int) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setTabChangesFocus(True)
        self.setMinimumHeight(self.fontMetrics().lineSpacing() * lines + 16)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        command = editor_command_of(event)
        if command is None:
            super().keyPressEvent(event)
        else:
            self.command_given.emit(command)


class PairEditor(QWidget):
    """Signals: ``saved(Texts)``, ``left()`` (what was typed stays a draft of the page), ``typed()``."""

    saved = Signal(object)
    left = Signal()
    typed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = ""
        self._stored = Texts("", "")
        self._by_hand = False
        self._build()

    def start(self, texts: Texts, stored: Texts, passage: str, *, by_hand: bool) -> None:
        """Show ``texts`` (a draft, or what is ``stored``) to be changed."""
        self._source, self._stored, self._by_hand = passage, stored, by_hand
        self._title.setText(self.tr("New pair from this passage") if by_hand else self.tr("Edit this pair"))
        for field, text in ((self.question, texts.question), (self.answer, texts.answer)):
            field.blockSignals(True)
            field.setPlainText(text)
            field.blockSignals(False)
        self._check()
        self.question.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.question.selectAll()

    def texts(self) -> Texts:
        return Texts(self.question.toPlainText().strip(), self.answer.toPlainText().strip())

    def is_changed(self) -> bool:
        return self.texts() != self._stored

    def _build(self) -> None:
        self._title = label("", "section")
        self.question = _Field("review.edit-question", self.tr("Question"), 3)
        self.question.setPlaceholderText(self.tr("Type what somebody would ask or search for"))
        self.answer = _Field("review.edit-answer", self.tr("Answer"), 3)
        self.answer.setPlaceholderText(self.tr("The words of the passage that answer it"))
        self._hint = label("", "hint", wrap=True)
        self._passage = MarkedText()
        self._save = button("", "primary", "", "review.save-edit")
        label_key(self._save, Command.SAVE)
        self._leave = button("", "", "", "review.leave-edit")
        label_key(self._leave, Command.LEAVE, self.tr("Leave"))
        self._leave.setToolTip(KEY_OF[Command.LEAVE].text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        scroll = SteadyScroll(self._fields())  # in a low window the fields scroll, Save never does
        scroll.setMinimumHeight(LOWEST_TEXT)
        layout.addWidget(scroll, 1)
        layout.addLayout(row(self._save, self._leave, None))
        for field in (self.question, self.answer):
            field.textChanged.connect(self._on_text_changed)
            field.command_given.connect(self._on_command_given)
        self._save.clicked.connect(self._try_to_save)
        self._leave.clicked.connect(self.left)

    def _fields(self) -> QWidget:
        fields = QWidget()
        texts = column(label(self.tr("Question"), "hint"))
        texts.addWidget(self.question, 1)
        texts.addWidget(label(self.tr("Answer"), "hint"))
        texts.addWidget(self.answer, 1)
        texts.addWidget(self._hint)
        texts.addWidget(label(self.tr("Passage"), "hint"))
        texts.addWidget(self._passage, 2)
        fields.setLayout(texts)
        return fields

    def _on_text_changed(self) -> None:
        self._check()
        self.typed.emit()

    def _on_command_given(self, command: Command) -> None:
        if command is Command.SAVE:
            self._try_to_save()
        else:
            self.left.emit()

    def _try_to_save(self) -> None:
        if self._save.isEnabled():
            self.saved.emit(self.texts())

    def _check(self) -> None:
        texts = self.texts()
        span = find_span(self._source, texts.answer)
        verbatim = bool(texts.answer) and texts.answer in self._source
        self._passage.show_text(self._source, span)
        if not texts.question or not texts.answer:
            hint = self.tr("Both the question and the answer are needed.")
        elif verbatim:
            hint = self.tr("The answer stands in the passage word by word.")
        else:
            hint = self.tr("The answer does not stand in the passage word by word.")
        self._hint.setText(hint)
        self._save.setEnabled(bool(texts.question and texts.answer) and (verbatim or not self._by_hand))
