"""What a person chooses once for all projects. Every change is stored at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QFrame, QLineEdit, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from embtrainer_gui.core.environment import KEY_VARIABLE
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.settings import Settings, default_projects_folder
from embtrainer_gui.core.translate import mark
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.widgets.basics import button, card, column, inset, label, row
from embtrainer_gui.gui.widgets.key_form import KeyForm
from embtrainer_gui.gui.widgets.server_list import ServerList

WIDEST = 760
FIELD_WIDTH, CAPTION_WIDTH = 260, 140


class SettingsPage(Page):
    title: ClassVar[str] = mark("Settings")
    subtitle: ClassVar[str] = mark("For all projects. Each change is stored at once.")
    icon: ClassVar[str] = "settings"

    def _build(self) -> None:
        self._is_showing = False
        self._error = label("", "error", wrap=True)
        cards = column(
            self._error, self._appearance(), self._computing(), self._places(), self._servers(), self._keys(),
            self._review(), None, spacing=16,
        )  # fmt: skip
        cards.setContentsMargins(0, 0, 12, 0)
        inner = QWidget()
        inner.setLayout(cards)
        inner.setMaximumWidth(WIDEST)
        area = QScrollArea()
        inner.setMinimumHeight(1)  # its height follows its width: not that of text as narrow as it goes
        area.setWidget(inner)
        area.setWidgetResizable(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def _appearance(self) -> QFrame:
        self._theme = QComboBox()
        self._theme.addItem(self.tr("As the system"), "system")
        self._theme.addItem(self.tr("Light"), "light")
        self._theme.addItem(self.tr("Dark"), "dark")
        self._language = QComboBox()
        self._language.addItem("English", "en")  # each by its own name
        self._language.addItem("Deutsch", "de")
        return card(
            label(self.tr("Appearance"), "section"),
            self._line("theme", self.tr("Colours"), self._theme),
            self._line("language", self.tr("Language"), self._language),
        )

    def _computing(self) -> QFrame:
        self._device = QComboBox()
        self._device.addItem(self.tr("Graphics card where there is one"), "auto")
        self._device.addItem(self.tr("Only the processor"), "cpu")
        self._threads = QSpinBox()
        self._threads.setRange(0, os.cpu_count() or 1)
        self._threads.setSpecialValueText(self.tr("Automatic"))
        inset(self._threads)
        self._cluster = QLineEdit()
        self._cluster.setPlaceholderText(self.tr("None: this computer alone"))
        return card(
            label(self.tr("Computing"), "section"),
            self._line("device", self.tr("Device"), self._device),
            self._line("threads", self.tr("Processors"), self._threads),
            self._line("cluster", self.tr("Ray cluster"), self._cluster),
            self._hint(self.tr("A job that runs already keeps what it began with.")),
        )

    def _places(self) -> QFrame:
        self._folder = QLineEdit()
        self._browse = button(self.tr("Choose..."), "", "folder", "settings.browse")
        field = QWidget()
        field.setLayout(row(self._folder, self._browse))
        line = self._line("projects_folder", self.tr("New projects"), self._folder, field)
        return card(label(self.tr("Folders"), "section"), line)

    def _servers(self) -> QFrame:
        self._server_list = ServerList()
        about = label(self._help("servers"), "secondary", wrap=True)
        now = self.tr("The built-in generator of questions works on your computer and needs none.")
        return card(label(self.tr("Servers"), "section"), about, label(now, "hint", wrap=True), self._server_list)

    def _keys(self) -> QFrame:
        self._key_state = label("", "secondary", wrap=True)
        self._key_state.setObjectName("settings.key-state")
        about = self.tr(
            "A key goes to its own server and nowhere else, and is in no settings, project or log. You give it with "
            "the server above; the keyring of this system keeps it. The environment variable {name}, where it is "
            "set, is used in place of all of them."
        )
        return card(
            label(self.tr("Keys"), "section"),
            label(about.format(name=KEY_VARIABLE), "secondary", wrap=True),
            self._key_state,
        )

    def _review(self) -> QFrame:
        self._key_form = KeyForm()
        about = label(self._help("review_keys"), "secondary", wrap=True)
        return card(label(self.tr("Keys of the review"), "section"), about, self._key_form)

    def _line(self, name: str, title: str, editor: QWidget, field: QWidget | None = None) -> QWidget:
        editor.setObjectName(f"settings.{name}")
        editor.setAccessibleName(title)
        editor.setToolTip(self._help(name))
        caption = label(title)
        caption.setBuddy(editor)
        caption.setFixedWidth(CAPTION_WIDTH)
        if field is None:
            editor.setFixedWidth(FIELD_WIDTH)
        line = QWidget()
        parts = row(caption, field or editor) if field else row(caption, editor, None)
        line.setLayout(column(parts, self._hint(self._help(name)), spacing=4))
        return line

    def _hint(self, text: str) -> QWidget:
        """Below the fields, not below their captions."""
        hint = QWidget()
        inside = row(label(text, "hint", wrap=True))
        inside.setContentsMargins(CAPTION_WIDTH + theme.size("space"), 0, 0, 0)
        hint.setLayout(inside)
        return hint

    def _help(self, name: str) -> str:
        return QCoreApplication.translate("core", Settings.model_fields[name].description or "")

    def _connect(self) -> None:
        self._theme.activated.connect(lambda: self._change(theme=self._theme.currentData()))
        self._language.activated.connect(lambda: self._change(language=self._language.currentData()))
        self._device.activated.connect(lambda: self._change(device=self._device.currentData()))
        self._threads.valueChanged.connect(lambda number: self._change(threads=number))
        self._cluster.editingFinished.connect(lambda: self._change(cluster=self._cluster.text().strip()))
        self._folder.editingFinished.connect(self._on_folder_edited)
        self._browse.clicked.connect(self._on_browse_clicked)
        self._key_form.edited.connect(lambda keys: self._change(review_keys=keys))
        self._server_list.edited.connect(lambda: self._change(servers=self._server_list.servers))

    def enter(self) -> None:
        self._is_showing = True
        settings = self.session.settings
        self._theme.setCurrentIndex(self._theme.findData(settings.theme))
        self._language.setCurrentIndex(self._language.findData(settings.language))
        self._device.setCurrentIndex(self._device.findData(settings.device))
        self._threads.setValue(settings.threads)
        self._cluster.setText(settings.cluster)
        self._folder.setText(settings.projects_folder)
        self._folder.setPlaceholderText(str(default_projects_folder(Settings())))
        self._server_list.show_servers(settings.servers)
        self._key_form.show_keys(settings.review_keys)
        is_set = bool(os.environ.get(KEY_VARIABLE))
        self._key_state.setText(
            self.tr("The variable is set now.") if is_set else self.tr("The variable is not set now.")
        )
        self._error.setVisible(False)
        self._is_showing = False

    def leave(self) -> None:
        self._on_folder_edited()
        self._change(cluster=self._cluster.text().strip())

    def _change(self, **values: Any) -> None:
        """Store what was changed; what is out of its bounds is said above and not stored."""
        if self._is_showing or all(getattr(self.session.settings, name) == value for name, value in values.items()):
            return
        try:
            Settings.model_validate({**self.session.settings.model_dump(), **values})
            self.session.change_settings(**values)
        except ValidationError as problem:
            self._say(str(problem.errors()[0]["msg"]))
        except AppError as problem:
            self._say(self.tr("The settings cannot be stored: {detail}").format(detail=problem))
        else:
            self._error.setVisible(False)

    def _say(self, text: str) -> None:
        self._error.setText(text)
        self._error.setVisible(True)

    @Slot()
    def _on_folder_edited(self) -> None:
        typed = self._folder.text().strip()
        if typed and not Path(typed).expanduser().is_absolute():
            self._say(self.tr("Write the whole path of the folder, from its beginning."))
            return
        self._change(projects_folder=typed)

    @Slot()
    def _on_browse_clicked(self) -> None:
        start = str(default_projects_folder(self.session.settings))
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder for new projects"), start)
        if chosen:
            self._folder.setText(chosen)
            self._on_folder_edited()
