"""How alike texts are to a model: type two lines or more, see each against each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QProgressBar, QSplitter, QStackedWidget, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.files import atomic_write_text
from embtrainer_gui.core.messages import CompareTexts, Failed, Reply, TextSimilarity
from embtrainer_gui.core.search_messages import LONGEST_TEXT, MOST_TEXTS
from embtrainer_gui.gui.widgets.basics import EmptyState, button, column, label, row
from embtrainer_gui.gui.widgets.dense_choice import DenseChoice
from embtrainer_gui.gui.widgets.heat_table import HeatTable

if TYPE_CHECKING:
    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.models.search_asking import SearchAsking
    from embtrainer_gui.gui.session import Session

FIRST_SIZES = (360, 640)


class SimilarityTool(QWidget):
    def __init__(self, session: Session, asking: SearchAsking, feedback: Feedback) -> None:
        super().__init__()
        self._session, self._asking, self._feedback = session, asking, feedback
        self._newest = 0
        self._box = QPlainTextEdit()
        self._box.setObjectName("search.texts")
        self._box.setPlaceholderText(self.tr("One text a line: two to compare, or a list of up to 60."))
        self._box.setAccessibleName(self.tr("Texts to compare"))
        self._box.setTabChangesFocus(True)
        self.setFocusProxy(self._box)
        self._model = DenseChoice("search.similarity-model")
        self._start = button(self.tr("Compare"), "primary", name="search.compare-texts")
        self._stop = button(self.tr("Stop"), "link", name="search.stop-comparing")
        self._stop.hide()
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        self._bar.hide()
        self._note = label("", "secondary", wrap=True)
        self._note.setObjectName("search.similarity-note")
        self._table = HeatTable()
        self._copy = button(self.tr("Copy"), "", "copy", "search.copy-matrix")
        self._save = button(self.tr("Save as CSV..."), "", "download", "search.save-matrix")
        left = QWidget()
        left.setLayout(column(self._box, self._bar, self._note, row(self._model, None, self._stop, self._start)))
        shown = QWidget()
        shown.setLayout(column(self._table, row(None, self._copy, self._save)))
        self._right = QStackedWidget()
        hint = self.tr(
            "1.000 is the same to the model, 0 has nothing to do with it. Compare before and after training."
        )
        self._right.addWidget(EmptyState("table", self.tr("How alike are two texts?"), hint))
        self._right.addWidget(shown)
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.setHandleWidth(16)
        split.addWidget(left)
        split.addWidget(self._right)
        split.setSizes(list(FIRST_SIZES))
        split.setStretchFactor(1, 1)
        self.setLayout(column(split))
        self._start.clicked.connect(self._on_start_clicked)
        self._stop.clicked.connect(asking.stop)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._table.table_text(tabs=True)))
        self._save.clicked.connect(self._on_save_clicked)

    def enter(self) -> None:
        self._model.set_trained(self._session.project.runs.latest() is not None)

    def forget(self) -> None:
        self._newest += 1
        self._box.clear()
        self._say("")
        self._right.setCurrentIndex(0)

    def texts(self) -> list[str]:
        return [" ".join(text.split()) for text in self._box.toPlainText().splitlines() if text.strip()]

    @Slot()
    def _on_start_clicked(self) -> None:
        texts = self.texts()
        if len(texts) < 2:
            self._note.setText(self.tr("Type two texts or more, one a line."))
            return
        if len(texts) > MOST_TEXTS or max(map(len, texts)) > LONGEST_TEXT:
            text = self.tr("Too much to compare: at most {most} texts of {longest} characters.")
            self._note.setText(text.format(most=MOST_TEXTS, longest=LONGEST_TEXT))
            return
        self._say(self.tr("Comparing... the first time the model is loaded."), busy=True)
        self._newest += 1
        newest = self._newest

        def on_reply(reply: Reply) -> None:
            if newest == self._newest and isinstance(reply, TextSimilarity):
                self._show(texts, reply)

        def on_failure(failure: Failed) -> None:
            if newest == self._newest:
                self._say(f"{failure.message} {failure.hint}".strip())

        self._asking.ask(
            CompareTexts(slot="similarity", texts=tuple(texts), model=self._model.chosen()), on_reply, on_failure
        )

    def _say(self, text: str, *, busy: bool = False) -> None:
        self._note.setText(text)
        self._bar.setVisible(busy)
        self._stop.setVisible(busy)

    def _show(self, texts: list[str], reply: TextSimilarity) -> None:
        self._say("")
        self._table.show_matrix(texts, reply.cosines)
        self._right.setCurrentIndex(1)

    @Slot()
    def _on_save_clicked(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save as"), "similarity.csv", self.tr("Spreadsheet (*.csv)")
        )
        if not path:
            return
        try:
            atomic_write_text(Path(path), self._table.table_text(tabs=False))
        except AppError as problem:
            self._feedback.problem(problem)
