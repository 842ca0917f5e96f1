"""Prints the key of a command on a widget, and again when the user chooses another key."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from embtrainer_gui.gui.review_keys import KEY_OF, Command, changes


class KeyLabel(QObject):
    """Lives as long as ``widget``; ``write`` gets the key as it is written on this system."""

    def __init__(self, widget: QWidget, command: Command, write: Callable[[str], object]) -> None:
        super().__init__(widget)
        self._command, self._write = command, write
        changes().changed.connect(self.print_key)
        self.print_key()

    @Slot()
    def print_key(self) -> None:
        self._write(KEY_OF[self._command].printed)


def label_key(target: QPushButton, command: Command, words: str = "") -> None:
    """Let a button show its key behind its words, which are those of the command unless others are given."""
    words = words or KEY_OF[command].text
    target.setAccessibleName(words)
    KeyLabel(target, command, lambda key: target.setText(f"{words}  {key}"))
