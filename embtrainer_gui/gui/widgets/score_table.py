"""The models with all their scores; each with its change against the one that the others are held against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from embtrainer_gui.core.general_report import TOLERATED, GeneralReport
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import change, metric
from embtrainer_gui.gui.widgets.basics import ElidedLabel, label

if TYPE_CHECKING:
    from embtrainer_gui.core.comparison import Comparison

LEAST = 0.0005  # a change that would be shown as zero is none
NAME_WIDTH = 96
GENERAL = "general"  # the column of the forgetting check


class ScoreTable(QWidget):
    """``show_comparison`` fills it; a figure's interval is its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: dict[tuple[str, str], QLabel] = {}
        self._shown: tuple[Comparison, str, str, Mapping[str, str], Mapping[str, str]] | None = None
        self.setObjectName("compare.table")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        theme.changes().changed.connect(self._on_theme_changed)

    def show_comparison(
        self,
        comparison: Comparison,
        reference: str,
        strong: str,
        names: Mapping[str, str],
        meanings: Mapping[str, str],
    ) -> None:
        """Changes are against ``reference``; the scores of ``strong`` are bold. ``meanings``: what each model is."""
        self._shown = (comparison, reference, strong, names, meanings)
        self._clear()
        columns = [*comparison.metrics, *([GENERAL] if comparison.result.get("forgetting") else [])]
        for column, score in enumerate(columns, 1):
            title, meaning = self.heading(score)
            heading = label(title, "secondary")
            heading.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            heading.setToolTip(meaning)
            self._grid.addWidget(heading, 0, column)
        for row, model in enumerate(comparison.models, 1):
            name = ElidedLabel(names[model])
            name.setMinimumWidth(NAME_WIDTH)
            name.setAccessibleDescription(meanings[model])
            name.setToolTip(f"{names[model]}: {meanings[model]}")
            self._grid.addWidget(name, row, 0)
            for column, score in enumerate(columns, 1):
                cell = self._cells[model, score] = self._cell(comparison, model, score, reference, strong)
                self._grid.addWidget(cell, row, column)

    def text_of(self, model: str, score: str) -> str:
        return self._cells[model, score].text()

    def tip_of(self, model: str, score: str) -> str:
        return self._cells[model, score].toolTip()

    def _cell(self, comparison: Comparison, model: str, score: str, reference: str, strong: str) -> QLabel:
        cell = label("")
        cell.setTextFormat(Qt.TextFormat.RichText)
        cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if score == GENERAL:
            report = comparison.result["forgetting"].get(model)
            if report:
                found = GeneralReport(**report)
                cell.setText(_colored(change(found.delta), _token(found.delta, TOLERATED)))
                cell.setToolTip(found.sentence())
            else:
                cell.setText("–")
            return cell
        value = comparison.value(model, score)
        shown = f"<b>{metric(value)}</b>" if model == strong else metric(value)
        tips = []
        if bounds := comparison.bounds(model, score):
            low, high = map(metric, bounds)
            tips.append(self.tr("95 % interval {low} to {high}").format(low=low, high=high))
        if model != reference:
            difference = comparison.difference(reference, model, score)
            shown += "<br>" + _colored(change(difference.delta), _token(difference.delta, LEAST))
            if difference.bounds:
                low, high = map(change, difference.bounds)
                tips.append(self.tr("Change: 95 % interval {low} to {high}").format(low=low, high=high))
        cell.setText(shown)
        cell.setToolTip("\n".join(tips))
        return cell

    def _clear(self) -> None:
        self._cells.clear()
        while item := self._grid.takeAt(0):
            widget = item.widget()
            if widget:
                widget.hide()
                widget.deleteLater()

    def heading(self, score: str) -> tuple[str, str]:
        """The name of a score, and what it means."""
        found = self.tr("Share of the questions' right passages that are among the first {depth}")
        return {
            "ndcg@10": (
                self.tr("nDCG@10"),
                self.tr("How high the right passage stands among the first ten: 1 is always first"),
            ),
            "mrr@10": (
                self.tr("MRR@10"),
                self.tr("Mean of 1 / place of the right passage; 0 when it is not in the first ten"),
            ),
            "recall@1": (self.tr("Recall@1"), found.format(depth=1)),
            "recall@5": (self.tr("Recall@5"), found.format(depth=5)),
            "recall@10": (self.tr("Recall@10"), found.format(depth=10)),
            "spearman": (
                self.tr("Spearman"),
                self.tr("How well the order by the model's similarity agrees with the order by the scores of people"),
            ),
            GENERAL: (
                self.tr("General"),
                self.tr("Forgetting check: change of nDCG@10 on general questions outside your field"),
            ),
        }[score]

    def _on_theme_changed(self) -> None:
        if self._shown:
            self.show_comparison(*self._shown)


def _token(difference: float, least: float) -> str:
    if abs(difference) < least:
        return "text-2"
    return "good" if difference > 0 else "bad"


def _colored(text: str, token: str) -> str:
    return f'<span style="color:{theme.color(token).name()}">{text}</span>'
