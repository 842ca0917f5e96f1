"""All of one comparison: the sentence, the plot and the table of the models, and the questions with their rankings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from embtrainer_gui.gui.format import date
from embtrainer_gui.gui.widgets.basics import button, card, label, row
from embtrainer_gui.gui.widgets.causes import Causes
from embtrainer_gui.gui.widgets.dot_plot import Dot, DotPlot
from embtrainer_gui.gui.widgets.question_views import QuestionViews
from embtrainer_gui.gui.widgets.rankings import RankedColumn, Rankings
from embtrainer_gui.gui.widgets.reflow_row import ReflowRow
from embtrainer_gui.gui.widgets.score_table import ScoreTable
from embtrainer_gui.gui.widgets.verdict import Verdict

if TYPE_CHECKING:
    from embtrainer_gui.core.comparison import Comparison
    from embtrainer_gui.core.store.runs import Run

GAP = 16


@dataclass(frozen=True, slots=True)
class Shown:
    """``pair``: the model that is held against, and the one that the sentence is about. ``names`` and ``meanings`` are
    those of the models, ``paper_of`` gives the title of a paper."""

    comparison: Comparison
    pair: tuple[str, str]
    names: Mapping[str, str]
    meanings: Mapping[str, str]
    paper_of: Callable[[str], str]


class ComparisonView(QScrollArea):
    """Signals: ``compare_asked``."""

    compare_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self.verdict, self.causes = Verdict(), Causes()
        self.plot, self.table = DotPlot(), ScoreTable()
        self.questions, self.rankings = QuestionViews(), Rankings()
        self._metric = QComboBox()
        self._metric.setObjectName("compare.metric")
        self._metric.setAccessibleName(self.tr("Score that is drawn"))
        self._metric.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, GAP // 2, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self._stale_banner())
        layout.addWidget(self.verdict)
        layout.addWidget(self.causes)
        plot = card(row(self._metric, label(self.tr("with its 95 % interval"), "secondary"), None), self.plot, None)
        table = card(label(self.tr("All scores"), "section"), self.table, None)
        layout.addWidget(ReflowRow(plot, table, (4, 5)))
        layout.addWidget(self.questions, 1)
        layout.addWidget(self.rankings, 1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside.setMinimumHeight(1)  # its height follows its width: not that of text as narrow as it goes
        self.setWidget(inside)
        self._metric.activated.connect(self._on_metric_activated)

    def _stale_banner(self) -> QFrame:
        self._stale = QFrame()
        self._stale.setObjectName("compare.stale")
        self._stale.setProperty("role", "banner-warn")
        self._stale_again: QPushButton = button(self.tr("Compare again"), "primary", "retry", "compare.stale-again")
        self._stale_again.clicked.connect(self.compare_asked)
        self._stale_text = label("", wrap=True)
        self._stale_text.setObjectName("compare.stale-text")
        line = row(self._stale_text, self._stale_again)
        line.setStretch(0, 1)
        line.setContentsMargins(GAP, 8, 8, 8)
        self._stale.setLayout(line)
        return self._stale

    def show_running(self, running: bool) -> None:
        self._stale_again.setText(self.tr("Comparing...") if running else self.tr("Compare again"))
        self._stale_again.setEnabled(not running)

    def show_comparison(self, shown: Shown, run: Run | None) -> None:
        """``run``: the newest, of which causes are told where it got worse."""
        self._shown, comparison = shown, shown.comparison
        self._show_stale(comparison)
        self.verdict.show_comparison(comparison, shown.pair, shown.names)
        worse = comparison.difference(*shown.pair).verdict == "WORSE"
        self.causes.setVisible(worse and shown.pair == ("base", "tuned"))
        self.causes.show_run(run)
        self._show_metrics(comparison)
        self.table.show_comparison(comparison, *shown.pair, shown.names, shown.meanings)
        self.questions.show_comparison(comparison, shown.pair, shown.names, shown.paper_of)
        self.show_lists()

    def _show_stale(self, comparison: Comparison) -> None:
        gone = [self._shown.names[model] for model in comparison.gone] if self._shown else []
        self._stale.setVisible(comparison.stale or bool(gone))
        self._stale_again.setVisible(not gone)
        day = date(comparison.result.get("at", ""))
        text = self.tr("The model or the test questions have changed since. This is the old result.")
        if gone:
            text = self.tr("No longer in the project: {models}. These are the figures of {day}; choose other models.")
        self._stale_text.setText(text.format(models=", ".join(gone), day=day))

    def _show_metrics(self, comparison: Comparison) -> None:
        chosen = self._metric.currentData()
        self._metric.clear()
        for metric in comparison.metrics:
            self._metric.addItem(self.table.heading(metric)[0], metric)
        self._metric.setCurrentIndex(max(0, self._metric.findData(chosen)))
        self._on_metric_activated()

    @Slot()
    def _on_metric_activated(self) -> None:
        shown, metric = self._shown, self._metric.currentData()
        if shown is None:
            return
        reference = shown.pair[0]
        models = sorted(shown.comparison.models, key=lambda model: model != reference)  # the line stands at the first
        self.plot.show_dots([self._dot(shown, model, metric) for model in models])

    def _dot(self, shown: Shown, model: str, metric: str) -> Dot:
        value = shown.comparison.value(model, metric)
        low, high = shown.comparison.bounds(model, metric) or (value, value)
        token = {shown.pair[0]: "text-2", shown.pair[1]: "accent"}.get(model, "text-3")
        return Dot(shown.names[model], value, low, high, token, shown.meanings[model])

    def show_lists(self) -> None:
        self.rankings.hide()
        self.questions.show()

    def show_question(self, text: str, columns: Mapping[str, RankedColumn], number: int, total: int) -> None:
        """Both rankings of a question in the place of the lists."""
        self.rankings.show_question(text, columns, number, total)
        self.questions.hide()
        self.rankings.show()
        self.rankings.back.setFocus()
        QTimer.singleShot(0, self._scroll_to_rankings)  # their height is known after the layout

    @Slot()
    def _scroll_to_rankings(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(min(bar.maximum(), self.rankings.y() - GAP))
