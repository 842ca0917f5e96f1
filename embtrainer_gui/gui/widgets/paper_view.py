"""One paper: its pages with the passages outlined, and the passages as text below; each finds the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from embtrainer_gui.core.records import Box, Passage
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.store.document_list import DocumentRow
from embtrainer_gui.gui.widgets.basics import ElidedLabel, column, label, row
from embtrainer_gui.gui.widgets.paper_words import about_words, has_pages, how_read
from embtrainer_gui.gui.widgets.passage_list import PassageList
from embtrainer_gui.gui.widgets.pdf_view import PdfView

if TYPE_CHECKING:
    from embtrainer_gui.gui.job_manager import JobManager

UNLIMITED = 16_777_215
NOTICE_HEIGHT = 56  # where there is no page to show


class PaperView(QWidget):
    """``show_paper`` shows one row of the table, ``show_nothing`` a sentence."""

    def __init__(self, jobs: JobManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: DocumentRow | None = None
        self._project: Project | None = None
        self._passages: list[Passage] = []
        self._boxes: list[Box] = []
        self._owners: list[int] = []  # the passage that each box belongs to
        self._title = ElidedLabel("", "secondary")
        self._about = label("", "secondary", selectable=True)
        self._about.setObjectName("papers.about")
        self._about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._how = ElidedLabel("", "hint")
        self._how.setObjectName("papers.how-read")
        self._everything = QCheckBox(self.tr("Show what is left out"))
        self._everything.setObjectName("papers.everything")
        self._everything.setToolTip(self.tr("Captions, references, authors and so on are read but not searched."))
        self.page = PdfView(jobs, self)
        self.passages = PassageList(self)
        self._text = QWidget()
        text = column(row(self._title, self._everything, spacing=12), self._about, self._how, self.passages)
        self._text.setLayout(text)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(12)
        for part, share in ((self.page, 62), (self._text, 38)):
            splitter.addWidget(part)
            splitter.setStretchFactor(splitter.count() - 1, share)
        splitter.setSizes([620, 380])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self.passages.chosen.connect(self._on_passages_chosen)
        self.page.box_clicked.connect(self._on_page_box_clicked)
        self.page.page_changed.connect(self.passages.scroll_to_page)
        self._everything.toggled.connect(self._reload)
        self.show_nothing("")

    def show_nothing(self, text: str) -> None:
        self._row = self._project = None
        self._passages, self._boxes, self._owners = [], [], []
        self.passages.show_passages((), frozenset())
        self._text.setVisible(False)
        self.page.setMaximumHeight(UNLIMITED)
        self.page.clear(text)

    def show_paper(self, project: Project, shown: DocumentRow) -> None:
        if self._row == shown and self._project is project:
            return
        if not shown.document:
            self.show_nothing(shown.reason)
            self._row, self._project = shown, project
            return
        self._row, self._project = shown, project
        self._text.setVisible(True)
        self._reload()

    def shown(self) -> DocumentRow | None:
        return self._row

    def _reload(self) -> None:
        if self._row is None or self._project is None or not self._row.document:
            return
        everything = self._everything.isChecked()
        self._passages = self._project.passages.of_document(self._row.document, in_use_only=not everything)
        pairs = [(box, place) for place, passage in enumerate(self._passages) for box in passage.boxes]
        self._boxes, self._owners = [box for box, _ in pairs], [place for _, place in pairs]
        self._title.setText(self.tr("Passages of {name}").format(name=self._row.file_name))
        self._about.setText(about_words(self._row, short=True))
        self._about.setToolTip(about_words(self._row))
        self._about.setVisible(bool(self._about.text()))
        self._how.setText(how_read(self._row))
        self._how.setVisible(bool(how_read(self._row)))
        self.passages.show_passages(self._passages, frozenset(self._project.passages.included_kinds()))
        self.page.setMaximumHeight(UNLIMITED if has_pages(self._row) else NOTICE_HEIGHT)
        if has_pages(self._row):
            self.page.show_page(self._row.document, 1, self._boxes)
        else:
            self.page.clear(self.tr("This document has no pages to show: it was not a PDF. Its passages are below."))

    def _on_passages_chosen(self, place: int) -> None:
        self._light(place)

    def _on_page_box_clicked(self, index: int) -> None:
        place = self._owners[index]
        self.passages.select(place)
        self._light(place, page=self._boxes[index][0])

    def _light(self, place: int, page: int = 0) -> None:
        """Mark the boxes of a passage, on its first page or the one that was clicked."""
        passage = self._passages[place]
        if self._row is not None and has_pages(self._row):
            self.page.show_page(self._row.document, page or passage.page, self._boxes, passage.boxes)
