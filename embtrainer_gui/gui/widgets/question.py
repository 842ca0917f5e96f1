"""A question before something that cannot be taken back, with named answers."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from embtrainer_gui.gui.widgets.basics import button, label, row

WIDTH = 480


@dataclass(frozen=True, slots=True)
class Answer:
    key: str
    text: str
    kind: str = ""


class Question(QDialog):
    """``answer`` is the key of the button that was clicked; Escape gives "", which changes nothing."""

    def __init__(self, parent: QWidget, title: str, text: str, answers: tuple[Answer, ...]) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.answer = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(label(title, "section", wrap=True))
        layout.addWidget(label(text, "secondary", wrap=True))
        buttons = row(None)
        for answer in answers:
            made = button(answer.text, answer.kind, name=f"question.{answer.key}")
            made.clicked.connect(lambda _=False, key=answer.key: self._choose(key))
            buttons.addWidget(made)
        layout.addLayout(buttons)
        self.setFixedWidth(WIDTH)
        self.setFixedHeight(layout.totalHeightForWidth(WIDTH))

    def _choose(self, key: str) -> None:
        self.answer = key
        self.accept()

    def ask(self) -> str:
        self.exec()
        self.deleteLater()
        return self.answer
