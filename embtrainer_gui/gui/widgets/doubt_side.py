"""One of two passages side by side: which it is, where it stands, its page with it boxed, its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.core.records import Passage
from embtrainer_gui.gui.widgets.basics import Chip, ElidedLabel, label, row
from embtrainer_gui.gui.widgets.marked_text import MarkedText
from embtrainer_gui.gui.widgets.pdf_view import PdfView

if TYPE_CHECKING:
    from embtrainer_gui.gui.job_manager import JobManager

TEXT_SHARE, PAGE_SHARE = 2, 5
LOWEST_PAGE = 96


class DoubtSide(QFrame):
    def __init__(self, name: str, title: str, jobs: JobManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._origin = ElidedLabel("", "hint")
        self._origin.setObjectName(f"doubts.{name}-origin")
        self.chip = Chip("")
        self.chip.setObjectName(f"doubts.{name}-chip")
        policy = self.chip.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # both sides begin their pages at one height
        self.chip.setSizePolicy(policy)
        self.chip.hide()
        self.view = PdfView(jobs, self)
        self.view.setMinimumHeight(LOWEST_PAGE)
        self.view.leave_keys()
        self._text = MarkedText(self)
        self._text.setObjectName(f"doubts.{name}-text")
        self._text.setAccessibleName(title)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(8)
        layout.addWidget(label(title, "section"))
        layout.addLayout(row(self._origin, self.chip))
        layout.addWidget(self.view, PAGE_SHARE)
        layout.addWidget(self._text, TEXT_SHARE)

    def show_passage(self, passage: Passage, title: str, span: tuple[int, int] | None = None) -> None:
        """``span`` of its text is marked."""
        parts = [self.tr("Page {page}").format(page=passage.page), passage.section, title]
        self._origin.setText(" · ".join(part for part in parts if part))
        self.view.show_page(passage.document_id, passage.page, (), passage.boxes)
        self._text.show_text(passage.text, span)

    def clear(self) -> None:
        """The next project has other pages under the same numbers."""
        self.view.clear("")

    def prefetch(self, passage: Passage) -> None:
        self.view.prefetch(passage.document_id, passage.page)
