"""How the built-in generator's questions are to read: two choices, each with what it is good for."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from embtrainer_gui.core.generate_config import WORDINGS, GenerateConfig, Wording
from embtrainer_gui.gui.field_words import choice_label, field_label
from embtrainer_gui.gui.widgets.basics import card, column, label

INDENT = 24  # below the words of a radio button


class WordingChoice(QWidget):
    """``value`` is one of ``GenerateConfig.wording``. Signal: ``edited``."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._buttons: dict[Wording, QRadioButton] = {}
        rows = [
            self._choice("any", self.tr("Best for training; some are worded roughly.")),
            self._choice("careful", self.tr("Fewer, for reading, sharing and testing.")),
        ]
        self.setLayout(column(card(label(field_label("wording"), "section"), *rows)))
        self.set_value(GenerateConfig().wording)
        self._group.buttonToggled.connect(self._on_button_toggled)

    def value(self) -> Wording:
        return next(wording for wording, button in self._buttons.items() if button.isChecked())

    def set_value(self, wording: Wording) -> None:
        self._buttons[wording].setChecked(True)

    def _choice(self, wording: Wording, about: str) -> QWidget:
        chosen, explained = QRadioButton(choice_label(wording, WORDINGS)), label(about, "hint", wrap=True)
        chosen.setObjectName(f"questions.wording-{wording}")
        chosen.setAccessibleDescription(about)
        explained.setIndent(INDENT)
        explained.setBuddy(chosen)
        self._group.addButton(chosen)
        self._buttons[wording] = chosen
        both = QWidget()
        both.setLayout(column(chosen, explained, spacing=0))
        return both

    def _on_button_toggled(self, button: QRadioButton, checked: bool) -> None:
        if checked:
            self.edited.emit()
