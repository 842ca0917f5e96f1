"""The sheet inside a PdfView: a page's picture with boxes on it, and words that can be selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from embtrainer_gui.core.records import Box
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.page_cache import PagePicture

PAPER = QColor(Qt.GlobalColor.white)  # paper is white in the dark theme too
DRAG_PIXELS = 4
OUTLINE_ALPHA = 110
QUOTE_ALPHA = 0.4  # of the marker of the answer: what it rests on is paler
HOVER_ALPHA = 36
SELECTION_ALPHA = 70


class PageCanvas(QWidget):
    """Everything is given in PDF points of the page; ``scale`` is pixels a point."""

    box_clicked = Signal(int)
    text_selected = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: PagePicture | None = None
        self._scale = 1.0
        self._boxes: list[tuple[int, QRectF]] = []
        self._strong: list[QRectF] = []
        self._quoted: list[QRectF] = []
        self._hovered = -1
        self._pressed: QPoint | None = None
        self._first = self._last = -1  # words that are selected
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changes().changed.connect(self.update)

    def show_picture(self, picture: PagePicture | None, *, same_page: bool = False) -> None:
        """``same_page``: only sharper, so that what is selected stays selected."""
        self._picture = picture
        if not same_page:
            self.unselect()
        self._fit()

    def set_scale(self, scale: float) -> None:
        self._scale = scale
        self._fit()

    def set_boxes(self, boxes: Sequence[tuple[int, Box]], strong: Sequence[Box], quoted: Sequence[Box] = ()) -> None:
        """Boxes of this page: ``(index, box)`` of those that are outlined, those that are marked, and paler ones."""
        self._boxes = [(index, _rectangle(box)) for index, box in boxes]
        self._strong = [_rectangle(box) for box in strong]
        self._quoted = [_rectangle(box) for box in quoted]
        self._hovered = -1
        self.update()

    def strong_area(self) -> QRectF:
        """Where the marked boxes stand, else the paler ones, in pixels; empty where there is none."""
        area = QRectF()
        for box in self._strong or self._quoted:
            area = area.united(self._on_screen(box))
        return area

    def selected_text(self) -> str:
        if self._picture is None or self._first < 0:
            return ""
        low, high = sorted((self._first, self._last))
        return " ".join(word[4] for word in self._picture.words[low : high + 1])

    def marked_text(self) -> str:
        """The words inside the marked boxes, else inside the paler ones."""
        boxes = self._strong or self._quoted
        words = self._picture.words if self._picture else []
        return " ".join(word[4] for word in words if any(box.contains(_word_rectangle(word).center()) for box in boxes))

    def unselect(self) -> None:
        had = self._first >= 0
        self._first = self._last = -1
        self._pressed = None
        if had:
            self.text_selected.emit("")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        if self._picture is None:
            return QSize(0, 0)
        return QSize(round(self._picture.width * self._scale), round(self._picture.height * self._scale))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), PAPER)
        if self._picture is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.rect(), self._picture.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent, mark = theme.color("accent"), theme.color("mark")
        for index, box in self._boxes:
            fill = _faded(accent, HOVER_ALPHA) if index == self._hovered else QColor(Qt.GlobalColor.transparent)
            self._draw(painter, box, fill, QPen(_faded(accent, OUTLINE_ALPHA), 1))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)  # a marker: ink stays black
        pale = QColor(mark)
        pale.setAlphaF(mark.alphaF() * QUOTE_ALPHA)
        for box in self._quoted:
            self._draw(painter, box, pale, QPen(Qt.PenStyle.NoPen))
        for box in self._strong:
            self._draw(painter, box, mark, QPen(_faded(mark.darker(160), 255), 1.5))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        if self._first >= 0:
            low, high = sorted((self._first, self._last))
            for word in self._picture.words[low : high + 1]:
                painter.fillRect(self._on_screen(_word_rectangle(word)), _faded(accent, SELECTION_ALPHA))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is Qt.MouseButton.LeftButton:
            self.unselect()
            self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        position = event.position()
        if self._pressed is None:
            self._hover(self._box_at(position))
        elif self._first >= 0 or (position.toPoint() - self._pressed).manhattanLength() >= DRAG_PIXELS:
            if self._first < 0:
                self._first = self._word_near(QPointF(self._pressed))
            self._last = self._word_near(position)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._pressed is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        self._pressed = None
        if self._first >= 0:
            self.text_selected.emit(self.selected_text())
            return
        index = self._box_at(event.position())
        if index >= 0:
            self.box_clicked.emit(index)

    def _hover(self, index: int) -> None:
        if index != self._hovered:
            self._hovered = index
            shape = Qt.CursorShape.PointingHandCursor if index >= 0 else Qt.CursorShape.IBeamCursor
            self.setCursor(shape)
            self.update()

    def _box_at(self, position: QPointF) -> int:
        """The smallest box there: those of neighbours overlap by a line."""
        point = position / self._scale
        found = [(box.width() * box.height(), index) for index, box in self._boxes if box.contains(point)]
        return min(found)[1] if found else -1

    def _word_near(self, position: QPointF) -> int:
        """The word under the mouse, else the nearest one; lines count more than columns of a line."""
        if self._picture is None or not self._picture.words:
            return -1
        x, y = position.x() / self._scale, position.y() / self._scale
        distances = [
            (max(word[0] - x, x - word[2], 0.0) + 4 * max(word[1] - y, y - word[3], 0.0), number)
            for number, word in enumerate(self._picture.words)
        ]
        return min(distances)[1]

    def _draw(self, painter: QPainter, box: QRectF, fill: QColor, pen: QPen) -> None:
        painter.setPen(pen)
        painter.setBrush(fill)
        painter.drawRoundedRect(self._on_screen(box).adjusted(-2, -1, 2, 1), 3, 3)

    def _on_screen(self, box: QRectF) -> QRectF:
        return QRectF(
            box.x() * self._scale, box.y() * self._scale, box.width() * self._scale, box.height() * self._scale
        )

    def _fit(self) -> None:
        self.resize(self.sizeHint())
        self.updateGeometry()
        self.update()


def _rectangle(box: Box) -> QRectF:
    return QRectF(box[1], box[2], box[3] - box[1], box[4] - box[2])


def _word_rectangle(word: tuple[float, float, float, float, str]) -> QRectF:
    return QRectF(word[0], word[1], word[2] - word[0], word[3] - word[1])


def _faded(color: QColor, alpha: int) -> QColor:
    faded = QColor(color)
    faded.setAlpha(alpha)
    return faded
