"""One recent project on the welcome page: its name, what it holds and when it was last open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from embtrainer_gui.core.settings import ProjectNote
from embtrainer_gui.gui import format as fmt
from embtrainer_gui.gui.widgets.basics import ElidedLabel, column, icon_button, label, row

HEIGHT = 64


class RecentRow(QWidget):
    """Signals: ``chosen`` and ``forgotten`` with the folder."""

    chosen = Signal(str)
    forgotten = Signal(str)

    def __init__(self, number: int, folder: str, note: ProjectNote | None) -> None:
        super().__init__()
        self.folder = folder
        self.open = _RecentButton(number, folder, self._figures(note), fmt.date(note.at) if note else "")
        forget = icon_button("close", self.tr("Take it off this list; its files stay"), f"welcome.forget-{number}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.open, 1)
        layout.addWidget(forget)
        self.open.clicked.connect(lambda: self.chosen.emit(folder))
        forget.clicked.connect(lambda: self.forgotten.emit(folder))

    def _figures(self, note: ProjectNote | None) -> str:
        if note is None:
            return ""
        parts = [
            self.tr("1 paper") if note.papers == 1 else self.tr("{n} papers").format(n=fmt.count(note.papers)),
            self.tr("1 pair") if note.pairs == 1 else self.tr("{n} pairs").format(n=fmt.count(note.pairs)),
        ]
        if note.best is not None:
            parts.append(self.tr("nDCG@10 {score}").format(score=fmt.metric(note.best)))
        return " · ".join(parts)


class _RecentButton(QPushButton):
    def __init__(self, number: int, folder: str, figures: str, date: str) -> None:
        super().__init__()
        name = Path(folder).name
        self.setObjectName(f"welcome.recent-{number}")
        self.setProperty("kind", "recent")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)
        self.setAccessibleDescription(", ".join(part for part in (figures, date, folder) if part))
        self.setToolTip(folder)
        upper = row(ElidedLabel(name), label(date, "hint"), spacing=12)
        upper.setStretch(0, 1)
        layout = column(None, upper, ElidedLabel(figures or folder, "hint"), None, spacing=4)
        layout.setContentsMargins(16, 8, 16, 8)
        self.setLayout(layout)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, HEIGHT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, HEIGHT)
