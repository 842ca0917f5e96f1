"""What a search is narrowed to: answers or passages, papers, a heading, years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox, QWidget

from embtrainer_gui.core.search_config import SearchedTexts
from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.core.store.search_scope import PaperChoice
from embtrainer_gui.gui.widgets.basics import button, column, inset, label, row
from embtrainer_gui.gui.widgets.reflow_row import ReflowRow

TYPING_MS = 250
NAME_WIDTH = 220


class SearchFilter(QWidget):
    """Signal ``changed``. Years are only there where the papers tell theirs."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None, name: str = "search.") -> None:
        """Args: ``name`` is what the objectNames of its parts begin with."""
        super().__init__(parent)
        self._known: set[int] = set()
        self._quiet = False
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._tell)
        self._over = QComboBox()
        self._over.setObjectName(f"{name}over")
        self._over.addItem(self.tr("Passages"), "passages")
        self._over.addItem(self.tr("Answers of accepted questions"), "answers")
        self._over.setAccessibleName(self.tr("Search in"))
        self._over.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._over.setMinimumContentsLength(12)
        self._paper = QComboBox()
        self._paper.setObjectName(f"{name}paper")
        self._paper.setAccessibleName(self.tr("Paper"))
        self._paper.setMaximumWidth(NAME_WIDTH)
        self._paper.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._paper.setMinimumContentsLength(12)
        self._paper.addItem(self.tr("All papers"), 0)
        self._section = QComboBox()
        self._section.setObjectName(f"{name}section")
        self._section.setEditable(True)
        self._section.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._section.setAccessibleName(self.tr("Section"))
        self._section.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._section.setMinimumContentsLength(12)
        line = self._section.lineEdit()
        assert isinstance(line, QLineEdit)
        line.setPlaceholderText(self.tr("All sections"))
        line.setMaxLength(200)
        self._years = [QSpinBox(), QSpinBox()]
        inset(*self._years)
        self._span = (0, 0)
        self._from, self._to = self._years
        self._year_words = [label(self.tr("Years"), "secondary"), label("–", "secondary")]
        for end, box in (("from", self._from), ("to", self._to)):
            box.setObjectName(f"{name}year-{end}")
            box.valueChanged.connect(self._tell)
        self._from.setAccessibleName(self.tr("First year"))
        self._to.setAccessibleName(self.tr("Last year"))
        reset = button(self.tr("Reset"), "link", name=f"{name}filter-reset")
        reset.clicked.connect(self.reset)
        years = (self._year_words[0], self._from, self._year_words[1], self._to)
        what, when = QWidget(), QWidget()
        what.setLayout(row(self._over, self._paper, self._section))
        when.setLayout(row(*years, None, reset))
        self.setLayout(column(ReflowRow(what, when, (2, 1), spacing=8)))
        self._over.currentIndexChanged.connect(self._tell)
        self._paper.currentIndexChanged.connect(self._tell)
        self._section.currentTextChanged.connect(lambda: self._typing.start())
        self._show_years(None)

    def show_choices(
        self, papers: Sequence[PaperChoice], sections: Iterable[str], years: tuple[int, int] | None
    ) -> None:
        """What there is to choose from; what is chosen stays as far as it is there."""
        self._quiet, typing = True, self._typing.isActive()
        paper, section = self._paper.currentData(), self._section.currentText()
        self._paper.clear()
        self._paper.addItem(self.tr("All papers"), 0)
        for choice in papers:
            self._paper.addItem(choice.name, choice.document)
            self._paper.setItemData(self._paper.count() - 1, choice.name, Qt.ItemDataRole.ToolTipRole)
        self._paper.setCurrentIndex(max(0, self._paper.findData(paper)))
        self._section.clear()
        self._section.addItem("")
        self._section.addItems(list(sections))
        self._section.setEditText(section)
        self._show_years(years)
        if not typing:
            self._typing.stop()
        self._quiet = False

    def filters(self) -> SearchFilters:
        paper = self._paper.currentData()
        years: tuple[int | None, int | None] = (None, None)
        if self._span != (0, 0):
            first, last = sorted((self._from.value(), self._to.value()))
            years = (first if first > self._span[0] else None, last if last < self._span[1] else None)
        return SearchFilters(
            papers=(paper,) if paper else (),
            section=self._section.currentText().strip(),
            year_from=years[0],
            year_to=years[1],
        )

    def over(self) -> SearchedTexts:
        return "answers" if self._over.currentData() == "answers" else "passages"

    def count(self) -> int:
        """How many of them are set."""
        found = self.filters()
        years = found.year_from is not None or found.year_to is not None
        return bool(found.papers) + bool(found.section) + years + (self.over() != "passages")

    def set_values(self, filters: SearchFilters, over: str) -> None:
        """Without telling anybody; what is no longer there is left out."""
        self._quiet = True
        self._over.setCurrentIndex(max(0, self._over.findData(over)))
        self._paper.setCurrentIndex(max(0, self._paper.findData(filters.papers[0] if filters.papers else 0)))
        self._section.setEditText(filters.section)
        self._from.setValue(filters.year_from or self._span[0])
        self._to.setValue(filters.year_to or self._span[1])
        self._typing.stop()
        self._quiet = False

    def reset(self) -> None:
        if self.count():
            self.set_values(SearchFilters(), "passages")
            self.changed.emit()

    def _show_years(self, years: tuple[int, int] | None) -> None:
        whole = (self._from.value(), self._to.value()) == self._span
        self._span = years or (0, 0)
        for box in self._years:
            box.setRange(*self._span)
        if whole:
            self._from.setValue(self._span[0])
            self._to.setValue(self._span[1])
        for part in (*self._year_words, *self._years):
            part.setVisible(years is not None and years[0] < years[1])

    def _tell(self) -> None:
        if not self._quiet:
            self.changed.emit()
