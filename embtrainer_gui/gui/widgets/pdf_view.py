"""A page of a paper as it looks, with boxes on it. The picture comes from the pages child, never from this process."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from embtrainer_gui.core.messages import Failed, PageImage, PageLocked, RenderPage, Reply, Word
from embtrainer_gui.core.records import Box
from embtrainer_gui.gui.widgets.basics import column, label, row
from embtrainer_gui.gui.widgets.page_bar import PageBar
from embtrainer_gui.gui.widgets.page_cache import PageCache, PagePicture
from embtrainer_gui.gui.widgets.page_canvas import PageCanvas
from embtrainer_gui.gui.widgets.password_prompt import PasswordPrompt
from embtrainer_gui.gui.widgets.steady_scroll import SteadyScroll

if TYPE_CHECKING:
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.service import Service

POINTS_PER_INCH = 72
ZOOM_STEP, LEAST_ZOOM, MOST_ZOOM = 1.2, 0.3, 5.0
LEAST_DPI, MOST_DPI, DPI_STEP = 72, 300, 12
FIRST_WIDTH = 612.0  # of a page whose size is not known yet: US letter
SETTLE_MS = 150  # after the last change of size, before a sharper picture is asked for
MARGIN = 24  # around marked boxes, when they are scrolled into view
PICTURE, NOTICE, LOCKED = range(3)  # what is shown
PROMPT_WIDTH = 360


class PdfView(QWidget):
    """Signals: ``box_clicked`` with the index in ``boxes``; ``page_changed`` when the user turned to another page;
    ``text_selected`` with words that were selected ("" when they no longer are); ``words_ready`` (document, page)
    when the picture and the words of a page that was asked for have come.
    """

    box_clicked = Signal(int)
    page_changed = Signal(int)
    text_selected = Signal(str)
    words_ready = Signal(int, int)

    def __init__(self, jobs: JobManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._service: Service | None = None
        self._cache = PageCache()
        self._document = self._page = 0
        self._boxes: Sequence[Box] = ()
        self._strong: Sequence[Box] = ()
        self._quoted: Sequence[Box] = ()
        self._locked = ""  # the encrypted file that a password is asked for
        self._tried = ""  # the one for which a password was just typed
        self._zoom = 0.0  # 0: as wide as the view
        self._sharpen = QTimer(self)
        self._sharpen.setSingleShot(True)
        self._sharpen.setInterval(SETTLE_MS)
        self._sharpen.timeout.connect(self._ask)
        self._build()

    def show_page(
        self,
        document: int,
        page: int,
        boxes: Sequence[Box] = (),
        strong: Sequence[Box] = (),
        quoted: Sequence[Box] = (),
    ) -> None:
        """Show a page (from 1). ``boxes`` may be those of the whole document; ``strong`` ones are marked and scrolled
        into view, ``quoted`` ones are paler."""
        self._renew_service()
        turned = (document, page) != (self._document, self._page)
        marked = (tuple(strong), tuple(quoted)) != (tuple(self._strong), tuple(self._quoted))
        self._document, self._page = document, page
        self._boxes, self._strong, self._quoted = tuple(boxes), tuple(strong), tuple(quoted)
        if turned:
            self._show_cached(from_top=True)
        self._draw_boxes()
        if turned or marked:
            self._scroll_to_strong()

    def prefetch(self, document: int, page: int) -> None:
        """Have a page ready that will be looked at soon."""
        self._renew_service()
        if self._cache.get(document, page) is None:
            self._request(document, page, f"next-{document}-{page}")

    def words(self, document: int, page: int) -> list[Word] | None:
        """The words of a page in reading order; None before its picture has come."""
        picture = self._cache.get(document, page)
        return None if picture is None else picture.words

    def clear(self, text: str) -> None:
        """Show one sentence instead of a page."""
        self._document = self._page = 0
        self._boxes = self._strong = self._quoted = ()
        self._canvas.show_picture(None)
        self._say(text)
        self._bar.setVisible(False)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if self._stack.currentIndex() == LOCKED:
            self._ask()  # its password may have been typed elsewhere meanwhile

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._rescale()

    def _build(self) -> None:
        self._bar = PageBar(self)
        self._bar.setVisible(False)
        self._canvas = PageCanvas()
        self._canvas.setAccessibleName(self.tr("Page of the paper"))
        self._scroll = QScrollArea(self)
        self._scroll.setObjectName("pdf.scroll")
        self._scroll.setWidget(self._canvas)
        self._scroll.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # else the width flickers
        self._scroll.viewport().installEventFilter(self)
        self._notice = label("", "secondary", wrap=True)
        self._notice.setObjectName("pdf.notice")
        self._notice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._scroll)
        self._stack.addWidget(self._notice)
        self._stack.addWidget(self._lock())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._bar)
        layout.addLayout(self._stack, 1)
        self._bar.turned.connect(self.turn)
        self._bar.zoomed.connect(self.zoom)
        self._bar.copy_wanted.connect(self.copy)
        self._canvas.box_clicked.connect(self.box_clicked)
        self._canvas.text_selected.connect(self.text_selected)
        self._shortcut(QKeySequence.StandardKey.Copy, self.copy)
        self._shortcut(QKeySequence.StandardKey.ZoomIn, lambda: self.zoom(1))
        self._shortcut(QKeySequence.StandardKey.ZoomOut, lambda: self.zoom(-1))
        self._shortcut(QKeySequence(Qt.Key.Key_PageDown), lambda: self.turn(1))
        self._shortcut(QKeySequence(Qt.Key.Key_PageUp), lambda: self.turn(-1))

    def _lock(self) -> QWidget:
        self._prompt = PasswordPrompt()
        self._prompt.setMaximumWidth(PROMPT_WIDTH)
        self._prompt.entered.connect(self._on_prompt_entered)
        middle = QWidget()
        middle.setLayout(column(None, row(None, self._prompt, None), None))
        return SteadyScroll(middle)  # hidden it would make the page taller: the decisions beside it would slip away

    def _shortcut(self, key: QKeySequence.StandardKey | QKeySequence, run: object) -> None:
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(run)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self._scroll.viewport() and event.type() is QEvent.Type.Resize:
            self._rescale()
        return super().eventFilter(watched, event)

    def _show_cached(self, *, from_top: bool) -> None:
        """The picture at hand, else a notice until it comes; a sharper one is asked for where it is too coarse."""
        picture = self._cache.get(self._document, self._page)
        self._canvas.show_picture(picture)
        self._bar.setVisible(True)
        self._bar.show_place(self._page, picture.pages if picture else 0)
        if picture is None:
            self._say(self.tr("Loading the page..."))
            self._ask()
            return
        self._stack.setCurrentIndex(PICTURE)
        self._rescale()
        if from_top:
            self._scroll.verticalScrollBar().setValue(0)

    def _draw_boxes(self) -> None:
        here = [(index, box) for index, box in enumerate(self._boxes) if box[0] == self._page]
        strong, quoted = ([box for box in marked if box[0] == self._page] for marked in (self._strong, self._quoted))
        self._canvas.set_boxes(here, strong, quoted)

    def _scroll_to_strong(self) -> None:
        area: QRectF = self._canvas.strong_area()
        if area.isEmpty():
            return
        view = self._scroll.viewport().height()
        center = area.top() + min(area.height() / 2, view / 2 - MARGIN)
        self._scroll.ensureVisible(round(area.center().x()), round(center), 0, view // 2 - 1)

    def leave_keys(self) -> None:
        """Never take the keyboard: whoever shows this view has keys for it."""
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def turn(self, by: int) -> None:
        """So many pages further, where there are such."""
        picture = self._cache.get(self._document, self._page)
        page = self._page + by
        if picture is None or not 1 <= page <= picture.pages:
            return
        self.show_page(self._document, page, self._boxes, self._strong, self._quoted)
        self.page_changed.emit(page)

    def zoom(self, steps: int) -> None:
        """So many steps larger; 0 is as wide as the view."""
        if steps == 0:
            self._zoom = 0.0
        else:
            zoom = (self._zoom or self._scale()) * ZOOM_STEP**steps
            self._zoom = max(LEAST_ZOOM, min(MOST_ZOOM, zoom))
        self._rescale()

    def _scale(self) -> float:
        """Pixels a point."""
        picture = self._cache.get(self._document, self._page) if self._document else None
        width = picture.width if picture else FIRST_WIDTH
        return self._zoom or max(LEAST_ZOOM, self._scroll.viewport().width() / width)

    def _rescale(self) -> None:
        if self._document:
            self._canvas.set_scale(self._scale())
            picture = self._cache.get(self._document, self._page)
            if picture is not None and picture.dpi < self._dpi():
                self._sharpen.start()

    def _dpi(self) -> int:
        """In steps, so that a few pixels more need no other picture."""
        wanted = self._scale() * POINTS_PER_INCH * self.devicePixelRatioF()
        return max(LEAST_DPI, min(MOST_DPI, -int(-wanted // DPI_STEP) * DPI_STEP))

    def _ask(self) -> None:
        if self._document:
            self._request(self._document, self._page, "shown")

    def _request(self, document: int, page: int, slot: str) -> None:
        if self._service is None:
            return
        dpi = self._dpi()
        request = RenderPage(slot=f"{slot}-{id(self)}", document=document, page=page, dpi=dpi)
        self._service.ask(
            request,
            lambda reply: self._on_reply(document, page, dpi, reply),
            lambda failure: self._on_failure(document, page, failure),
        )

    def _renew_service(self) -> None:
        """Another project has another child, and other pages."""
        service = self._jobs.service("pages")
        if service is not self._service:
            self._service = service
            self._cache.clear()

    def _on_reply(self, document: int, page: int, dpi: int, reply: Reply) -> None:
        if isinstance(reply, PageLocked):
            self._on_locked(document, page, reply)
        if not isinstance(reply, PageImage):
            return
        image = QImage(reply.path)
        with contextlib.suppress(OSError):
            Path(reply.path).unlink(missing_ok=True)
        if image.isNull():
            self._show_failure(document, page, self.tr("The picture of this page could not be read."))
            return
        picture = PagePicture(image, dpi, reply.page_width, reply.page_height, reply.pages, reply.words)
        self._cache.put(document, page, picture)
        if (document, page) == (self._document, self._page):
            self._take(picture)
        self.words_ready.emit(document, page)

    def _take(self, picture: PagePicture) -> None:
        """The page that is looked at has come, or come sharper."""
        first = self._stack.currentIndex() != PICTURE
        self._canvas.show_picture(picture, same_page=not first)
        self._stack.setCurrentIndex(PICTURE)
        self._bar.show_place(self._page, picture.pages)
        self._rescale()
        self._draw_boxes()
        if first:
            self._scroll.verticalScrollBar().setValue(0)
            self._scroll_to_strong()

    def _on_locked(self, document: int, page: int, reply: PageLocked) -> None:
        if (document, page) != (self._document, self._page):
            return
        wrong, self._tried = self._tried == reply.path, ""
        self._locked = reply.path
        self._prompt.ask(reply.file_name, wrong=wrong)
        self._stack.setCurrentIndex(LOCKED)
        if wrong:
            self._prompt.setFocus()

    def _on_prompt_entered(self, password: str) -> None:
        self._tried = self._locked
        self._say(self.tr("Loading the page..."))
        self._jobs.learn({self._locked: password})
        self._ask()

    def _on_failure(self, document: int, page: int, failure: Failed) -> None:
        self._show_failure(document, page, f"{failure.message} {failure.hint}".strip())

    def _show_failure(self, document: int, page: int, text: str) -> None:
        if (document, page) == (self._document, self._page) and self._cache.get(document, page) is None:
            self._say(text)

    def _say(self, text: str) -> None:
        self._notice.setText(text)
        self._stack.setCurrentIndex(NOTICE)

    def copy(self) -> None:
        """What is selected, else what is marked."""
        text = self._canvas.selected_text() or self._canvas.marked_text()
        if text:
            QGuiApplication.clipboard().setText(text)
