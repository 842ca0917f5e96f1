"""The page that a pair comes from: its passage outlined, the words of its answer and of its quote marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embtrainer_gui.core.records import Box, Passage
from embtrainer_gui.core.store.review_queue import QueueRow
from embtrainer_gui.gui.widgets.evidence import Word, answer_boxes, find_span
from embtrainer_gui.gui.widgets.pdf_view import PdfView

if TYPE_CHECKING:
    from embtrainer_gui.gui.job_manager import JobManager

PREFETCH_MS = 60  # a key held down passes many pairs


@dataclass(frozen=True, slots=True)
class Selection:
    """Text that is selected on a page with the mouse."""

    document: int
    page: int
    text: str


class SourcePage(QWidget):
    """Shows the page of a pair at once, and the marks as soon as the words of the page are known."""

    def __init__(self, jobs: JobManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: QueueRow | None = None
        self._passage: Passage | None = None
        self._page = 0
        self._text = ""
        self._pages: list[int] = []  # of the passage
        self._quote = ""
        self._unseen: list[int] = []  # those on which the answer was not looked for yet
        self._quoted: dict[int, list[Box]] = {}  # by page
        self._soon: list[tuple[int, int]] = []
        self._timer = QTimer(self, interval=PREFETCH_MS, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._view = PdfView(jobs, self)
        self._view.leave_keys()
        self.turn, self.zoom = self._view.turn, self._view.zoom
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self._view.page_changed.connect(self._on_view_page_changed)
        self._view.text_selected.connect(self._on_view_text_selected)
        self._view.words_ready.connect(self._on_view_words_ready)

    def show_pair(self, row: QueueRow, passage: Passage, quote: str = "") -> None:
        """``quote`` is what the answer rests on: paler, and the place that is shown where the answer has none."""
        known = self._row is not None and self._row.pair.id == row.pair.id and self._row.pair.answer == row.pair.answer
        if known and self._page in self._pages:
            return
        self._row, self._passage, self._quote = row, passage, quote if quote != row.pair.answer else ""
        self._quoted = {}
        self._pages = sorted({box[0] for box in passage.boxes} | {passage.page})
        self._unseen = list(self._pages)
        self._look()

    def prefetch(self, rows: Iterable[QueueRow]) -> None:
        """Have the pages of these pairs ready, once the reviewer stays with one for a moment."""
        self._soon = [(row.document_id, row.page) for row in rows]
        self._timer.start()

    def _on_timer_timeout(self) -> None:
        for document, page in self._soon:
            self._view.prefetch(document, page)

    def selection(self) -> Selection | None:
        """None where nothing is selected."""
        if self._row is None or not self._text.strip():
            return None
        return Selection(self._row.document_id, self._page, self._text)

    def evidence(self) -> str:
        """What is selected on the page; else the quote, or the answer, with its paper and page."""
        if self._row is None or self._text.strip():
            return self._text.strip()
        return f"“{self._quote or self._row.pair.answer}” ({self._row.title}, {self._row.page})"

    def _look(self) -> None:
        """Show the next page on which the answer may stand; the first one again where no page has it."""
        if self._unseen:
            self._show(self._unseen[0])
            self._mark()
        elif len(self._pages) > 1 or self._quoted:
            self._show(next(iter(self._quoted), self._pages[0]))

    def _mark(self) -> None:
        if self._row is None or self._passage is None or self._unseen[:1] != [self._page]:
            return
        words = self._view.words(self._row.document_id, self._page)
        if words is None:
            return  # words_ready comes
        self._unseen.pop(0)
        quoted = self._places(words, self._quote) if self._quote else []
        if quoted:
            self._quoted[self._page] = quoted
        found = self._places(words, self._row.pair.answer)
        if found:
            self._unseen.clear()
            self._show(self._page, found)
        else:
            self._look()

    def _places(self, words: Sequence[Word], wanted: str) -> list[Box]:
        """Where ``wanted`` stands on the page at hand."""
        assert self._passage is not None
        text, boxes = self._passage.text, self._passage.boxes
        span = find_span(text, wanted)
        return answer_boxes(words, wanted, self._page, boxes, text[: span[0]] if span else "")

    def _show(self, page: int, strong: Sequence[Box] = ()) -> None:
        if self._row is None or self._passage is None:
            return
        self._page, self._text = page, ""
        quoted = self._quoted.get(page, ())
        self._view.show_page(self._row.document_id, page, self._passage.boxes, strong, quoted)

    def _on_view_words_ready(self, document: int, page: int) -> None:
        if self._row and (document, page) == (self._row.document_id, self._page):
            self._mark()

    def _on_view_page_changed(self, page: int) -> None:
        if page != self._page:
            self._page, self._text = page, ""

    def _on_view_text_selected(self, text: str) -> None:
        self._text = text
