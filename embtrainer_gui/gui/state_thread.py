"""Reads the states of a large project beside the GUI thread, on a connection of its own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.store.reader import ProjectReader
from embtrainer_gui.core.workflow import Step, StepReport, steps
from embtrainer_gui.gui.overview import Overview, overview

States = tuple[dict[Step, StepReport], Overview]


class StateThread(QThread):
    """Signal ``states_read`` with the folder and its ``States``; nothing where the folder cannot be read."""

    states_read = Signal(object, object)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder

    def run(self) -> None:
        try:
            with ProjectReader(self._folder) as project:
                found: States = (steps(project), overview(project))
        except AppError:
            return  # the window looks after a folder that went away
        self.states_read.emit(self._folder, found)
