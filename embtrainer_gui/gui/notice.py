"""Tells the user that a job has ended when the window is not in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from embtrainer_gui.gui import theme

if TYPE_CHECKING:
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.job_manager import JobManager

SHOWN_MS = 10_000
WORTH_SECONDS = 5.0  # a shorter job ends before anybody has turned away


class Notice(QObject):
    def __init__(self, window: QWidget, jobs: JobManager) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        self.last = ""
        jobs.job_ended.connect(self._on_job_ended)

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if self._window.isActiveWindow() or job.seconds < WORTH_SECONDS or job.detached:
            return
        if job.ended_well:
            outcome = self.tr("Done")
        elif job.cancelled:
            outcome = self.tr("Stopped")
        else:
            outcome = job.failure.message if job.failure else self.tr("Failed")
        self.last = f"{job.title}: {outcome}"
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._show_in_tray(job.title, outcome)

    def _show_in_tray(self, title: str, outcome: str) -> None:
        if self._tray is None:
            self._tray = QSystemTrayIcon(theme.icon("search", "accent", 32), self)
            self._tray.messageClicked.connect(self._window.activateWindow)
        self._tray.show()
        self._tray.showMessage(title, outcome, QSystemTrayIcon.MessageIcon.NoIcon, SHOWN_MS)
