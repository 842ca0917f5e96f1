"""The window: the wizard, the job panel and the status line; keys, drops, and how it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, QSize, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import key_choice, theme
from embtrainer_gui.gui.closing import Closing
from embtrainer_gui.gui.feedback import Action, Feedback, Tone
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.notice import Notice
from embtrainer_gui.gui.overview import note_of
from embtrainer_gui.gui.project_door import ProjectDoor, holds_project
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.basics import column
from embtrainer_gui.gui.widgets.job_panel import JobPanel
from embtrainer_gui.gui.widgets.status_line import StatusLine
from embtrainer_gui.gui.widgets.toast import Toast
from embtrainer_gui.gui.wizard import PAGES, PageSource, Place, Wizard

FIRST_SIZE = (1280, 800)
SMALLEST = (960, 600)
LOOK_AFTER_FOLDER_MS = 2000
WHOLE_JOBS = ("sample", "run")


class MainWindow(QMainWindow):
    """Signal ``closed`` when it has closed for good: nothing runs any more."""

    closed = Signal()

    def __init__(
        self,
        session: Session,
        jobs: JobManager,
        feedback: Feedback,
        pages: Mapping[Step | Place, PageSource] = PAGES,
    ) -> None:
        super().__init__()
        self._session, self._jobs, self._feedback = session, jobs, feedback
        self._folder_is_gone = self.has_closed = False
        key_choice.follow(session)
        self._show_title()
        self.setWindowIcon(theme.icon("search", "accent", 64))
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST)
        self.door = ProjectDoor(session, jobs, feedback, self)
        self.wizard = Wizard(session, jobs, feedback, pages)
        self.job_panel, self.status_line = JobPanel(jobs), StatusLine(session)
        central = QWidget()
        self.wizard.moved.connect(self.job_panel.on_page_changed)
        layout = column(self.wizard, self.job_panel, self.status_line, spacing=0)
        layout.setStretch(0, 1)
        central.setLayout(layout)
        self.setCentralWidget(central)
        self.toast = Toast(feedback, self.wizard)
        self._notice, self._closing = Notice(self, jobs), Closing(self, jobs)
        self._connect()
        self._add_keys()
        self._restore_place()

    def _connect(self) -> None:
        self.door.leaving.connect(self._on_leaving)
        self.wizard.sidebar.project_menu_wanted.connect(self._on_project_menu_wanted)
        self._session.project_changed.connect(self._on_project_changed)
        self._jobs.job_ended.connect(self._on_job_ended)
        self._feedback.bug.connect(self._on_bug)
        self._closing.finished.connect(self.close)
        self._watch = QTimer(self, interval=LOOK_AFTER_FOLDER_MS)
        self._watch.timeout.connect(self.look_after_folder)
        self._watch.start()

    def _add_keys(self) -> None:
        keys = {
            "Alt+Left": self.wizard.go_back,
            "Alt+Right": self.wizard.go_next,
            "Ctrl+O": self.door.ask_for_project,
            "Ctrl+N": self.door.ask_for_new,
            "F1": self.wizard.show_help,
            "Ctrl+,": lambda: self.wizard.go(Place.SETTINGS),
            "Ctrl+Q": self.close,
        }
        for key, run in keys.items():
            QShortcut(QKeySequence(key), self).activated.connect(run)
        for number, step in enumerate(Step, 1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.activated.connect(lambda step=step: self.wizard.go(step))

    def start(self, folder: Path | None = None) -> None:
        """Show the first page: of the project that the command line named, or the welcome page, which also says
        why a project cannot be opened."""
        if folder is None or not self.door.open(folder):
            banner = self.wizard.message
            self.wizard.start()
            self._show_title()
            if banner is not None:
                self._feedback.banner.emit(banner)

    # Projects

    @Slot()
    def _on_project_menu_wanted(self) -> None:
        menu, project = self.project_menu(), self.wizard.sidebar.project
        menu.popup(project.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def project_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(theme.icon("folder"), self.tr("Open another project..."), self.door.ask_for_project)
        menu.addAction(theme.icon("add"), self.tr("New project..."), self.door.ask_for_new)
        if self._session.is_open:
            menu.addAction(
                theme.icon("settings"), self.tr("Backups, archive, name..."), lambda: self.wizard.go(Place.PROJECT)
            )
            menu.addAction(theme.icon("link"), self.tr("Show its folder"), self._show_folder)
            menu.addSeparator()
            menu.addAction(theme.icon("close"), self.tr("Close the project"), self.door.close)
        return menu

    @Slot()
    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._session.project.folder)))

    @Slot()
    def _on_open_wanted(self) -> None:
        self.door.ask_for_project()

    @Slot()
    def _on_leaving(self) -> None:
        self.wizard.leave()
        self._note_project()

    @Slot()
    def _on_project_changed(self) -> None:
        self._folder_is_gone = False
        self._show_title()
        self._note_project()

    def _show_title(self) -> None:
        name = self._session.project.folder.resolve().name if self._session.is_open else ""
        if self._session.is_open and self._session.project.read_only:
            name = self.tr("{project} (read only)").format(project=name)
        self.setWindowTitle(f"{name} – {self.tr('Embedding Trainer')}" if name else self.tr("Embedding Trainer"))

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        self._note_project()
        if job.stage in WHOLE_JOBS and job.ended_well:
            self._feedback.show(
                self.tr("The whole job is done: the model is trained and compared."),
                tone=Tone.GOOD,
                action=Action(self.tr("See whether it is better"), lambda: self.wizard.go(Step.COMPARE)),
            )

    def _note_project(self) -> None:
        """Keep what the list of recent projects shows of the open one."""
        if not self._session.is_open:
            return
        try:
            note = note_of(self._session.project)
        except AppError:
            return  # the folder is away
        settings = self._session.settings
        notes = {**settings.notes, str(self._session.project.folder.resolve()): note}
        self._session.remember(notes={path: notes[path] for path in settings.recent if path in notes})

    @Slot()
    def look_after_folder(self) -> None:
        """Say it when the open project's folder goes away under the window, and when it is back."""
        if not self._session.is_open or self._jobs.current is not None:
            return
        folder = self._session.project.folder
        gone = not holds_project(folder)
        if gone == self._folder_is_gone:
            return
        self._folder_is_gone = gone
        if not gone:
            self._feedback.clear()
            return
        self._feedback.show(
            self.tr("The folder of this project is gone: {path}").format(path=folder),
            self.tr("Put it back where it was, or open another project. What you change meanwhile cannot be stored."),
            tone=Tone.BAD,
            action=Action(self.tr("Open another project..."), self._on_open_wanted),
        )

    # Files dropped anywhere

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if event.mimeData().hasUrls() and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        QTimer.singleShot(0, self, lambda: self.take_files(paths))  # the program they come from must not wait

    def take_files(self, paths: list[Path]) -> None:
        """Open a dropped project; everything else goes to the papers, whatever page is shown."""
        if len(paths) == 1 and (holds_project(paths[0]) or paths[0].name == "project.db"):
            self.door.open(paths[0])
            return
        if not self._session.is_open and not self.door.ask_for_new():
            return
        if self._session.project.read_only:
            self._feedback.show(
                self.tr("You may only read this project, so nothing can be added to it."), tone=Tone.WARN
            )
            return
        self.wizard.go(Step.PAPERS)
        add_files = getattr(self.wizard.built(Step.PAPERS), "add_files")  # noqa: B009 - not every Page has it
        add_files(paths)

    # Faults

    @Slot(str)
    def _on_bug(self, trace: str) -> None:
        from embtrainer_gui.gui.widgets.report_dialog import ReportDialog

        dialog = self.findChild(ReportDialog) or ReportDialog(self)
        dialog.add(trace)

    # Its place on the screen, and closing

    def _restore_place(self) -> None:
        self.resize(self._first_size())
        packed = QByteArray.fromBase64(self._session.settings.window.encode())
        if not packed.isEmpty():
            self.restoreGeometry(packed)
        screens = QGuiApplication.screens()
        if screens and not any(screen.availableGeometry().intersects(self.frameGeometry()) for screen in screens):
            self.resize(self._first_size())
            self.move(screens[0].availableGeometry().topLeft())

    def _first_size(self) -> QSize:
        screen = QGuiApplication.primaryScreen()
        wanted = QSize(*FIRST_SIZE)
        return wanted.boundedTo(screen.availableSize()) if screen else wanted

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        if not self._closing.may_close():
            event.ignore()
            return
        self._end()
        event.accept()

    @Slot()
    def end_at_once(self) -> None:
        """The system or Ctrl-C in the terminal wants the program to end: without a question."""
        if not self.has_closed:
            self._end()

    def _end(self) -> None:
        """Keep everything and end what runs; the window is of no use afterwards."""
        self._watch.stop()
        self.wizard.states.stop()
        self._on_leaving()
        self._session.remember(window=self.saveGeometry().toBase64().toStdString())
        self._jobs.shut_down()
        self._session.blockSignals(True)  # the pages go with the window, not with the project
        self._session.close()
        self.has_closed = True
        self.closed.emit()
