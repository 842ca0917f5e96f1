"""Papers: bring them in, see what was read of them, take some out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout

from embtrainer_gui.core.messages import Event, ItemsChanged
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.document_list import DocumentRow
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import format as words
from embtrainer_gui.gui.feedback import Action
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.paper_import import PaperImport
from embtrainer_gui.gui.widgets.drop_zone import DropZone, dropped_paths
from embtrainer_gui.gui.widgets.import_strip import ImportStrip
from embtrainer_gui.gui.widgets.paper_list import PaperList
from embtrainer_gui.gui.widgets.paper_view import PaperView
from embtrainer_gui.gui.widgets.password_dialog import PasswordDialog

KEPT = "papers"
REFRESH_MS = 700  # while an import runs: the table is read again at most so often
SHARES = (55, 45)
IMPORTS = ("import", "pairs-import", "sample", "run")


class PapersPage(Page):
    step = Step.PAPERS
    title = "Papers"
    subtitle = "Add the papers whose search you want to improve."
    icon = "papers"

    def enter(self) -> None:
        self._reload()
        sizes = self.session.kept(KEPT).get("sizes")
        if sizes and all(sizes):
            self._splitter.setSizes(sizes)
        if self.jobs.current is not None:
            self._on_jobs_started(self.jobs.current)

    def leave(self) -> None:
        if self.session.is_open and self._splitter.isVisible():
            self.session.keep(KEPT, sizes=self._splitter.sizes())

    def _build(self) -> None:
        self.setObjectName("papers")
        self.setAcceptDrops(True)
        self._import = PaperImport(self.session, self.jobs, self.feedback, self)
        self._drop = DropZone()
        self._strip = ImportStrip()
        self._strip.setVisible(False)
        self._list = PaperList()
        self._view = PaperView(self.jobs)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self._list)
        self._splitter.addWidget(self._view)
        for place, share in enumerate(SHARES):
            self._splitter.setStretchFactor(place, share)
        self._splitter.setSizes([share * 10 for share in SHARES])
        self._splitter.setHandleWidth(16)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(REFRESH_MS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(self._drop)
        layout.addWidget(self._strip)
        layout.addWidget(self._splitter, 1)

    def _connect(self) -> None:
        self._drop.files_wanted.connect(self._on_drop_files_wanted)
        self._drop.folder_wanted.connect(self._on_drop_folder_wanted)
        self._strip.stop_wanted.connect(self._on_strip_stop_wanted)
        self._list.shown.connect(self._on_list_shown)
        self._list.retried.connect(self._import.retry)
        self._list.removed.connect(self._on_list_removed)
        self._import.password_wanted.connect(self._on_import_password_wanted)
        self._import.file_wanted.connect(self._on_import_file_wanted)
        self._again.timeout.connect(self._reload)
        self.jobs.job_started.connect(self._on_jobs_started)
        self.jobs.job_event.connect(self._on_jobs_event)
        self.jobs.job_ended.connect(self._on_jobs_ended)
        self.session.table_changed.connect(self._on_session_table_changed)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            self._drop.set_inviting(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop.set_inviting(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop.set_inviting(False)
        event.acceptProposedAction()
        self._import.add(dropped_paths(event.mimeData()))

    def _reload(self) -> None:
        if not self.session.is_open:
            return
        project = self.session.project
        self._list.show_project(project)
        files = self._list.model.files()
        self._drop.set_slim(bool(files))
        self._splitter.setVisible(bool(files))
        papers, passages = project.documents.count(), project.passages.count_in_use()
        text = self.tr("{papers} papers, {passages} passages")
        self._drop.set_summary(text.format(papers=words.count(papers), passages=words.count(passages)))

    def _on_list_shown(self, shown: DocumentRow | None) -> None:
        if shown is None:
            self._view.show_nothing(self.tr("Choose a paper to see its pages and passages."))
        else:
            self._view.show_paper(self.session.project, shown)

    def _on_list_removed(self, rows: list[DocumentRow]) -> None:
        sources = sorted({row.source for row in rows})
        self.session.project.documents.remove(sources, utc_now())
        self._tell_change()
        if len(sources) == 1:
            text = self.tr("{name} was removed.").format(name=rows[0].file_name)
        else:
            text = self.tr("{count} files were removed.").format(count=words.count(len(sources)))
        project = self.session.project

        def undo() -> None:
            if self.session.is_open and self.session.project is project:
                project.documents.put_back(sources)
                self._tell_change()

        self.feedback.say(text, action=Action(self.tr("Undo"), undo))

    def _tell_change(self) -> None:
        for table in ("documents", "pairs"):
            self.session.table_changed.emit(table)

    def _on_session_table_changed(self, table: str) -> None:
        if table == "documents":
            self._reload()

    def _on_drop_files_wanted(self) -> None:
        chosen = self._choose_files(self.tr("Add papers"))
        if chosen:
            self._import.add(chosen)

    def _on_drop_folder_wanted(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Add a folder of papers"))
        if folder:
            self._import.add([Path(folder)])

    def _on_import_file_wanted(self, name: str) -> None:
        chosen = self._choose_files(self.tr("Where is {name}?").format(name=name))
        if chosen:
            self._import.add(chosen)

    def _choose_files(self, title: str) -> list[Path]:
        kinds = self.tr("Papers and questions (*.pdf *.txt *.xml *.tei *.jsonl *.json *.csv);;All files (*)")
        names, _ = QFileDialog.getOpenFileNames(self, title, "", kinds)
        return [Path(name) for name in names]

    def _on_import_password_wanted(self, name: str, wrong: bool) -> None:
        dialog = PasswordDialog(name, wrong=wrong, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.entered.connect(self._import.give_password)
        dialog.skipped.connect(self._import.skip_password)
        dialog.open()

    def _on_strip_stop_wanted(self) -> None:
        if self.jobs.current is not None:
            self.jobs.cancel(self.jobs.current)

    def _on_jobs_started(self, job: Job) -> None:
        if job.stage in IMPORTS:
            self._strip.setVisible(job.stage in IMPORTS[:2])
            self._strip.show_job(job)

    def _on_jobs_event(self, job: Job, event: Event) -> None:
        if job.stage not in IMPORTS:
            return
        self._strip.show_job(job)
        if isinstance(event, ItemsChanged) and event.table == "documents" and not self._again.isActive():
            self._again.start()

    def _on_jobs_ended(self, job: Job) -> None:
        if job.stage in IMPORTS:
            self._again.stop()
            self._strip.setVisible(False)
