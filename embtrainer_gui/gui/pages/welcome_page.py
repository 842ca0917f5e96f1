"""The first page: try the sample, start a project, or go on with one."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QScrollArea, QVBoxLayout, QWidget

from embtrainer_gui.core.settings import default_projects_folder
from embtrainer_gui.core.translate import mark
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.project_care import ProjectCare
from embtrainer_gui.gui.project_door import ProjectDoor, unused
from embtrainer_gui.gui.widgets.basics import button, column, label, row
from embtrainer_gui.gui.widgets.choice_button import ChoiceButton
from embtrainer_gui.gui.widgets.recent_row import RecentRow

BASELINE = 4  # px from the top of a section heading to that of a page title beside it


class WelcomePage(Page):
    title: ClassVar[str] = mark("Welcome")
    icon: ClassVar[str] = "home"

    def _build(self) -> None:
        self._door = ProjectDoor(self.session, self.jobs, self.feedback, self)
        self._care = ProjectCare(self.session, self.jobs, self.feedback, self)
        self._sample = ChoiceButton(
            "play",
            self.tr("Try the sample"),
            self.tr(
                "Twelve bundled papers become a better search model while you watch; a few minutes on this computer."
            ),
            "welcome.sample",
        )
        self._new = ChoiceButton(
            "add", self.tr("New project"), self.tr("Start with a folder of your own papers."), "welcome.new"
        )
        self._open = ChoiceButton(
            "folder",
            self.tr("Open a project"),
            self.tr("Go on with a project that is not on the list."),
            "welcome.open",
        )
        self._take_in = button(self.tr("Take in an archive..."), "link", "", "welcome.unarchive")
        choices = column(self._sample, self._new, self._open, row(self._take_in, None), None, spacing=12)
        left = column(
            label(self.tr("From papers to a better search"), "page-title"),
            label(
                self.tr("Turn a folder of papers into a search model that knows your field, "
                    "with the proof that it is better."),
                "secondary",
                wrap=True,
            ),
            choices,
            spacing=16,
        )  # fmt: skip
        whole = row(left, self._build_recent(), spacing=40)
        whole.setStretch(0, 5)
        whole.setStretch(1, 4)
        self.setLayout(whole)

    def _build_recent(self) -> QWidget:
        self._rows: list[RecentRow] = []
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 8, 0)
        self._list.setSpacing(8)
        inner = QWidget()
        inner.setLayout(self._list)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        self._none = label(self.tr("Projects that you open will be listed here."), "secondary", wrap=True)
        side = QWidget()
        recent = column(label(self.tr("Recent projects"), "section"), self._none, area, spacing=12)
        recent.setContentsMargins(0, BASELINE, 0, 0)
        side.setLayout(recent)
        return side

    def _connect(self) -> None:
        self._sample.clicked.connect(self._door.try_sample)
        self._new.clicked.connect(self._door.ask_for_new)
        self._open.clicked.connect(self._door.ask_for_project)
        self._take_in.clicked.connect(self._on_take_in_clicked)

    def enter(self) -> None:
        while item := self._list.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        settings = self.session.settings
        self._rows = [RecentRow(n, path, settings.notes.get(path)) for n, path in enumerate(settings.recent, 1)]
        for each in self._rows:
            each.chosen.connect(self._on_recent_chosen)
            each.forgotten.connect(self._on_recent_forgotten)
            self._list.addWidget(each)
        self._list.addStretch(1)
        self._none.setVisible(not self._rows)
        self._sample.setFocus()  # else the first part of the sidebar has it

    @Slot()
    def _on_take_in_clicked(self) -> None:
        """Ask for the archive, and unpack it as a new project in the folder for those."""
        start = default_projects_folder(self.session.settings)
        filter_ = self.tr("Archives of projects (*.zip)")
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Take in an archive"), str(start), filter_)
        if chosen:
            name = Path(chosen).name.removesuffix(".zip").removesuffix(".embtrainer")
            self._care.take_in(Path(chosen), unused(start, name))

    @Slot(str)
    def _on_recent_chosen(self, folder: str) -> None:
        self._door.open(Path(folder))

    @Slot(str)
    def _on_recent_forgotten(self, folder: str) -> None:
        settings = self.session.settings
        notes = {path: note for path, note in settings.notes.items() if path != folder}
        self.session.remember(recent=tuple(p for p in settings.recent if p != folder), notes=notes)
        self.enter()
