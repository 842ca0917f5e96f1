"""The manual, a way to report a problem, and what the program is made of."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Slot
from PySide6.QtGui import QTextBlockFormat, QTextCursor, QTextDocument, QTextFormat, QTextTable
from PySide6.QtWidgets import QListWidget, QTextBrowser, QVBoxLayout

from embtrainer_gui.core.translate import mark
from embtrainer_gui.gui import manual, theme
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.widgets.basics import button, row

TOPICS_WIDTH = 180
PARAGRAPH_GAP, HEADING_GAP, TABLE_PADDING = 10, 20, 6
TOPIC, PART, FIELD = 1, 2, 3  # levels of headings
HEADINGS = {TOPIC: "title", PART: "section", FIELD: "body"}


class HelpPage(Page):
    title: ClassVar[str] = mark("Help")
    subtitle: ClassVar[str] = mark("The manual, with every setting and every key.")
    icon: ClassVar[str] = "help"

    def _build(self) -> None:
        self._topics = QListWidget()
        self._topics.setObjectName("help.topics")
        self._topics.setAccessibleName(self.tr("Topics"))
        self._topics.setFixedWidth(TOPICS_WIDTH)
        self._topics.setProperty("role", "menu")
        self._topics.addItems([manual.title_of(topic) for topic in manual.TOPICS])
        self._text = QTextBrowser()
        self._text.setObjectName("help.text")
        self._text.setAccessibleName(self.tr("Manual"))
        self._text.setOpenLinks(False)
        self._report = button(self.tr("Report a problem..."), "", "warning", "help.report")
        self._computer = button(self.tr("This computer..."), "", "chip", "help.computer")
        self._about = button(self.tr("Versions and licences..."), "", "info", "help.about")
        both = row(self._topics, self._text, spacing=16)
        both.setStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(both, 1)
        layout.addLayout(row(self._report, self._computer, self._about, None))

    def _connect(self) -> None:
        self._topics.currentRowChanged.connect(self._on_topic_changed)
        self._report.clicked.connect(self._on_report_clicked)
        self._computer.clicked.connect(self._on_computer_clicked)
        self._about.clicked.connect(self._on_about_clicked)
        theme.changes().changed.connect(self._on_theme_changed)
        self._topics.setCurrentRow(0)

    def show_topic(self, topic: str) -> None:
        """``topic`` is a step, "settings", "keys" or "start"; any other one shows the beginning."""
        self._topics.setCurrentRow(manual.TOPICS.index(topic) if topic in manual.TOPICS else 0)

    @Slot(int)
    def _on_topic_changed(self, number: int) -> None:
        document = self._text.document()
        document.setMarkdown(manual.text_of(manual.TOPICS[max(number, 0)]))
        _set_type(document)
        self._text.moveCursor(QTextCursor.MoveOperation.Start)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._on_topic_changed(self._topics.currentRow())

    @Slot()
    def _on_report_clicked(self) -> None:
        from embtrainer_gui.gui.widgets.report_dialog import ReportDialog

        dialog = ReportDialog(self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show_log()

    @Slot()
    def _on_computer_clicked(self) -> None:
        from embtrainer_gui.gui.widgets.computer_dialog import ComputerDialog

        dialog = ComputerDialog(self.jobs, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()
        dialog.look()

    @Slot()
    def _on_about_clicked(self) -> None:
        from embtrainer_gui.gui.widgets.about_dialog import AboutDialog

        dialog = AboutDialog(self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()


def _set_type(document: QTextDocument) -> None:
    """Room between paragraphs, and headings in the sizes of the window: Markdown comes without either."""
    cursor = QTextCursor(document)
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        cursor.setPosition(block.position())
        if cursor.currentTable() is None:
            room = QTextBlockFormat()
            room.setBottomMargin(0 if level == FIELD else PARAGRAPH_GAP)
            room.setTopMargin(HEADING_GAP if level == PART else 0)
            room.setLineHeight(125, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            cursor.mergeBlockFormat(room)
        if level:
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            look = cursor.charFormat()
            look.clearProperty(QTextFormat.Property.FontSizeAdjustment.value)
            look.setProperty(QTextFormat.Property.FontPixelSize.value, theme.size(HEADINGS[level]))
            cursor.setCharFormat(look)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _set_table(frame)


def _set_table(table: QTextTable) -> None:
    """Hairlines of the theme: Qt's own are as bright as the text."""
    look = table.format()
    look.setBorderBrush(theme.color("line"))
    look.setBorderCollapse(True)
    look.setCellPadding(TABLE_PADDING)
    table.setFormat(look)
