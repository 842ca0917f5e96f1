"""The project as a whole: where it lies and what it takes, its backups, and the archive to keep or to send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QFrame, QScrollArea, QVBoxLayout, QWidget

from embtrainer_gui.core.store.archive import ENDING
from embtrainer_gui.core.translate import mark
from embtrainer_gui.gui import format as fmt
from embtrainer_gui.gui.background import Background
from embtrainer_gui.gui.models.backup_list import BackupRow, ProjectFacts, project_facts
from embtrainer_gui.gui.overview import overview
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.project_care import ProjectCare
from embtrainer_gui.gui.widgets.backup_row import BackupLine, in_words
from embtrainer_gui.gui.widgets.basics import ElidedLabel, button, card, column, label, row
from embtrainer_gui.gui.widgets.question import Answer, Question

if TYPE_CHECKING:
    from embtrainer_gui.gui.job import Job

WIDEST = 860
STAGES = ("backup", "archive")


class ProjectPage(Page):
    title: ClassVar[str] = mark("Project")
    subtitle: ClassVar[str] = mark("Where it lies, its backups, and how it goes to another computer.")
    icon: ClassVar[str] = "folder"

    def _build(self) -> None:
        self._care = ProjectCare(self.session, self.jobs, self.feedback, self)
        self._background = Background(self)
        self._lines: list[BackupLine] = []
        cards = column(self._place(), self._backups(), self._archive(), None, spacing=16)
        cards.setContentsMargins(0, 0, 12, 0)
        inner = QWidget()
        inner.setLayout(cards)
        inner.setMaximumWidth(WIDEST)
        inner.setMinimumHeight(1)  # its height follows its width: not that of text as narrow as it goes
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def _place(self) -> QFrame:
        self._name, self._path = label("", "section"), ElidedLabel("", "secondary")
        self._sizes, self._risk = label("", "hint", wrap=True), label("", "warn", wrap=True)
        self._risk.hide()
        self._show = button(self.tr("Show its folder"), "", "link", "project.show")
        self._rename = button(self.tr("Rename..."), "", "edit", "project.rename")
        self._move = button(self.tr("Move..."), "", "folder", "project.move")
        return card(self._name, self._path, self._sizes, self._risk, row(self._show, self._rename, self._move, None))

    def _backups(self) -> QFrame:
        about = self.tr(
            "Copies of the questions, decisions and settings, made once a day and before work that changes much. The"
            " newest five stay, then one a day, week and month. Papers and models are not copied: putting a backup"
            " back leaves them as they are."
        )
        self._now = button(self.tr("Back up now"), "primary", "add", "project.backup")
        self._none = label(self.tr("There is no backup yet."), "secondary")
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        heading = row(label(self.tr("Backups"), "section"), None, self._now)
        return card(heading, label(about, "secondary", wrap=True), self._none, self._list)

    def _archive(self) -> QFrame:
        about = self.tr(
            "One file with the papers, questions, decisions and models, to keep or to give away. No key, log or backup"
            " is in it. It is taken in on the welcome page."
        )
        self._pack = button(self.tr("Pack into an archive..."), "", "export", "project.archive")
        heading = row(label(self.tr("Archive"), "section"), None, self._pack)
        return card(heading, label(about, "secondary", wrap=True))

    def _connect(self) -> None:
        self._show.clicked.connect(self._on_show_clicked)
        self._rename.clicked.connect(self._on_rename_clicked)
        self._move.clicked.connect(self._on_move_clicked)
        self._now.clicked.connect(self._on_now_clicked)
        self._pack.clicked.connect(self._on_pack_clicked)
        self._background.failed.connect(self.feedback.problem)
        self.jobs.job_ended.connect(self._on_job_ended)

    def enter(self) -> None:
        is_open = self.session.is_open
        for part in (self._show, self._rename, self._move, self._now, self._pack):
            part.setEnabled(is_open)
        if not is_open:
            self._name.setText(self.tr("No project is open"))
            self._path.setText("")
            self._show_facts(ProjectFacts({}, ()))
            return
        project = self.session.project
        folder = project.folder.resolve()
        self._name.setText(folder.name)
        self._path.setText(str(folder))
        why = self.tr("You may only read this project.") if project.read_only else ""
        for part in (self._rename, self._move, self._now):
            part.setEnabled(not project.read_only)
            part.setToolTip(why)
        self._background.run("facts", lambda: project_facts(folder), self._show_facts)

    def _show_facts(self, facts: ProjectFacts) -> None:
        names = {
            "database": self.tr("questions and text"), "papers": self.tr("papers"), "models": self.tr("models"),
            "index": self.tr("search index"), "exports": self.tr("exports"), "backups": self.tr("backups"),
            "logs": self.tr("logs"),
        }  # fmt: skip
        parts = [f"{names[kind]} {fmt.size(size)}" for kind, size in facts.sizes.items() if size]
        total = self.tr("{size} in all").format(size=fmt.size(sum(facts.sizes.values())))
        self._sizes.setText(" · ".join([total, *parts]) if facts.sizes else "")
        self._risk.setText(facts.risk)
        self._risk.setVisible(bool(facts.risk))
        for line in self._lines:
            self._list.removeWidget(line)
            line.deleteLater()
        self._lines = [BackupLine(found, number) for number, found in enumerate(facts.backups, 1)]
        may_write = self.session.is_open and not self.session.project.read_only
        for line in self._lines:
            line.restore_wanted.connect(self._on_restore_wanted)
            line.restore.setEnabled(line.restore.isEnabled() and may_write)
            self._list.addWidget(line)
        self._none.setVisible(not self._lines and self.session.is_open)

    @Slot()
    def _on_show_clicked(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.session.project.folder)))

    @Slot()
    def _on_rename_clicked(self) -> None:
        self._ask_place(self.tr("New name of the project"))

    @Slot()
    def _on_move_clicked(self) -> None:
        folder = self.session.project.folder.resolve()
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("Move the project into this folder"), str(folder.parent)
        )
        if chosen and Path(chosen) != folder.parent:
            self._care.move(Path(chosen) / folder.name)

    def _ask_place(self, title: str) -> None:
        folder = self.session.project.folder.resolve()
        chosen, _ = QFileDialog.getSaveFileName(
            self, title, str(folder), "", options=QFileDialog.Option.DontConfirmOverwrite
        )
        if chosen and Path(chosen) != folder:
            self._care.move(Path(chosen))

    @Slot()
    def _on_now_clicked(self) -> None:
        self.jobs.start("backup", {})

    @Slot()
    def _on_pack_clicked(self) -> None:
        folder = self.session.project.folder.resolve()
        start = str(folder.with_name(folder.name + ENDING))
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save the archive as"), start, "*.zip")
        if chosen:
            self.jobs.start("archive", {}, out=chosen)

    @Slot(object)
    def _on_restore_wanted(self, found: BackupRow) -> None:
        if found.holds is None:
            return
        now = overview(self.session.project)
        then = self.tr("It holds {contents}.").format(contents=in_words(self, found.holds))
        last = fmt.date(found.holds.last_decision)
        if last:
            then += " " + self.tr("The last decision in it is of {date}.").format(date=last)
        today = self.tr(
            "Now there are {papers} papers and {accepted} accepted, {rejected} rejected, {pending} open questions. This"
            " state becomes a backup first, so you can come back to it."
        ).format(
            papers=fmt.count(now.papers), accepted=fmt.count(now.accepted), rejected=fmt.count(now.rejected),
            pending=fmt.count(now.pending),
        )  # fmt: skip
        text = f"{then}\n\n{today}"
        title = self.tr("Put back the backup of {date}?").format(date=fmt.date(found.backup.at.isoformat()))
        answers = (Answer("cancel", self.tr("Cancel")), Answer("restore", self.tr("Put it back"), "primary"))
        if Question(self, title, text, answers).ask() == "restore":
            self._care.restore(found.backup.path.name)

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if job.stage not in STAGES:
            return
        if job.ended_well and job.summary:
            done = self.tr("The backup is made.")
            if job.stage == "archive":
                done = self.tr("The archive is in {path} ({size}).").format(
                    path=job.summary["path"], size=fmt.size(job.summary["bytes"])
                )
            self.feedback.say(done)
        if self.isVisible():
            self.enter()
