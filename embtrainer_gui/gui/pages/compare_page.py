"""Compare: is the tuned model better than the untrained one, how sure is that, and on which questions?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout

from embtrainer_gui.core.config import CompareConfig
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Tone
from embtrainer_gui.gui.model_words import model_meanings, model_names
from embtrainer_gui.gui.models.comparison import OWN_SET, PROJECT_SET, Comparison, Question, read_comparison
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.widgets.basics import EmptyState, button, row
from embtrainer_gui.gui.widgets.comparison_view import ComparisonView
from embtrainer_gui.gui.widgets.rankings import RankedColumn, RankedPassage

if TYPE_CHECKING:
    from embtrainer_gui.gui.job import Job

SET_FILES = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")
SIDE_BY_SIDE = ("base", "tuned")


class ComparePage(Page):
    step = Step.COMPARE
    title = mark("Compare")
    subtitle = mark("Is the trained model better on papers it has never seen?")
    icon = "compare"

    def _build(self) -> None:
        self._comparison: Comparison | None = None
        self._set = PROJECT_SET
        self._folders: dict[str, Path] = {}  # of own sets: a project holds no paths
        self._open_list: Sequence[Question] = ()
        self._open_row = 0
        self._view = ComparisonView(model_names(), model_meanings())
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty_state())
        self._stack.addWidget(self._view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _empty_state(self) -> EmptyState:
        self._start = button(self.tr("Compare"), "primary", name="compare.start")
        self._own_first = button(self.tr("On my own questions..."), "plain", "folder", "compare.own-first")
        empty = EmptyState(
            "compare",
            self.tr("Not compared yet"),
            self.tr(
                "Both models search for the same questions on papers that training never saw. It takes about a minute."
            ),
            self._start,
        )
        centred = empty.layout()
        if isinstance(centred, QVBoxLayout):
            centred.insertLayout(centred.count() - 1, row(None, self._own_first, None))
        return empty

    def _connect(self) -> None:
        view = self._view
        self._start.clicked.connect(self._on_compare_asked)
        self._own_first.clicked.connect(self._on_own_asked)
        view.compare_asked.connect(self._on_compare_asked)
        view.own_asked.connect(self._on_own_asked)
        view.set_chosen.connect(self._on_set_chosen)
        view.causes.chosen.connect(self.go_to)
        view.improved.opened.connect(lambda row: self._open(self._shown().improved(), row))
        view.worse.opened.connect(lambda row: self._open(self._shown().worse(), row))
        view.rankings.closed.connect(self._on_rankings_closed)
        view.rankings.step_asked.connect(lambda by: self._open(self._open_list, self._open_row + by))
        self.session.project_changed.connect(self._on_project_changed)
        self.session.table_changed.connect(self._on_table_changed)
        self.jobs.job_started.connect(self._on_job_started)
        self.jobs.job_ended.connect(self._on_job_ended)

    def enter(self) -> None:
        self._show_sets()
        self._refresh()

    def _refresh(self) -> None:
        comparison = read_comparison(self.session.project, self._set)
        self._comparison = comparison
        self._show_running()
        self._stack.setCurrentIndex(0 if comparison is None else 1)
        if comparison is not None:
            self._view.show_comparison(comparison, self.session.project.runs.latest())

    def _show_sets(self) -> None:
        kept = self.session.kept("compare")
        sets = [(PROJECT_SET, self.tr("Test questions of this project"))]
        own = self.tr("Own questions: {name}")
        sets += [(OWN_SET + name, own.format(name=name)) for name in kept.get("own", [])]
        self._set = kept.get("set", PROJECT_SET)
        self._view.show_sets(sets, self._set)

    def _shown(self) -> Comparison:
        if self._comparison is None:
            raise RuntimeError("nothing is compared")
        return self._comparison

    def _open(self, questions: Sequence[Question], row: int) -> None:
        """Show both rankings of a question instead of the lists."""
        if not 0 <= row < len(questions):
            return
        if not self._shown().has_rankings:
            self.feedback.show(
                self.tr("The hits of each question were not kept in this comparison."),
                self.tr("Compare again to see them side by side."),
            )
            return
        self._open_list, self._open_row = questions, row
        question = questions[row]
        passages, names = self._passages(question), model_names()
        columns = {
            model: RankedColumn(names[model], [passages[hit] for hit in question.top[model]], question.rank[model])
            for model in SIDE_BY_SIDE
        }
        self._view.show_question(question.text, columns, row + 1, len(questions))

    def _passages(self, question: Question) -> dict[int, RankedPassage]:
        hits = {hit for model in SIDE_BY_SIDE for hit in question.top[model]}
        if self._shown().name != PROJECT_SET:
            own = {hit: self._shown().text(hit) or "" for hit in hits}
            return {hit: RankedPassage(text, "", hit in question.relevant) for hit, text in own.items()}
        project = self.session.project
        titles = {document.id: document.title or document.file_name for document in project.documents.all()}
        place, gone = self.tr("{title}, page {page}"), self.tr("This passage is no longer in the project.")
        found = project.passages.get(hits)
        shown = {}
        for hit in hits:
            passage = found.get(hit)
            where = place.format(title=titles.get(passage.document_id, ""), page=passage.page) if passage else ""
            shown[hit] = RankedPassage(passage.text if passage else gone, where, hit in question.relevant)
        return shown

    def _show_running(self) -> None:
        job = self.jobs.current
        running = job is not None and job.stage == "compare"
        self._start.setText(self.tr("Comparing...") if running else self.tr("Compare"))
        for widget in (self._start, self._own_first):
            widget.setEnabled(not running)
        self._view.show_running(running)

    @Slot()
    def _on_compare_asked(self) -> None:
        if self._set == PROJECT_SET:
            self.jobs.start("compare", CompareConfig())
        elif self._set in self._folders:
            self._compare_own(self._folders[self._set])
        else:
            self._on_own_asked()

    @Slot()
    def _on_own_asked(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder with your own questions"))
        if folder:
            self._compare_own(Path(folder))

    def _compare_own(self, folder: Path) -> None:
        missing = [name for name in SET_FILES if not (folder / name).is_file()]
        if missing:
            self.feedback.show(
                self.tr("{folder} lacks {files}.").format(folder=folder.name, files=", ".join(missing)),
                self.tr("The folder needs corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and qrels.tsv."),
                tone=Tone.WARN,
            )
            return
        self.jobs.start("compare", CompareConfig(), set=folder)

    @Slot(str)
    def _on_set_chosen(self, name: str) -> None:
        self._set = name
        self.session.keep("compare", set=name)
        self._refresh()

    @Slot()
    def _on_rankings_closed(self) -> None:
        self._view.show_lists()
        worse = bool(self._open_list) and self._open_list[0].change < 0
        (self._view.worse if worse else self._view.improved).table.setFocus()

    @Slot()
    def _on_project_changed(self) -> None:
        self._folders.clear()
        self._comparison = None
        self._stack.setCurrentIndex(0)

    @Slot(str)
    def _on_table_changed(self, table: str) -> None:
        if self.isVisible():
            self._refresh()

    @Slot(object)
    def _on_job_started(self, job: Job) -> None:
        self._show_running()

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        folder = job.options.get("set")
        if job.stage == "compare" and folder and job.ended_well:
            self._remember_own(Path(folder))
        self._show_running()

    def _remember_own(self, folder: Path) -> None:
        name = OWN_SET + folder.name
        others = [other for other in self.session.kept("compare").get("own", []) if other != folder.name]
        self._folders[name] = folder
        self.session.keep("compare", own=[*others, folder.name], set=name)
        if self.isVisible():
            self.enter()
