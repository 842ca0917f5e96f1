"""All of one comparison: the sentence, the plot and the table of the models, and the questions with their rankings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.models.comparison import MODELS
from embtrainer_gui.gui.widgets.basics import button, card, label, row
from embtrainer_gui.gui.widgets.causes import Causes
from embtrainer_gui.gui.widgets.dot_plot import Dot, DotPlot
from embtrainer_gui.gui.widgets.question_list import QuestionList
from embtrainer_gui.gui.widgets.rankings import RankedColumn, Rankings
from embtrainer_gui.gui.widgets.score_table import ScoreTable
from embtrainer_gui.gui.widgets.verdict import Verdict

if TYPE_CHECKING:
    from embtrainer_gui.core.store.runs import Run
    from embtrainer_gui.gui.models.comparison import Comparison

GAP = 16
TOKENS = {"base": "text-2", "tuned": "accent"}


class ComparisonView(QScrollArea):
    """Signals: ``compare_asked``, ``own_asked`` (on a set of one's own), ``set_chosen`` with its name."""

    compare_asked = Signal()
    own_asked = Signal()
    set_chosen = Signal(str)

    def __init__(self, names: dict[str, str], explanations: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names, self._explanations = names, explanations
        self.verdict, self.causes = Verdict(), Causes()
        self.plot, self.table = DotPlot(), ScoreTable(names, explanations)
        self.improved, self.worse = QuestionList("improved"), QuestionList("worse")
        self.lists, self.rankings = _side_by_side(self.improved, self.worse), Rankings()
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, GAP // 2, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self._stale_banner())
        layout.addWidget(self.verdict)
        layout.addLayout(self._toolbar())
        layout.addWidget(self.causes)
        plot = card(label(self.tr("nDCG@10 with its 95 % interval"), "section"), self.plot, None)
        table = card(label(self.tr("All scores"), "section"), self.table, None)
        layout.addWidget(_side_by_side(plot, table))
        layout.addWidget(self.lists, 1)
        layout.addWidget(self.rankings, 1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside.setMinimumHeight(1)  # its height follows its width: not that of text as narrow as it goes
        self.setWidget(inside)

    def _toolbar(self) -> QLayout:
        self._set = QComboBox()
        self._set.setObjectName("compare.set")
        self._set.setAccessibleName(self.tr("Questions to compare on"))
        self._set.activated.connect(lambda: self.set_chosen.emit(self._set.currentData()))
        self._own = button(self.tr("On my own questions..."), "", "folder", "compare.own")
        self._own.setToolTip(
            self.tr(
                "A folder with corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and qrels.tsv (BEIR layout)"
            )
        )
        self._own.clicked.connect(self.own_asked)
        self._again = self._again_button("compare.again", "")
        return row(self._set, self._own, self._again, None)

    def _stale_banner(self) -> QFrame:
        self._stale = QFrame()
        self._stale.setObjectName("compare.stale")
        self._stale.setProperty("role", "banner-warn")
        self._stale_again = self._again_button("compare.stale-again", "primary")
        text = label(self.tr("The model or the test questions have changed since. This is the old result."), wrap=True)
        line = row(text, self._stale_again)
        line.setStretch(0, 1)
        line.setContentsMargins(GAP, 8, 8, 8)
        self._stale.setLayout(line)
        return self._stale

    def _again_button(self, name: str, kind: str) -> QPushButton:
        made = button(self.tr("Compare again"), kind, "retry", name)
        made.clicked.connect(self.compare_asked)
        return made

    def show_sets(self, sets: Iterable[tuple[str, str]], chosen: str) -> None:
        """``(name, text)`` of each set that was compared on; with a single one there is nothing to choose."""
        self._set.clear()
        for name, text in sets:
            self._set.addItem(text, name)
        self._set.setCurrentIndex(max(0, self._set.findData(chosen)))
        self._set.setVisible(self._set.count() > 1)

    def show_running(self, running: bool) -> None:
        for again in (self._again, self._stale_again):
            again.setText(self.tr("Comparing...") if running else self.tr("Compare again"))
            again.setEnabled(not running)
        self._own.setEnabled(not running)

    def show_comparison(self, comparison: Comparison, run: Run | None) -> None:
        self._stale.setVisible(comparison.stale)
        self._again.setVisible(not comparison.stale)  # the banner has it then
        self.verdict.show_comparison(comparison)
        self.causes.setVisible(comparison.result["verdict"] == "WORSE")
        self.causes.show_run(run)
        self.plot.show_dots([self._dot(comparison, model) for model in MODELS])
        self.table.show_comparison(comparison)
        improved, worse = comparison.improved(), comparison.worse()
        self.improved.show_questions(self.tr("Improved most ({number})").format(number=count(len(improved))), improved)
        self.worse.show_questions(self.tr("Got worse most ({number})").format(number=count(len(worse))), worse)
        self.show_lists()

    def _dot(self, comparison: Comparison, model: str) -> Dot:
        value = comparison.ndcg(model)
        low, high = comparison.intervals.get(model, (value, value))
        return Dot(self._names[model], value, low, high, TOKENS.get(model, "text-3"), self._explanations[model])

    def show_lists(self) -> None:
        self.rankings.hide()
        self.lists.show()

    def show_question(self, text: str, columns: Mapping[str, RankedColumn], number: int, total: int) -> None:
        """Both rankings of a question in the place of the lists."""
        self.rankings.show_question(text, columns, number, total)
        self.lists.hide()
        self.rankings.show()
        self.rankings.back.setFocus()
        QTimer.singleShot(0, self._scroll_to_rankings)  # their height is known after the layout

    @Slot()
    def _scroll_to_rankings(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(min(bar.maximum(), self.rankings.y() - GAP))


def _side_by_side(left: QWidget, right: QWidget) -> QWidget:
    widget = QWidget()
    line = QHBoxLayout(widget)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(GAP)
    line.addWidget(left, 1)
    line.addWidget(right, 1)
    return widget
