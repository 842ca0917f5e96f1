"""Read again with another extractor: a button with a menu, and the same menu for a context menu."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from embtrainer_gui.core.config import Extractor
from embtrainer_gui.core.extractors import is_installed
from embtrainer_gui.gui.extractor_words import extractor_label


class ReadAgainMenu(QMenu):
    """Signals: ``chosen`` with the name of an extractor."""

    chosen = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        for name in get_args(Extractor):
            if is_installed(name):
                action = self.addAction(extractor_label(name))
                action.setObjectName(f"papers.read-again.{name}")
                action.setData(name)
        self.triggered.connect(lambda action: self.chosen.emit(action.data()))
