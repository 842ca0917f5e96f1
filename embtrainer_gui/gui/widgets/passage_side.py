"""The page of a passage beside what is looked at, with the passage boxed on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from embtrainer_gui.gui.widgets.basics import ElidedLabel, column, icon_button, row
from embtrainer_gui.gui.widgets.pdf_view import PdfView

if TYPE_CHECKING:
    from embtrainer_gui.core.records import Passage
    from embtrainer_gui.gui.job_manager import JobManager

NARROWEST = 320


class PassageSide(QWidget):
    """Hidden until a passage is shown; its own button hides it again. ``name`` is its objectName."""

    def __init__(self, jobs: JobManager, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.view = PdfView(jobs)
        self._title = ElidedLabel("", "section")
        self.close_button = icon_button("close", self.tr("Close the page"), f"{name}-close")
        layout = column(row(self._title, self.close_button), self.view)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.setMinimumWidth(NARROWEST)
        self.close_button.clicked.connect(self._on_close_clicked)
        self.hide()

    def show_passage(self, title: str, passage: Passage) -> None:
        """``title`` of its paper."""
        self._title.setText(title)
        self.show()
        self.view.show_page(passage.document_id, passage.page, passage.boxes, passage.boxes)

    @Slot()
    def _on_close_clicked(self) -> None:
        self.hide()
