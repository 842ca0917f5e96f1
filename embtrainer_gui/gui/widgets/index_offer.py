"""A line in Search that offers to build the search index of a large library."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from embtrainer_gui.gui.widgets.basics import button, label, row


class IndexOffer(QWidget):
    """Hidden at first. Signal: ``build_asked``."""

    build_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        text = self.tr("This is a large library: with a search index, answers come many times quicker.")
        build = button(self.tr("Build the search index"), "link", name="search.build-index")
        build.setToolTip(
            self.tr(
                "Encodes what is new, and makes short codes of all passages. It can be stopped at any time, and you"
                " can search meanwhile."
            )
        )
        layout = row(label(text, "secondary"), build, None)
        layout.setContentsMargins(0, 0, 0, 0)
        self.setLayout(layout)
        build.clicked.connect(self.build_asked)
        self.hide()
