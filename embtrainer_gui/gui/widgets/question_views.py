"""The lower half of a comparison: the questions that changed most, the best and worst, or each kind and paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHeaderView, QStackedWidget, QTableView, QWidget

from embtrainer_gui.core.comparison import Comparison, Question
from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.models.group_table import INTERVAL, NAME, GroupTable
from embtrainer_gui.gui.pair_words import kind_words
from embtrainer_gui.gui.widgets.basics import column, label, row
from embtrainer_gui.gui.widgets.plain_table import plain_table
from embtrainer_gui.gui.widgets.question_list import LEAST_ROWS, QuestionList
from embtrainer_gui.gui.widgets.reflow_row import ReflowRow

CHANGED, EXTREME, KINDS, PAPERS = "changed", "extreme", "by_kind", "by_paper"
NUMBER_WIDTH, WIDE = 104, 148
KINDS_KNOWN = {kind.value for kind in QuestionKind}


class QuestionViews(QWidget):
    """Signals: ``opened`` with the questions of a list (tuple) and the row."""

    opened = Signal(object, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.left, self.right = QuestionList("improved"), QuestionList("worse")
        self._shown: tuple[list[Question], list[Question]] = ([], [])
        self._view = QComboBox()
        self._view.setObjectName("compare.view")
        self._view.setAccessibleName(self.tr("What to list"))
        self._view.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._groups, self._group_model = self._group_table(), GroupTable(self)
        self._groups.setModel(self._group_model)
        self._fit_groups()
        self._stack = QStackedWidget()
        self._stack.addWidget(ReflowRow(self.left, self.right))
        self._stack.addWidget(self._groups)
        layout = column(row(label(self.tr("Show"), "secondary"), self._view, None), self._stack)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._view.activated.connect(self._on_view_activated)
        self.left.opened.connect(lambda place: self.opened.emit(tuple(self._shown[0]), place))
        self.right.opened.connect(lambda place: self.opened.emit(tuple(self._shown[1]), place))

    def show_comparison(
        self,
        comparison: Comparison,
        pair: tuple[str, str],
        names: Mapping[str, str],
        paper_of: Callable[[str], str],
    ) -> None:
        """``paper_of``: the title of a paper by the name of its group."""
        self._comparison, self._pair, self._names, self._paper_of = comparison, pair, names, paper_of
        chosen = self._view.currentData() or CHANGED
        items = {CHANGED: self.tr("Changed most"), EXTREME: self.tr("Best and worst")}
        if comparison.groups(KINDS, *pair):
            items[KINDS] = self.tr("By kind of question")
        if comparison.groups(PAPERS, *pair):
            items[PAPERS] = self.tr("By paper")
        self._view.clear()
        for name, text in items.items():
            self._view.addItem(text, name)
        self._view.setCurrentIndex(max(0, self._view.findData(chosen)))
        self._show_view()

    def choose(self, view: str) -> None:
        """Show ``changed``, ``extreme``, ``by_kind`` or ``by_paper``."""
        self._view.setCurrentIndex(max(0, self._view.findData(view)))
        self._show_view()

    @Slot()
    def _on_view_activated(self) -> None:
        self._show_view()

    def _show_view(self) -> None:
        view = self._view.currentData()
        self._stack.setCurrentIndex(1 if view in (KINDS, PAPERS) else 0)
        if view in (KINDS, PAPERS):
            self._show_groups(view)
        else:
            self._show_lists(extreme=view == EXTREME)

    def _show_lists(self, *, extreme: bool) -> None:
        compared, (before, after) = self._comparison, self._pair
        named = (self._names[before], self._names[after])
        if extreme:
            self._shown = compared.best(after), compared.worst(after)
            titles = self.tr("Best of {model}"), self.tr("Worst of {model}")
            titles = (titles[0].format(model=named[1]), titles[1].format(model=named[1]))
        else:
            self._shown = compared.improved(before, after), compared.worse(before, after)
            titles = self.tr("Improved most ({number})"), self.tr("Got worse most ({number})")
            numbers = [count(len(questions)) for questions in self._shown]
            titles = (titles[0].format(number=numbers[0]), titles[1].format(number=numbers[1]))
        for part, title, questions in zip((self.left, self.right), titles, self._shown, strict=True):
            part.show_questions(title, questions, self._pair, named)

    def _show_groups(self, view: str) -> None:
        before, after = self._pair
        groups = self._comparison.groups(view, before, after)
        head = self.tr("Kind of question") if view == KINDS else self.tr("Paper")
        name_of = _kind_words if view == KINDS else self._paper_of
        self._group_model.show(groups, name_of, head, self._names[before], self._names[after])
        self._groups.setAccessibleName(head)

    def _group_table(self) -> QTableView:
        table = plain_table(QTableView(), "compare.groups")
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setMinimumHeight(theme.size("row") * (LEAST_ROWS + 1))
        return table

    def _fit_groups(self) -> None:
        header = self._groups.horizontalHeader()
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for place in range(NAME + 1, self._group_model.columnCount()):
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(place, WIDE if place == INTERVAL else NUMBER_WIDTH)


def _kind_words(kind: str) -> str:
    """What the window calls a kind; a set of the user's own may have others."""
    return kind_words(QuestionKind(kind)) if kind in KINDS_KNOWN else kind
