"""Many questions from a file at once, their hits into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QSpinBox, QWidget

from embtrainer_gui.core.config import SearchConfig
from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.gui.feedback import Action
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.model_words import model_names
from embtrainer_gui.gui.save_hits import ask_for_table
from embtrainer_gui.gui.widgets.basics import ElidedLabel, button, card, column, inset, label, row
from embtrainer_gui.gui.widgets.search_filter import SearchFilter

if TYPE_CHECKING:
    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.models.search_choices import SearchChoices
    from embtrainer_gui.gui.session import Session

STAGE = "search-many"
MOST_HITS = 1000
WIDTH = 960


class ManyTool(QWidget):
    def __init__(self, session: Session, jobs: JobManager, feedback: Feedback) -> None:
        super().__init__()
        self._session, self._jobs, self._feedback = session, jobs, feedback
        self._file: Path | None = None
        choose = button(self.tr("Choose a file..."), "", "folder", "search.many-file")
        self._name = ElidedLabel(self.tr("No file chosen"), "secondary")
        self._ranking, self._top = QComboBox(), QSpinBox()
        self._ranking.setObjectName("search.many-model")
        self._filter = SearchFilter(name="search.many-")
        self._top.setObjectName("search.many-top")
        inset(self._top)
        self._top.setRange(1, MOST_HITS)
        self._top.setValue(SearchConfig().top)
        self._start = button(self.tr("Search and save..."), "primary", name="search.many-start")
        self._start.setEnabled(False)
        self._note = label("", "secondary", wrap=True)
        self._note.setObjectName("search.many-note")
        explanation = label(
            self.tr(
                "A text file with a question a line, or CSV, TSV or JSONL with a column or key named question, query or"
                " text. The hits are saved as CSV or JSONL, one row a hit."
            ),
            "secondary",
            wrap=True,
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for place, (caption, field) in enumerate(
            (
                (self.tr("Ranking"), self._ranking),
                (self.tr("Search in"), self._filter),
                (self.tr("Hits a question"), self._top),
            )
        ):
            words = label(caption)
            words.setBuddy(field)
            grid.addWidget(words, place, 0)
            grid.addLayout(row(field) if field is self._filter else row(field, None), place, 1)
        inside = card(explanation, row(choose, self._name), grid, self._note, row(None, self._start))
        inside.setMaximumWidth(WIDTH)
        self.setLayout(column(inside, None))
        choose.clicked.connect(self._on_choose_clicked)
        self._start.clicked.connect(self._on_start_clicked)
        jobs.job_ended.connect(self._on_job_ended)

    def enter(self) -> None:
        trained = self._session.project.runs.latest() is not None
        chosen, names = self._ranking.currentData(), model_names()
        self._ranking.clear()
        for name, text in names.items():
            if trained or name not in ("tuned", "hybrid"):
                self._ranking.addItem(text, name)
        self._ranking.setCurrentIndex(max(0, self._ranking.findData(chosen or ("tuned" if trained else "base"))))

    def show_choices(self, choices: SearchChoices) -> None:
        """What the search can be narrowed to."""
        self._filter.show_choices(choices.papers, choices.sections, choices.years)

    def forget(self) -> None:
        self._take(None)
        self._filter.set_values(SearchFilters(), "passages")
        self._note.clear()

    def _take(self, file: Path | None) -> None:
        self._file = file
        self._name.setText(str(file) if file else self.tr("No file chosen"))
        self._start.setEnabled(file is not None)

    @Slot()
    def _on_choose_clicked(self) -> None:
        types = self.tr("Questions (*.txt *.csv *.tsv *.tab *.jsonl *.ndjson);;All files (*)")
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("File of questions"), "", types)
        if chosen:
            self._take(Path(chosen))
            self._note.clear()

    @Slot()
    def _on_start_clicked(self) -> None:
        if self._file is None:
            return
        out = ask_for_table(self, f"{self._file.stem} hits.csv")
        if out is None:
            return
        config = SearchConfig(model=self._ranking.currentData(), top=self._top.value(), over=self._filter.over())
        filters = self._filter.filters().model_dump(mode="json")
        if self._jobs.start(STAGE, config, questions=self._file, out=out, filters=filters) is not None:
            self._note.setText(self.tr("Searching... its progress stands below."))

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if job.stage != STAGE:
            return
        if not job.ended_well or job.summary is None:
            self._note.setText(self.tr("Nothing was written."))
            return
        summary, path = job.summary, Path(str(job.summary["path"]))
        text = self.tr(
            "{hits} hits for {questions} questions; {none} found nothing, {left} rows were left out."
        ).format(
            hits=count(summary["hits"]),
            questions=count(summary["questions"]),
            none=count(summary["without_hits"]),
            left=count(summary["left_out"]),
        )
        self._note.setText("\n".join([text, *job.warnings]))
        folder = Action(self.tr("Open its folder"), lambda: _open(path.parent))
        self._feedback.say(self.tr("Saved {name}").format(name=path.name), action=folder)


def _open(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
