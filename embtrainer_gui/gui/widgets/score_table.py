"""The models with all their scores; those of a tuned model with the change against the untrained one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import change, metric
from embtrainer_gui.gui.models.comparison import METRICS, MODELS
from embtrainer_gui.gui.widgets.basics import label

if TYPE_CHECKING:
    from embtrainer_gui.gui.models.comparison import Comparison

LEAST = 0.0005  # a change that would be shown as zero is none


class ScoreTable(QWidget):
    """``names`` are the models' names in the window, ``explanations`` what each of them is."""

    def __init__(self, names: dict[str, str], explanations: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names, self._explanations = names, explanations
        self._cells: dict[tuple[str, str], QLabel] = {}
        self._shown: Comparison | None = None
        self.setObjectName("compare.table")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(0, 1)
        for column, (title, meaning) in enumerate(self._headings(), 1):
            heading = label(title, "secondary")
            heading.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            heading.setToolTip(meaning)
            grid.addWidget(heading, 0, column)
        for row, model in enumerate(MODELS, 1):
            name = label(names[model])
            name.setToolTip(explanations[model])
            grid.addWidget(name, row, 0)
            for column, score in enumerate(METRICS, 1):
                cell = label("")
                cell.setTextFormat(Qt.TextFormat.RichText)
                cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._cells[model, score] = cell
                grid.addWidget(cell, row, column)
        theme.changes().changed.connect(self._on_theme_changed)

    def show_comparison(self, comparison: Comparison) -> None:
        self._shown = comparison
        models = comparison.result["models"]
        for (model, score), cell in self._cells.items():
            value, before = models[model][score], models["base"][score]
            cell.setText(_cell(value, None if model == "base" else value - before, strong=model == "tuned"))

    def text_of(self, model: str, score: str) -> str:
        return self._cells[model, score].text()

    def _headings(self) -> list[tuple[str, str]]:
        found = self.tr("Share of the questions' right passages that are among the first {depth}")
        return [
            (self.tr("nDCG@10"), self.tr("How high the right passage stands among the first ten: 1 is always first")),
            (self.tr("MRR@10"), self.tr("Mean of 1 / place of the right passage; 0 when it is not in the first ten")),
            (self.tr("Recall@1"), found.format(depth=1)),
            (self.tr("Recall@5"), found.format(depth=5)),
            (self.tr("Recall@10"), found.format(depth=10)),
        ]

    def _on_theme_changed(self) -> None:
        if self._shown:
            self.show_comparison(self._shown)


def _cell(value: float, difference: float | None, *, strong: bool) -> str:
    shown = f"<b>{metric(value)}</b>" if strong else metric(value)
    if difference is None:
        return shown
    token = "text-2" if abs(difference) < LEAST else "good" if difference > 0 else "bad"
    return f'{shown}<br><span style="color:{theme.color(token).name()}">{change(difference)}</span>'
