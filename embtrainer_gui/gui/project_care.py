"""Work on a project as a whole, for which the window has to let go of it: restore, move, taking in an archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from embtrainer_gui.gui.project_door import ProjectDoor

if TYPE_CHECKING:
    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.session import Session


class ProjectCare(QObject):
    """Closes the project, lets a job work on its folder, and opens it again wherever it is then."""

    def __init__(self, session: Session, jobs: JobManager, feedback: Feedback, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._jobs, self._feedback = session, jobs, feedback
        self._door = ProjectDoor(session, jobs, feedback, window)
        self._stage = ""  # of the job that is under way
        self._then, self._otherwise = Path(), Path()
        jobs.job_ended.connect(self._on_job_ended)

    def restore(self, backup: str) -> None:
        """Put the backup of that file name in the project's place."""
        folder = self._session.project.folder
        self._away("restore", folder, folder, backup=backup)

    def move(self, target: Path) -> None:
        """Give the project another name or place."""
        folder = self._session.project.folder.resolve()
        self._away("move", target, folder, target=target)

    def take_in(self, file: Path, folder: Path) -> None:
        """Unpack an archive into the new ``folder``, and open that. No project is open."""
        self._begin("unarchive", folder, Path(), file=file, folder=folder)

    def _away(self, stage: str, then: Path, otherwise: Path, **options: object) -> None:
        if self._door.close():
            self._begin(stage, then, otherwise, folder=otherwise, **options)

    def _begin(self, stage: str, then: Path, otherwise: Path, **options: object) -> None:
        self._stage, self._then, self._otherwise = stage, then, otherwise
        if self._jobs.start(stage, {}, **options) is None:
            self._stage = ""

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if job.stage != self._stage:
            return
        self._stage = ""
        folder = self._then if job.ended_well else self._otherwise
        if folder == Path() or not self._door.open(folder) or not job.ended_well:
            return
        if job.stage == "restore":
            self._door.say_restored(job)
        elif job.stage == "move":
            recent = self._session.settings.recent
            self._session.change_settings(recent=tuple(path for path in recent if path != str(self._otherwise)))
            self._feedback.say(self.tr("The project is in {path} now.").format(path=folder))
        else:
            self._feedback.say(self.tr("The archive was checked and is a project now."))
