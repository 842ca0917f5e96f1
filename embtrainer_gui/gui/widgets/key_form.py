"""Other keys for the review: a field for each command, which takes the next key that is pressed."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from embtrainer_gui.gui import key_choice
from embtrainer_gui.gui.review_keys import KEY_OF, KEYS, Command, native, pressed
from embtrainer_gui.gui.widgets.basics import button, column, label, row, set_property

COLUMNS = 2
FIELD_WIDTH = 112
_ALONE = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)


class KeyField(QPushButton):
    """Shows a key; pressed, it waits for another one. Signal ``chosen(str)`` in Qt's portable notation."""

    chosen = Signal(str)

    def __init__(self, command: Command, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFixedWidth(FIELD_WIDTH)
        self.setObjectName(f"settings.key-{command}")
        self.setAccessibleName(KEY_OF[command].text)
        self.setToolTip(self.tr("Press this, then the new key. Esc leaves it as it is."))
        self._key = ""
        self.toggled.connect(self._show)

    def show_key(self, key: str) -> None:
        self._key = key
        self.setChecked(False)
        self._show()

    def event(self, event: QEvent) -> bool:
        if self.isChecked() and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()  # the window's own keys are told about, not obeyed
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if not self.isChecked():
            super().keyPressEvent(event)
        elif event.key() not in _ALONE:
            self.setChecked(False)
            if event.key() != Qt.Key.Key_Escape:
                self.chosen.emit(key_choice.key_name(pressed(event)))

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.setChecked(False)
        super().focusOutEvent(event)

    def _show(self) -> None:
        self.setText(self.tr("Press a key...") if self.isChecked() else native(self._key))


class KeyForm(QWidget):
    """Signal ``edited`` with ``{command: key}`` of all that differ from the standard ones."""

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: dict[Command, str] = {}
        self._fields: dict[Command, KeyField] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        rows = -(-len(KEYS) // COLUMNS)
        for number, entry in enumerate(KEYS):
            field = self._fields[entry.command] = KeyField(entry.command)
            field.chosen.connect(lambda key, command=entry.command: self._take(command, key))
            place = 2 * (number // rows)
            words = label(entry.text, wrap=True)
            words.setMinimumWidth(1)
            grid.addWidget(words, number % rows, place)
            grid.addWidget(field, number % rows, place + 1)
            grid.setColumnStretch(place, 1)
        self._said = label("", "hint", wrap=True)
        self._said.setObjectName("settings.keys-said")
        self._standard = button(self.tr("Standard keys"), "", "undo", "settings.keys-standard")
        self._standard.clicked.connect(lambda: self._choose({}))
        self.setLayout(column(grid, self._said, row(self._standard, None)))

    def show_keys(self, chosen: Mapping[str, str]) -> None:
        self._chosen = {Command(name): key for name, key in chosen.items() if name in set(Command)}
        for entry in KEYS:
            self._fields[entry.command].show_key(self._chosen.get(entry.command, entry.standard[0]))
        self._standard.setEnabled(bool(self._chosen))
        self._say("")

    def _take(self, command: Command, key: str) -> None:
        others = {other: chosen for other, chosen in self._chosen.items() if other is not command}
        fault = key_choice.why_not(command, key, others)
        if fault:
            self._say(fault)
        elif key == KEY_OF[command].standard[0]:
            self._choose(others)
        else:
            self._choose({**others, command: key})

    def _choose(self, chosen: Mapping[Command, str]) -> None:
        named = {str(command): key for command, key in chosen.items()}
        self.show_keys(named)
        self.edited.emit(named)

    def _say(self, fault: str) -> None:
        set_property(self._said, "role", "error" if fault else "hint")
        rest = self.tr("Each command has one key of your choice; a key that two commands want is refused.")
        self._said.setText(fault or rest)
