"""Papers: bring them in, see what was read of them, take some out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.messages import Event, ItemsChanged
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.document_list import DocumentRow
from embtrainer_gui.core.store.project import DATABASE
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import format as words
from embtrainer_gui.gui.feedback import Action, Tone
from embtrainer_gui.gui.import_settings import import_config, keep_import_config
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.paper_import import PaperImport
from embtrainer_gui.gui.question_import import QuestionImport
from embtrainer_gui.gui.widgets.drop_zone import DropZone, dropped_paths
from embtrainer_gui.gui.widgets.import_dialog import ImportDialog
from embtrainer_gui.gui.widgets.paper_list import PaperList
from embtrainer_gui.gui.widgets.paper_view import PaperView
from embtrainer_gui.gui.widgets.password_dialog import PasswordDialog
from embtrainer_gui.gui.widgets.zotero_dialog import ZoteroDialog

KEPT = "papers"
REFRESH_MS = 700  # while an import runs: the table is read again at most so often
SHARES = (55, 45)


class PapersPage(Page):
    step = Step.PAPERS
    title = mark("Papers")
    subtitle = mark("Add the papers whose search you want to improve.")
    icon = "papers"

    def enter(self) -> None:
        self._reload()
        sizes = self.session.kept(KEPT).get("sizes")
        if sizes and all(sizes):
            self._splitter.setSizes(sizes)

    def leave(self) -> None:
        if self.session.is_open and self._splitter.isVisible():
            self.session.keep(KEPT, sizes=self._splitter.sizes())

    def _build(self) -> None:
        self.setObjectName("papers")
        self.setAcceptDrops(True)
        self._import = PaperImport(self.session, self.jobs, self.feedback, self)
        self._questions = QuestionImport(self.session, self.jobs, self.feedback, self)
        self._drop = DropZone()
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
        layout.addWidget(self._splitter, 1)

    def _connect(self) -> None:
        self._drop.files_wanted.connect(self._on_drop_files_wanted)
        self._drop.folder_wanted.connect(self._on_drop_folder_wanted)
        self._drop.zotero_wanted.connect(self._on_drop_zotero_wanted)
        self._drop.settings_wanted.connect(self._on_drop_settings_wanted)
        self._list.shown.connect(self._on_list_shown)
        self._list.retried.connect(self._import.retry)
        self._list.reread.connect(self._import.read_again)
        self._list.removed.connect(self._on_list_removed)
        self._import.password_wanted.connect(self._on_import_password_wanted)
        self._import.file_wanted.connect(self._on_import_file_wanted)
        self._import.questions_wanted.connect(self._questions.open)
        self._questions.ended.connect(self._import.offer_next)
        self._again.timeout.connect(self._reload)
        self.jobs.job_event.connect(self._on_jobs_event)
        self.jobs.job_ended.connect(self._on_jobs_ended)
        self.session.table_changed.connect(self._on_session_table_changed)

    def add_files(self, paths: list[Path]) -> None:
        """Import what was dropped on the window or chosen."""
        if self.session.project.read_only:
            self._tell_read_only()
        elif paths:
            self._import.add(paths)

    def _tell_read_only(self) -> None:
        self.feedback.show(self.tr("You may only read this project, so nothing can be added to it."), tone=Tone.WARN)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        paths = dropped_paths(event.mimeData())
        if not paths or (len(paths) == 1 and (paths[0] / DATABASE).exists()):
            event.ignore()  # a project is for the window
            return
        self._drop.set_inviting(True)
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        self._drop.set_inviting(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        self._drop.set_inviting(False)
        event.acceptProposedAction()
        self.add_files(dropped_paths(event.mimeData()))

    def _reload(self) -> None:
        if not self.session.is_open:
            return
        project = self.session.project
        self._list.show_project(project)
        files = self._list.model.files()
        self._drop.set_slim(bool(files))
        self._splitter.setVisible(bool(files))
        papers, passages = project.documents.count(), project.passages.count_in_use()
        one = papers == 1
        text = self.tr("1 paper, {passages} passages") if one else self.tr("{papers} papers, {passages} passages")
        self._drop.set_summary(text.format(papers=words.count(papers), passages=words.count(passages)))

    def _on_list_shown(self, shown: DocumentRow | None) -> None:
        if shown is None:
            self._view.show_nothing(self.tr("Choose a paper to see its pages and passages."))
        else:
            self._view.show_paper(self.session.project, shown)

    def _on_list_removed(self, rows: list[DocumentRow]) -> None:
        sources = sorted({row.source for row in rows})
        try:
            self.session.project.documents.remove(sources, utc_now())
        except AppError as problem:
            self.feedback.problem(problem)
            return
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
        self.add_files(self._choose_files(self.tr("Add papers")))

    def _on_drop_folder_wanted(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Add a folder of papers"))
        if folder:
            self.add_files([Path(folder)])

    def _on_drop_zotero_wanted(self) -> None:
        if self.session.project.read_only:
            self._tell_read_only()
            return
        dialog = ZoteroDialog(str(self.session.kept(KEPT).get("zotero", "")), self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._on_zotero_chosen)
        dialog.file_wanted.connect(self._on_zotero_file_wanted)
        dialog.open()

    def _on_zotero_chosen(self, address: str, collections: list[str] | None) -> None:
        self.session.keep(KEPT, zotero=address)
        self._import.add_from_zotero(address, collections)

    def _on_zotero_file_wanted(self) -> None:
        kinds = self.tr("Zotero RDF or BibTeX (*.rdf *.bib)")
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Add an exported library"), "", kinds)
        if name:
            self.add_files([Path(name)])

    def _on_drop_settings_wanted(self) -> None:
        if self.session.project.read_only:
            self._tell_read_only()
            return
        dialog = ImportDialog(import_config(self.session), self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.saved.connect(self._on_import_dialog_saved)
        dialog.open()

    def _on_import_dialog_saved(self, config: ImportConfig) -> None:
        try:
            keep_import_config(self.session, config)
        except AppError as problem:
            self.feedback.problem(problem)

    def _on_import_file_wanted(self, name: str) -> None:
        self.add_files(self._choose_files(self.tr("Where is {name}?").format(name=name)))

    def _choose_files(self, title: str) -> list[Path]:
        kinds = self.tr(
            "Papers, libraries and questions (*.pdf *.txt *.xml *.tei *.rdf *.bib *.jsonl *.json *.csv *.tsv *.xlsx"
            " *.parquet);;All files (*)"
        )
        names, _ = QFileDialog.getOpenFileNames(self, title, "", kinds)
        return [Path(name) for name in names]

    def _on_import_password_wanted(self, name: str, wrong: bool) -> None:
        if self.isVisible():
            self._ask_password(name, wrong)
            return
        text = self.tr("The password of {name} is wrong.").format(name=name)  # the user has gone to another page
        action = Action(self.tr("Enter it again"), lambda: self._ask_password(name, wrong))
        self.feedback.show(text, tone=Tone.WARN, action=action)

    def _ask_password(self, name: str, wrong: bool) -> None:
        dialog = PasswordDialog(name, wrong=wrong, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.entered.connect(self._import.give_password)
        dialog.skipped.connect(self._import.skip_password)
        dialog.open()

    def _on_jobs_event(self, job: Job, event: Event) -> None:
        """Papers appear while they are read; how far it is stands in the job panel."""
        if isinstance(event, ItemsChanged) and event.table == "documents" and not self._again.isActive():
            self._again.start()

    def _on_jobs_ended(self, job: Job) -> None:
        self._again.stop()
