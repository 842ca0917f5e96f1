"""What closing the window means while a job runs: ask, stop it or leave it, and close when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from embtrainer_gui.gui.widgets.question import Answer, Question

if TYPE_CHECKING:
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.job_manager import JobManager


class Closing(QObject):
    """Signal ``finished`` when a job that was asked to stop, or was left, is off the window's hands."""

    finished = Signal()

    def __init__(self, window: QWidget, jobs: JobManager) -> None:
        super().__init__(window)
        self._window, self._jobs = window, jobs
        self._decided = self._is_asking = False
        jobs.job_ended.connect(self._on_job_ended)

    def may_close(self) -> bool:
        """Whether the window may close now. Asks where a job runs; ``finished`` comes later if that is answered."""
        job = self._jobs.current
        if self._jobs.can_close() or job is None:
            return True
        if self._decided or self._is_asking:
            return False
        self._is_asking = True
        try:
            answer = self._ask(job)
        finally:
            self._is_asking = False
        if self._jobs.can_close():
            return bool(answer) and answer != "cancel"  # it ended while the question stood there
        if answer in ("stop", "leave"):
            self._decided = True
            (self._jobs.cancel if answer == "stop" else self._jobs.detach)(job)
        return self._jobs.can_close() and self._decided

    def _ask(self, job: Job) -> str:
        can_leave = job.stage == "train"
        text = self.tr("Stopping keeps what was done so far.")
        if can_leave:
            text = self.tr(
                "Training can go on without the window; open the project again to follow it. "
                "Stopping keeps the last checkpoint, and training can go on from there."
            )
        answers = [Answer("cancel", self.tr("Cancel"))]
        if can_leave:
            answers.append(Answer("leave", self.tr("Leave training running"), "primary"))
        answers.append(Answer("stop", self.tr("Stop and close"), "danger"))
        title = self.tr("{title} is still running").format(title=job.title)
        return Question(self._window, title, text, tuple(answers)).ask()

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if self._decided:
            self.finished.emit()
