"""The prompt and the example questions, and beside them the whole request as a server would get it for one passage."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QTabWidget, QVBoxLayout, QWidget

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.question_prompt import PassageToAsk, QuestionPrompt
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.widgets.basics import ElidedLabel, button, column, label, row
from embtrainer_gui.gui.widgets.example_table import ExampleTable
from embtrainer_gui.gui.widgets.template_editor import TemplateEditor, mono_font

SIZE = (1120, 640)
RULE = "─" * 24  # between the rules that are always sent and the prompt
SETTLE_MS = 150  # of typing, before the request is shown again
CHARACTERS_A_TOKEN = 4
NextPassage = Callable[[int], tuple[PassageToAsk, str] | None]
"""From a number that counts up to a passage of the project, with the words that say where it stands."""


class PromptDialog(QDialog):
    """``config`` gives the template, the examples and what goes into the request beside them.

    Signal: ``saved`` with the template ("" for the shipped one) and the examples.
    """

    saved = Signal(str, object)

    def __init__(self, config: GenerateConfig, next_passage: NextPassage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config, self._next_passage = config, next_passage
        self._number = 0
        self.setObjectName("questions.prompt-dialog")
        self.setWindowTitle(self.tr("Prompt"))
        self.resize(*SIZE)
        self._template, self._examples = TemplateEditor(), ExampleTable()
        self._shown = self._build_request()
        self._where, self._size = ElidedLabel("", "hint"), label("", "hint")
        self._other = button(self.tr("Next passage"), "plain", "right", "prompt.next-passage")
        self._reset = button(self.tr("Shipped prompt"), "plain", "undo", "prompt.reset")
        self._reset.setToolTip(self.tr("Put the wording that comes with the program in the place of yours"))
        self._save = button(self.tr("Save"), "primary", name="prompt.save")
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._arrange()
        self._connect()
        self._template.set_value(config.prompt)
        self._examples.set_value(config.examples)
        self._show()

    def _build_request(self) -> QPlainTextEdit:
        shown = QPlainTextEdit()
        shown.setObjectName("prompt.request")
        shown.setAccessibleName(self.tr("The whole request"))
        shown.setReadOnly(True)
        shown.setTabChangesFocus(True)
        shown.setFont(mono_font())
        return shown

    def _arrange(self) -> None:
        self._tabs = QTabWidget()
        self._tabs.addTab(_inset(self._template), self.tr("Prompt"))
        self._tabs.addTab(_inset(self._examples), self.tr("Examples"))
        left, right = QWidget(), QWidget()
        left.setLayout(column(self._tabs))
        head = row(label(self.tr("What the server gets"), "section"), None, self._other)
        foot = row(self._where, self._size, spacing=16)
        foot.setStretch(0, 1)
        inside = column(head, self._shown, foot)
        inside.setStretch(1, 1)
        right.setLayout(inside)
        body = row(left, right, spacing=24)
        body.setStretch(0, 1)
        body.setStretch(1, 1)
        cancel = button(self.tr("Cancel"), name="prompt.cancel")
        cancel.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(body, 1)
        layout.addLayout(row(self._reset, None, cancel, self._save))

    def _connect(self) -> None:
        self._template.edited.connect(self._on_edited)
        self._examples.edited.connect(self._on_edited)
        self._settle.timeout.connect(self._show)
        self._other.clicked.connect(self._on_other_clicked)
        self._reset.clicked.connect(lambda: self._template.set_value(""))
        self._save.clicked.connect(self.accept)

    def done(self, result: int) -> None:
        self._settle.stop()
        super().done(result)

    def accept(self) -> None:
        if self._save.isEnabled():
            super().accept()
            self.saved.emit(self._template.value(), self._examples.value())

    def _on_edited(self) -> None:
        self._settle.start()
        self._show_state()

    def _on_other_clicked(self) -> None:
        self._number += 1
        self._show()

    def _show_state(self) -> None:
        self._save.setEnabled(self._template.is_usable() and not self._examples.fault())
        self._reset.setEnabled(bool(self._template.value()))

    def _show(self) -> None:
        """The request for the passage that is shown, with what is typed now."""
        self._show_state()
        found = self._next_passage(self._number)
        if found is None or not self._save.isEnabled():
            return
        passage, where = found
        values = {"prompt": self._template.value(), "examples": self._examples.value()}
        try:
            config = GenerateConfig.model_validate({**self._config.model_dump(), **values})
            filled = QuestionPrompt(config).fill(passage, config.per_passage)
        except (AppError, ValueError):  # said beside the field that it is about
            return
        text = f"{filled.system}\n\n{RULE}\n\n{filled.user}"
        self._shown.setPlainText(text)
        self._where.setText(where)
        tokens = len(text) // CHARACTERS_A_TOKEN
        self._size.setText(self.tr("about {count} tokens").format(count=count(tokens)))


def _inset(content: QWidget) -> QWidget:
    """A page of tabs with room under its tab."""
    page = QWidget()
    layout = column(content)
    layout.setContentsMargins(0, 12, 0, 0)
    page.setLayout(layout)
    return page
