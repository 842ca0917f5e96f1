"""A page of the manual: Markdown in the window's type, with pictures, links and found words."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import (
    QDesktopServices,
    QImage,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.settings import resource_path
from embtrainer_gui.gui import manual, theme

PARAGRAPH_GAP, HEADING_GAP, CODE_GAP, POINT_GAP, TABLE_PADDING = 10, 20, 16, 4, 6
TOPIC, PART, FIELD = 1, 2, 3  # levels of headings
HEADINGS = {TOPIC: "title", PART: "section", FIELD: "body"}
MOST_MARKED = 200  # found words of one page
PICTURE_MARGIN = 24  # px
PICTURE = QTextDocument.ResourceType.ImageResource.value
FIT_MS = 60  # after the last change of the window's width


class ManualView(QTextBrowser):
    """Signals: ``topic_wanted(topic, slug)`` when a link leads to a page of the manual, or to a heading of one.

    Only pictures of the program itself are shown; a link to the web is opened by the system's browser.
    """

    topic_wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._topic = ""
        self._pictures: dict[str, QImage] = {}
        self._fitting = QTimer(self, singleShot=True, interval=FIT_MS)
        self._fitting.timeout.connect(self._fit_pictures)
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._on_anchor_clicked)

    def show_topic(self, topic: str) -> None:
        """The page from its beginning. What is no topic of the manual is an error of ours."""
        self._topic = topic
        document = self.document()
        document.setMarkdown(manual.text_of(topic))
        _set_type(document)
        self._fit_pictures()
        self.setExtraSelections([])
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def scroll_to(self, slug: str) -> None:
        """Bring a heading to the top; one that is not there leaves the page as it is."""
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and manual.slug(block.text()) == slug:
                top = self.document().documentLayout().blockBoundingRect(block).top()
                self.setTextCursor(QTextCursor(block))
                self.verticalScrollBar().setValue(int(top))
                return
            block = block.next()

    def mark_words(self, words: str) -> None:
        """Mark each of ``words`` on the page."""
        look = QTextCharFormat()
        look.setBackground(theme.color("mark"))
        marks: list[Any] = []
        for word in set(words.casefold().split()):
            cursor = self.document().find(word, 0)
            while not cursor.isNull() and len(marks) < MOST_MARKED:
                mark = QTextEdit.ExtraSelection()
                mark.cursor, mark.format = cursor, look
                marks.append(mark)
                cursor = self.document().find(word, cursor)
        self.setExtraSelections(marks)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: N802
        """Pictures that come with the program, by their name alone; nothing else is read or fetched."""
        file_name = QUrl(name).fileName()
        if kind != PICTURE or not file_name:
            return None
        if file_name not in self._pictures:
            try:
                self._pictures[file_name] = QImage(str(resource_path("pictures", file_name)))
            except UserError:
                return None
        return self._pictures[file_name]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fitting.start()

    def _fit_pictures(self) -> None:
        """No wider than the page. Scaled here: Qt's own scaling of pictures in a text breaks small letters."""
        room = self.viewport().width() - PICTURE_MARGIN
        block = self.document().begin()
        while block.isValid() and room > 0:
            for place, look in _pictures_in(block):
                whole = self.loadResource(PICTURE, look.name())
                if whole is not None and not whole.isNull():
                    width = min(room, whole.width())
                    height = round(whole.height() * width / whole.width())
                    self.document().addResource(PICTURE, QUrl(look.name()), self._scaled(whole, width, height))
                    look.setWidth(width)
                    look.setHeight(height)
                    cursor = QTextCursor(block)
                    cursor.setPosition(place)
                    cursor.setPosition(place + 1, QTextCursor.MoveMode.KeepAnchor)
                    cursor.setCharFormat(look)
            block = block.next()

    def _scaled(self, picture: QImage, width: int, height: int) -> QImage:
        """In the pixels of this screen."""
        ratio = self.devicePixelRatioF()
        smooth = Qt.TransformationMode.SmoothTransformation
        fitted = picture.scaled(round(width * ratio), round(height * ratio), mode=smooth)
        fitted.setDevicePixelRatio(ratio)
        return fitted

    @Slot(QUrl)
    def _on_anchor_clicked(self, url: QUrl) -> None:
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
        elif not url.scheme():
            topic = url.fileName().removesuffix(".md")  # a page of another language lies one folder up
            self.topic_wanted.emit(topic or self._topic, url.fragment())


def _pictures_in(block: QTextBlock) -> list[tuple[int, Any]]:
    """Where each picture of the block stands, with its format."""
    found, part = [], block.begin()
    while not part.atEnd():
        fragment = part.fragment()
        if fragment.charFormat().isImageFormat():
            found.append((fragment.position(), fragment.charFormat().toImageFormat()))
        part += 1
    return found


def _set_type(document: QTextDocument) -> None:
    """Room between paragraphs, and headings in the sizes of the window: Markdown comes without either."""
    cursor = QTextCursor(document)
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        cursor.setPosition(block.position())
        if cursor.currentTable() is None:
            cursor.mergeBlockFormat(_room_of(block, level))
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


def _room_of(block: QTextBlock, level: int) -> QTextBlockFormat:
    room = QTextBlockFormat()
    if _is_code(block):
        room.setBackground(theme.color("bg"))
        room.setBottomMargin(0 if _is_code(block.next()) else CODE_GAP)
        return room
    in_list = block.textList() is not None and block.next().textList() is not None
    room.setBottomMargin(0 if level == FIELD else POINT_GAP if in_list else PARAGRAPH_GAP)
    room.setTopMargin(HEADING_GAP if level == PART else 0)
    room.setLineHeight(125, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    return room


def _is_code(block: QTextBlock) -> bool:
    return block.isValid() and block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence.value)


def _set_table(table: QTextTable) -> None:
    """Hairlines of the theme: Qt's own are as bright as the text."""
    look = table.format()
    look.setBorderBrush(theme.color("line"))
    look.setBorderCollapse(True)
    look.setCellPadding(TABLE_PADDING)
    table.setFormat(look)
