"""Edits a prompt: the text, and below it the names that it may use, each to put in at the cursor."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QPushButton, QWidget

from embtrainer_gui.core.prompt_template import VARIABLES, faults_of
from embtrainer_gui.core.question_prompt import shipped_template
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import button, column, label


class TemplateEditor(QWidget):
    """``value`` is the template, "" for the shipped one as it stands. Signal: ``edited``."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QPlainTextEdit()
        self._text.setObjectName("prompt.template")
        self._text.setAccessibleName(self.tr("The prompt"))
        self._text.setTabChangesFocus(True)
        self._text.setFont(mono_font())
        self._error = label("", "error", wrap=True)
        self._error.setObjectName("prompt.error")
        names = label(
            self.tr("Names that stand for something of each passage; click to put one in:"), "hint", wrap=True
        )
        layout = column(self._text, self._error, names, self._names())
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self._text.textChanged.connect(self._on_text_changed)
        self._show_faults()

    def value(self) -> str:
        text = self._text.toPlainText().strip()
        return "" if text == shipped_template() else text

    def set_value(self, template: str) -> None:
        self._text.setPlainText(template.strip() or shipped_template())

    def is_usable(self) -> bool:
        return bool(self._text.toPlainText().strip()) and faults_of(self._text.toPlainText()).is_usable

    def _names(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        for line, (name, meaning) in enumerate(VARIABLES.items()):
            told = QCoreApplication.translate("core", meaning)
            grid.addWidget(self._name_button(name, told), line, 0)
            grid.addWidget(label(told, "hint"), line, 1)
        return grid

    def _name_button(self, name: str, told: str) -> QPushButton:
        made = button(f"{{{name}}}", "name", name=f"prompt.name-{name}")
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setToolTip(self.tr("Put it in at the cursor"))
        made.setAccessibleDescription(told)
        made.clicked.connect(lambda: self._put_in(f"{{{name}}}"))
        return made

    def _put_in(self, text: str) -> None:
        self._text.insertPlainText(text)
        self._text.setFocus()

    def _on_text_changed(self) -> None:
        self._show_faults()
        self.edited.emit()

    def _show_faults(self) -> None:
        """An error stops the saving; names that are not used are only told."""
        text = self._text.toPlainText()
        faults = faults_of(text)
        told = ""
        if not text.strip():
            told = self.tr("Write what the server is to do, or take the shipped prompt again.")
        elif faults.unknown:
            told = self.tr("Nothing stands for {names}: take out the braces, or use a name of the list.")
            told = told.format(names=_braced(faults.unknown))
        elif faults.missing:
            told = self.tr("{names} is missing: the server would be asked about nothing.")
            told = told.format(names=_braced(faults.missing))
        self._error.setProperty("role", "error")
        if not told and faults.unused:
            told = self.tr("Not used, and so without effect: {names}.").format(names=_braced(faults.unused))
            self._error.setProperty("role", "hint")
        self._error.setText(told)
        self._error.setVisible(bool(told))


def mono_font() -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(theme.size("small"))
    return font


def _braced(names: tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
