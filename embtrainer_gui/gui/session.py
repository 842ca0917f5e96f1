"""What is open in the window: the project, the user's settings, and who is to be told when they change."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.settings import Settings, load_settings, save_settings
from embtrainer_gui.core.store import Project, create_project, open_project
from embtrainer_gui.core.workflow import Step, StepReport, steps

KEPT_STATE = "window"  # in the project: filters and positions of the pages
MOST_RECENT = 12


class Session(QObject):
    """Owns the open project and its lock. Only the GUI thread uses it.

    Signals: ``project_changed`` when another project (or none) is open; ``table_changed`` with ``"documents"``,
    ``"pairs"``, ``"doubts"``, ``"runs"``, ``"evaluations"`` or ``"test_sets"`` when rows of the open one changed, by a
    job or by hand; ``settings_changed`` when the user's settings are others, stored or not.
    """

    project_changed = Signal()
    table_changed = Signal(str)
    settings_changed = Signal()

    def __init__(self, parent: QObject | None = None, settings: Settings | None = None) -> None:
        super().__init__(parent)
        self.settings = settings if settings is not None else load_settings()
        self._project: Project | None = None
        self._held = ExitStack()

    @property
    def project(self) -> Project:
        """The open project. Pages are only shown while there is one."""
        if self._project is None:
            raise RuntimeError("no project is open")
        return self._project

    @property
    def is_open(self) -> bool:
        return self._project is not None

    def open(self, folder: Path) -> None:
        """Open another project instead of the current one.

        Raises:
            UserError, EnvironmentProblem: it cannot be opened; the current one stays open.
        """
        if not self._is_this(folder):
            self._take(open_project(folder))

    def create(self, folder: Path) -> None:
        """Make a project in an empty or missing folder, and open it.

        Raises:
            UserError, EnvironmentProblem: it cannot be made; the current one stays open.
        """
        if not self._is_this(folder):
            self._take(create_project(folder))

    def _is_this(self, folder: Path) -> bool:
        """Opening it again would take the locks of the first connection with it when the second closes (POSIX)."""
        return self._project is not None and folder.resolve() == self._project.folder.resolve()

    def _take(self, project: Project) -> None:
        held = ExitStack()
        held.callback(project.close)
        try:
            if not project.read_only:
                held.enter_context(project.lock())
        except BaseException:
            held.close()
            raise
        self._held.close()
        self._held, self._project = held, project
        folder = str(project.folder.resolve())
        others = tuple(path for path in self.settings.recent if path != folder)
        self.remember(recent=(folder, *others)[:MOST_RECENT])
        self.project_changed.emit()

    def close(self) -> None:
        if self._project is not None and not self._project.read_only:
            with suppress(AppError, OSError):  # the folder may be gone; what is deleted stays in the bin then
                self._project.runs.purge()
        self._held.close()
        self._project = None
        self.project_changed.emit()

    def steps(self) -> dict[Step, StepReport]:
        """The state of each step of the open project."""
        return steps(self.project)

    def change_settings(self, **changes: Any) -> None:
        """What the user chose.

        Raises:
            EnvironmentProblem: it holds for this window, but cannot be stored.
        """
        self.settings = self.settings.model_copy(update=changes)
        try:
            save_settings(self.settings)
        finally:
            self.settings_changed.emit()

    def remember(self, **changes: Any) -> None:
        """What the program notes by itself: where the settings cannot be written it is forgotten with this window,
        which is no reason to keep a project or the window from opening or closing."""
        with suppress(AppError):
            self.change_settings(**changes)

    def kept(self, page: str) -> dict[str, Any]:
        """What ``keep`` stored for a page of this project: filters, the place in a list, splitter sizes."""
        return dict(self.project.meta.get(KEPT_STATE, {}).get(page, {}))

    def keep(self, page: str, **values: Any) -> None:
        """Does not wait for the disk, which can take 80 ms: the window calls it at every change of the page."""
        if self.project.read_only:
            return
        everything = self.project.meta.get(KEPT_STATE, {})
        before = everything.get(page, {})
        if {**before, **values} != before:
            self.project.meta.set(KEPT_STATE, {**everything, page: {**before, **values}}, quick=True)
