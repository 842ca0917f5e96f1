"""What Undo and Redo would do to the answers about doubtful passages."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from embtrainer_gui.core.store.doubts import Turned
from embtrainer_gui.gui.doubt_words import turned_short
from embtrainer_gui.gui.review_keys import KEY_OF, Command
from embtrainer_gui.gui.widgets.basics import button, row
from embtrainer_gui.gui.widgets.key_label import KeyLabel


class DoubtTurns(QWidget):
    """Signal: ``command_given(Command)``."""

    command_given = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # long words never widen the page
        self._undo = self._button("undo", Command.UNDO)
        self._redo = self._button("redo", Command.REDO)
        self.setLayout(row(self._undo, self._redo, None, spacing=0))
        self.show_turns(None, None)

    def show_turns(self, undo: Turned | None, redo: Turned | None) -> None:
        """The answer that would be taken back, and the one that would be given again."""
        self._undo.setEnabled(undo is not None)
        self._undo.setText(self.tr("Undo: {what}").format(what=turned_short(undo)) if undo else self.tr("Undo"))
        self._redo.setVisible(redo is not None)
        if redo:
            self._redo.setText(self.tr("Redo: {what}").format(what=turned_short(redo)))

    def _button(self, icon: str, command: Command) -> QPushButton:
        made = button("", "link", icon, f"doubts.{command}")
        words = KEY_OF[command].text
        KeyLabel(made, command, lambda key: made.setToolTip(f"{words} ({key})"))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(lambda: self.command_given.emit(command))
        return made
