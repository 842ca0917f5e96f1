"""A large button with an icon, a name and a line that says what it does."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from embtrainer_gui.gui.widgets.basics import Icon, column, label, row

NARROWEST = 360


class ChoiceButton(QPushButton):
    def __init__(self, icon: str, title: str, text: str, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("kind", "choice")
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words = column(label(title, "section"), label(text, "secondary", wrap=True), spacing=4)
        self._inside = layout = row(Icon(icon, "accent", 28), words, spacing=16)
        layout.setStretch(1, 1)
        layout.setContentsMargins(20, 16, 20, 16)
        self.setLayout(layout)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(NARROWEST, self._inside.totalHeightForWidth(NARROWEST))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - that of a button knows nothing of the layout in it
        return self.sizeHint()
