"""Where papers come in: a large field while there are none, a slim bar afterwards."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QStackedLayout, QWidget

from embtrainer_gui.gui.widgets.basics import ElidedLabel, Icon, button, column, label, row, set_property

LEAST_WIDTH = 560


class DropZone(QFrame):
    """Signals: ``files_wanted``, ``folder_wanted``, ``zotero_wanted``, ``settings_wanted`` for its buttons. The page
    takes the drops, anywhere on it."""

    files_wanted = Signal()
    folder_wanted = Signal()
    zotero_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("papers.drop")
        self.setProperty("role", "card")
        self._summary = label("", "secondary")
        self._summary.setObjectName("papers.summary")
        self._large, self._slim = QWidget(self), QWidget(self)
        self._large.setLayout(self._large_layout())
        self._slim.setLayout(self._slim_layout())
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._large)
        self._stack.addWidget(self._slim)
        self.set_slim(False)

    def set_slim(self, slim: bool) -> None:
        self._stack.setCurrentWidget(self._slim if slim else self._large)
        self.setMaximumHeight(52 if slim else 16_777_215)

    def is_slim(self) -> bool:
        return self._stack.currentWidget() is self._slim

    def set_summary(self, text: str) -> None:
        self._summary.setText(text)
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(LEAST_WIDTH, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The slim bar shows two of its buttons by their icons alone where the window is narrow."""
        self._say(is_short=False)
        self._say(is_short=self._slim_line.minimumSize().width() > self.width())

    def _say(self, *, is_short: bool) -> None:
        self._hint.setVisible(not is_short)
        for part, text in self._shortened.items():
            part.setText("" if is_short else text)

    def set_inviting(self, inviting: bool) -> None:
        """Something that can be dropped is over the page."""
        set_property(self, "role", "banner-info" if inviting else "card")

    def _large_layout(self) -> QHBoxLayout:
        title = label(self.tr("Drop papers or folders here"), "section")
        formats = label(
            self.tr("PDF files, text files, GROBID .xml files or a corpus.jsonl; hundreds at once. Nothing leaves this "
                    "computer."),
            "secondary",
            wrap=True,
        )  # fmt: skip
        formats.setFixedWidth(420)
        for part in (title, formats):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        files = button(self.tr("Add files..."), "primary", "add", "papers.add-files")
        folder = button(self.tr("Add folder..."), "", "folder", "papers.add-folder")
        files.clicked.connect(self.files_wanted)
        folder.clicked.connect(self.folder_wanted)
        zotero = button(self.tr("Import from Zotero..."), "", "link", "papers.zotero")
        zotero.clicked.connect(self.zotero_wanted)
        settings = button(self.tr("Import settings..."), "link", "settings", "papers.settings")
        settings.clicked.connect(self.settings_wanted)
        middle = column(
            None,
            row(None, Icon("papers", "text-3", 40), None),
            title,
            row(None, formats, None),
            row(None, files, folder, zotero, None),
            row(None, settings, None),
            None,
            spacing=12,
        )
        return row(None, middle, None)

    def _slim_layout(self) -> QHBoxLayout:
        files = button(self.tr("Add files..."), "", "add", "papers.add-files-slim")
        folder = button(self.tr("Add folder..."), "", "folder", "papers.add-folder-slim")
        files.clicked.connect(self.files_wanted)
        folder.clicked.connect(self.folder_wanted)
        zotero = button(self.tr("Zotero..."), "", "link", "papers.zotero-slim")
        zotero.setToolTip(self.tr("Import from Zotero"))
        zotero.clicked.connect(self.zotero_wanted)
        self._hint = hint = ElidedLabel(self.tr("Drop more anywhere on this page"), "hint")
        settings = button(self.tr("Import settings..."), "plain", "settings", "papers.settings-slim")
        settings.setToolTip(self.tr("How the next papers are read"))
        settings.clicked.connect(self.settings_wanted)
        self._shortened: dict[QPushButton, str] = {part: part.text() for part in (settings, zotero)}
        layout = row(Icon("papers"), self._summary, hint, None, settings, zotero, files, folder, spacing=12)
        layout.setStretch(2, 1)
        layout.setStretch(3, 0)  # takes the room where the hint is hidden
        layout.setContentsMargins(16, 8, 8, 8)
        self._slim_line = layout
        return layout


def dropped_paths(mime: QMimeData) -> list[Path]:
    """The local files and folders of a drop."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
