"""The thread that drains one child and hands its events to the GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from embtrainer_gui.core.failure import failure_of
from embtrainer_gui.core.job_child import JobChild


class JobThread(QThread):
    """Makes no QObject and touches no widget. A subclass, because with ``moveToThread`` workers a lambda would run
    on the worker's thread and a queued stop would never arrive. Keep it until ``finished``."""

    event_received = Signal(object)  # Event; the last one is Finished, Failed or Stopped

    def __init__(self, child: JobChild, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.child = child

    def run(self) -> None:
        try:
            for event in self.child.events():
                self.event_received.emit(event)
        except Exception as bug:  # noqa: BLE001 - nothing above this would say that the job has ended
            self.event_received.emit(failure_of(bug, Path(self.child.spec.project)))
