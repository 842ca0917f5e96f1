"""The choice between the untrained and the tuned model, where there is one."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from embtrainer_gui.core.search_config import DenseModel
from embtrainer_gui.gui.model_words import model_meanings, model_names

NAMES = ("base", "tuned")


class DenseChoice(QComboBox):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(self.tr("Model"))
        self.set_trained(False)

    def set_trained(self, trained: bool) -> None:
        """Offer the tuned model only where there is one; it is chosen the first time that it is there."""
        names, meanings = model_names(), model_meanings()
        wanted = [name for name in NAMES if trained or name != "tuned"]
        if [self.itemData(place) for place in range(self.count())] == wanted:
            return
        self.clear()
        for name in wanted:
            self.addItem(names[name], name)
        self.setCurrentIndex(len(wanted) - 1)
        self.setToolTip("\n".join(f"{names[name]}: {meanings[name]}" for name in wanted))

    def chosen(self) -> DenseModel:
        return "tuned" if self.currentData() == "tuned" else "base"
