"""How far the review is: pace, what each paper gave, and whether more of it would change anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.review_stop import Outlook
from embtrainer_gui.core.store.review_figures import PaperFigures
from embtrainer_gui.core.store.review_order import Order
from embtrainer_gui.core.store.review_queue import PairFilter
from embtrainer_gui.gui import format as figures
from embtrainer_gui.gui.models.papers_reviewed import PaperColumn, PapersReviewed
from embtrainer_gui.gui.review_keys import Command
from embtrainer_gui.gui.stop_words import reason_words, verdict_words
from embtrainer_gui.gui.widgets.basics import Icon, StatFigure, button, card, column, label, row
from embtrainer_gui.gui.widgets.key_label import label_key
from embtrainer_gui.gui.widgets.plain_table import plain_table

ROW_HEIGHT = 32
NUMBER_WIDTH = 130


class ReviewProgress(QWidget):
    """Signals: ``command_given(Command)`` by its button, ``list_wanted(PairFilter)``."""

    command_given = Signal(object)
    list_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._papers: Sequence[PaperFigures] = ()
        self._sample = PairFilter(order=Order.CHANCE)
        back = button("", "", "left", "review.progress-back")
        label_key(back, Command.PROGRESS, self.tr("Back to the pairs"))
        back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        back.clicked.connect(lambda: self.command_given.emit(Command.PROGRESS))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(row(back, label(self.tr("How far the review is"), "section"), None, spacing=16))
        layout.addWidget(self._figures())
        layout.addWidget(self._verdict())
        layout.addWidget(self._table_of_papers(), 1)

    def show_figures(
        self, counts: Mapping[str, int], pace: float | None, outlook: Outlook, papers: Sequence[PaperFigures]
    ) -> None:
        """``pace`` is pairs a minute; None where too little was decided just now."""
        accepted, rejected = counts.get(PairState.ACCEPTED, 0), counts.get(PairState.REJECTED, 0)
        left, decided = counts.get(PairState.PENDING, 0), accepted + rejected
        self._left.set(figures.count(left))
        self._accepted.set(figures.count(accepted))
        self._share.set(f"{accepted / decided:.0%}" if decided else "–")
        self._pace.set("–" if pace is None else figures.count(round(pace)))
        self._time.set("–" if not (pace and left) else figures.seconds(60 * left / pace))
        self._icon.set("check" if outlook.enough else "info", "good" if outlook.enough else "text-2")
        self._said.setText(verdict_words(outlook))
        self._why.setText(reason_words(outlook))
        self._sample = PairFilter(clean=outlook.can_tell and not outlook.reasons, order=Order.CHANCE)
        self._take.setVisible(not outlook.enough)
        self._papers = papers
        self._model.show_papers(papers)

    def _figures(self) -> QFrame:
        self._left = StatFigure(self.tr("to review"))
        self._accepted = StatFigure(self.tr("accepted"))
        self._share = StatFigure(self.tr("of the decided are accepted"))
        self._pace = StatFigure(self.tr("pairs a minute"))
        self._time = StatFigure(self.tr("for the rest at this pace"))
        line = QHBoxLayout()
        line.setSpacing(32)
        for figure in (self._left, self._accepted, self._share, self._pace, self._time):
            line.addWidget(figure)
        line.addStretch()
        holder = QWidget()
        line.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(line)
        return card(holder)

    def _verdict(self) -> QFrame:
        self._icon = Icon("info")
        self._said = label("", "section")
        self._said.setObjectName("review.stop")
        self._why = label("", "secondary", wrap=True)
        self._why.setObjectName("review.stop-why")
        self._take = button(self.tr("Take pairs by chance"), "", "", "review.by-chance")
        self._take.setToolTip(self.tr("Lists pairs in an order by chance: what you decide of them holds for the rest."))
        self._take.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._take.clicked.connect(lambda: self.list_wanted.emit(self._sample))
        holder = QWidget()
        holder.setLayout(column(row(self._icon, self._said, None, self._take), self._why))
        return card(holder)

    def _table_of_papers(self) -> QFrame:
        self._model = PapersReviewed(self)
        spoken = self.tr("Papers with what became of their pairs")
        self._table = plain_table(QTableView(), "review.papers", spoken, row=ROW_HEIGHT)
        self._table.setModel(self._model)
        self._table.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys stay with the page
        self._table.setToolTip(self.tr("A double click lists the pairs of a paper."))
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(PaperColumn.TITLE, QHeaderView.ResizeMode.Stretch)
        for number in range(PaperColumn.LEFT, PaperColumn.SHARE + 1):
            self._table.setColumnWidth(number, NUMBER_WIDTH)
        self._table.doubleClicked.connect(lambda index: self._open(index.row()))
        return card(label(self.tr("By paper"), "section"), self._table)

    def _open(self, number: int) -> None:
        self.list_wanted.emit(PairFilter(states=(), document=self._papers[number].document, order=Order.PAPER))
