"""The passages of which no questions could be made, by reason, to look at and to try again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from embtrainer_gui.gui.failed_passages import FailedPassage, by_reason
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.widgets.basics import button, label, row

SIZE = (820, 480)
LINE_HEIGHT = 28
PAPER, PAGE, TEXT = range(3)


class FailedDialog(QDialog):
    """Signal: ``retry_wanted``."""

    retry_wanted = Signal()

    def __init__(self, failed: Sequence[FailedPassage], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("questions.failed-list")
        self.setWindowTitle(self.tr("Passages that failed"))
        self.resize(*SIZE)
        self._tree = self._build_tree()
        self._fill(failed)
        retry = button(self.tr("Retry {count}").format(count=count(len(failed))), "primary", "retry", "failed.retry")
        close = button(self.tr("Close"), "", "", "failed.close")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(8)
        layout.addWidget(label(self.tr("{count} passages failed").format(count=count(len(failed))), "section"))
        advice = self.tr("They count as not done. Retry asks for these alone; what was made of the others is kept.")
        layout.addWidget(label(advice, "secondary", wrap=True))
        layout.addSpacing(8)
        layout.addWidget(self._tree, 1)
        layout.addLayout(row(None, close, retry))
        retry.clicked.connect(self._on_retry_clicked)
        close.clicked.connect(self.reject)
        retry.setFocus()

    def _build_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setObjectName("failed.tree")
        tree.setAccessibleName(self.windowTitle())
        tree.setHeaderLabels([self.tr("Reason and paper"), self.tr("Page"), self.tr("Passage")])
        tree.setUniformRowHeights(True)
        tree.setRootIsDecorated(True)
        tree.header().setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
        tree.headerItem().setTextAlignment(PAGE, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        tree.setColumnWidth(PAPER, 260)
        tree.setColumnWidth(PAGE, 64)
        return tree

    def _fill(self, failed: Sequence[FailedPassage]) -> None:
        for reason, number in by_reason(failed).items():
            group = QTreeWidgetItem([f"{reason} ({count(number)})"])
            group.setSizeHint(PAPER, QSize(0, LINE_HEIGHT))
            group.setToolTip(PAPER, reason)
            self._tree.addTopLevelItem(group)
            group.setFirstColumnSpanned(True)
            for passage in failed:
                if passage.reason == reason:
                    text = " ".join(passage.text.split())
                    line = QTreeWidgetItem(group, [passage.file_name, str(passage.page), text])
                    line.setTextAlignment(PAGE, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                    line.setToolTip(PAPER, passage.file_name)
                    line.setToolTip(TEXT, text)
            group.setExpanded(True)

    def _on_retry_clicked(self) -> None:
        self.accept()
        self.retry_wanted.emit()
