"""How a project is opened, made and left: from the welcome page, the menu, a key, a dropped folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from embtrainer_gui.core.errors import AppError, DamagedProject
from embtrainer_gui.core.settings import default_projects_folder
from embtrainer_gui.core.store.project import DATABASE
from embtrainer_gui.gui.feedback import Action, Tone

if TYPE_CHECKING:
    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.session import Session


class ProjectDoor(QObject):
    """``leaving`` comes before another project is taken, so that what was typed in the current one is kept."""

    leaving = Signal()

    def __init__(self, session: Session, jobs: JobManager, feedback: Feedback, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._jobs, self._feedback, self._window = session, jobs, feedback, window
        self._damaged: Path | None = None  # to be opened once a backup is in its place
        jobs.job_ended.connect(self._on_job_ended)

    def ask_for_project(self) -> bool:
        """Let the user choose a project's folder and open it."""
        if not self._may_leave():
            return False
        start = default_projects_folder(self._session.settings)
        chosen = QFileDialog.getExistingDirectory(self._window, self.tr("Open a project"), str(_existing(start)))
        return bool(chosen) and self.open(Path(chosen))

    def ask_for_new(self) -> bool:
        """Let the user name a new project and make it."""
        if not self._may_leave():
            return False
        usual = default_projects_folder(self._session.settings)
        start = unused(usual if _may_write(usual) else Path.home(), self.tr("New project"))
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Name the new project"), str(_existing(start.parent) / start.name), "",
            options=QFileDialog.Option.DontConfirmOverwrite,
        )  # fmt: skip
        return bool(chosen) and self.create(Path(chosen))

    def open(self, folder: Path) -> bool:
        """Open ``folder``, or the folder of a project's file; a banner says why it cannot be."""
        folder = folder.parent if folder.name == DATABASE else folder
        if not self._may_leave():
            return False
        try:
            self._session.open(folder)
        except DamagedProject as problem:
            put_back = Action(self.tr("Put the newest backup back"), partial(self._put_back, folder))
            self._feedback.problem(problem, cure=put_back)
            return False
        except AppError as problem:
            self._feedback.problem(problem, retry=partial(self._again, self.open, folder))
            return False
        self._after_opening()
        return True

    def say_restored(self, job: Job) -> None:
        before = str((job.summary or {}).get("before", ""))
        text = self.tr("The backup is in place. What was there before is a backup too: {name}")
        self._feedback.say(text.format(name=before) if before else self.tr("The backup is in place."))

    def _put_back(self, folder: Path) -> None:
        self._damaged = folder
        if self._jobs.start("restore", {}, folder=folder) is None:
            self._damaged = None

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        folder = self._damaged
        if folder is None or job.stage != "restore":
            return
        self._damaged = None
        if job.ended_well and self.open(folder):
            self.say_restored(job)

    def create(self, folder: Path) -> bool:
        if not self._may_leave():
            return False
        try:
            self._session.create(folder)
        except AppError as problem:
            self._feedback.problem(problem, retry=partial(self._again, self.create, folder))
            return False
        self._after_opening()
        return True

    def try_sample(self) -> bool:
        """The whole job on the bundled papers, in a new project of the default folder."""
        name = self.tr("Sample {day}").format(day=f"{datetime.now():%Y-%m-%d}")
        parent = default_projects_folder(self._session.settings)
        if not _may_write(parent):
            chosen = self._other_folder(parent)
            if chosen is None:
                return False
            parent = chosen
        return self.create(unused(parent, name)) and self._jobs.start("sample", {}) is not None

    def _other_folder(self, usual: Path) -> Path | None:
        """Where new projects go from now on, since ``usual`` may not be written; None where nothing was chosen."""
        title = self.tr("{folder} may not be written. Where shall new projects go?").format(folder=usual)
        chosen = QFileDialog.getExistingDirectory(self._window, title, str(Path.home()))
        if not chosen:
            return None
        self._session.remember(projects_folder=chosen)
        return Path(chosen)

    def close(self) -> bool:
        if not self._may_leave():
            return False
        self._session.close()
        return True

    def _again(self, enter: Callable[[Path], bool], folder: Path) -> None:
        enter(folder)

    def _may_leave(self) -> bool:
        if not self._jobs.can_close():
            job = self._jobs.current
            self._feedback.show(
                self.tr("{title} is still running in this project.").format(title=job.title if job else ""),
                self.tr("Wait until it has ended, or stop it in the job panel; then open another project."),
                tone=Tone.WARN,
            )
            return False
        if self._session.is_open:
            self.leaving.emit()
        return True

    def _after_opening(self) -> None:
        self._feedback.clear()
        self._jobs.reattach()
        if self._session.project.read_only:
            self._feedback.show(
                self.tr("You may only read this project."),
                self.tr(
                    "Look and search as you like; decisions and filters are not kept. To change it, copy its folder "
                    "to a place of your own."
                ),
                tone=Tone.INFO,
            )


def holds_project(folder: Path) -> bool:
    return (folder / DATABASE).is_file()


def _existing(folder: Path) -> Path:
    """The nearest folder above that exists, where a dialog can start."""
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder


def _may_write(folder: Path) -> bool:
    return os.access(_existing(folder), os.W_OK)


def unused(parent: Path, name: str) -> Path:
    number = 1
    while os.path.lexists(parent / (name if number == 1 else f"{name} {number}")):
        number += 1
    return parent / (name if number == 1 else f"{name} {number}")
