"""What is compared: the questions, the models, which two of them the sentence is about; and the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QMenu, QWidget

from embtrainer_gui.gui.widgets.basics import button, icon_button, label, row
from embtrainer_gui.gui.widgets.flow_layout import FlowLayout

WIDEST = 220
PAIR_WIDTH = 124


class CompareBar(QWidget):
    """Signals: ``set_chosen`` with its name, ``models_asked``, ``pair_chosen`` with both names, ``folder_asked``,
    ``pairs_asked``, ``test_sets_asked``, ``compare_asked``, ``report_asked``."""

    set_chosen = Signal(str)
    models_asked = Signal()
    pair_chosen = Signal(str, str)
    folder_asked = Signal()
    pairs_asked = Signal()
    test_sets_asked = Signal()
    compare_asked = Signal()
    report_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair = ("", "")
        self._set = _combo("compare.set", self.tr("Questions to compare on"), WIDEST)
        self._before = _combo("compare.before", self.tr("Model that the other is held against"), PAIR_WIDTH)
        self._after = _combo("compare.after", self.tr("Model that the sentence is about"), PAIR_WIDTH)
        self._models = button(self.tr("Models..."), "", "settings", "compare.models")
        self._models.setToolTip(self.tr("Which models to compare: runs, the untrained one, BM25, hybrids"))
        self._own = self._own_button()
        self.again = icon_button("retry", self.tr("Compare again"), "compare.again")
        self.report = button(self.tr("Save report..."), "", "export", "compare.report")
        self.report.setToolTip(self.tr("One HTML file that opens anywhere, or Markdown"))
        layout = FlowLayout(self)
        for part in (self._set, self._own, self._models, self._pair_line(), self.again, self.report):
            layout.addWidget(part)
        self._set.activated.connect(lambda: self.set_chosen.emit(self._set.currentData()))
        self._before.activated.connect(lambda: self._on_pair_activated(self._before))
        self._after.activated.connect(lambda: self._on_pair_activated(self._after))
        self._models.clicked.connect(self.models_asked)
        self.again.clicked.connect(self.compare_asked)
        self.report.clicked.connect(self.report_asked)

    def _pair_line(self) -> QWidget:
        self._pair_row = QWidget()
        self._pair_row.setLayout(row(self._after, label(self.tr("against"), "secondary"), self._before))
        return self._pair_row

    def _own_button(self) -> QWidget:
        made = button(self.tr("Own questions"), "", "folder", "compare.own")
        menu = QMenu(made)
        folder = menu.addAction(self.tr("A folder of questions (BEIR)..."))
        folder.setObjectName("compare.own-folder")
        folder.setToolTip(self.tr("corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and qrels.tsv"))
        folder.triggered.connect(self.folder_asked)
        pairs = menu.addAction(self.tr("A file of sentence pairs with scores..."))
        pairs.setObjectName("compare.own-pairs")
        pairs.setToolTip(self.tr("CSV, TSV or JSONL with sentence1, sentence2 and score"))
        pairs.triggered.connect(self.pairs_asked)
        sets = menu.addAction(self.tr("Test sets of this project..."))
        sets.setObjectName("compare.test-sets")
        sets.setToolTip(self.tr("Import, rename and remove them"))
        sets.triggered.connect(self.test_sets_asked)
        menu.setToolTipsVisible(True)
        made.setMenu(menu)
        return made

    def show_sets(self, sets: Iterable[tuple[str, str]], chosen: str) -> None:
        """``(name, text)`` of each set; with a single one there is nothing to choose."""
        _fill(self._set, sets, chosen)
        self._set.setVisible(self._set.count() > 1)

    def show_models(self, models: Sequence[str], names: Mapping[str, str], pair: tuple[str, str] | None) -> None:
        """Those of the comparison that is shown, and the two to look at; None where nothing is compared yet."""
        for part in (self._pair_row, self.again, self.report):
            part.setVisible(pair is not None)
        if pair is None:
            return
        self._pair = pair
        for box, model in zip((self._before, self._after), pair, strict=True):
            _fill(box, [(each, names[each]) for each in models], model)
            box.setToolTip(names[model])

    def show_running(self, running: bool) -> None:
        for part in (self.again, self._own, self.report):
            part.setEnabled(not running)

    @Slot()
    def _on_pair_activated(self, box: QComboBox) -> None:
        other = self._after if box is self._before else self._before
        if box.currentData() == other.currentData():  # the two change places
            other.setCurrentIndex(other.findData(self._pair[0 if box is self._before else 1]))
        self.pair_chosen.emit(self._before.currentData(), self._after.currentData())


def _combo(name: str, title: str, width: int) -> QComboBox:
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumWidth(width)
    made.setMaximumWidth(width)
    return made


def _fill(box: QComboBox, items: Iterable[tuple[str, str]], chosen: str) -> None:
    box.clear()
    for name, text in items:
        box.addItem(text, name)
    box.setCurrentIndex(max(0, box.findData(chosen)))
