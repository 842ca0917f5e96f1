"""Compare: which model finds more, how sure is that, and on which questions?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QSplitter, QStackedWidget, QVBoxLayout

from embtrainer_gui.core.comparison import (
    LABELLED_SET,
    OWN_SET,
    PAIR_SET,
    PROJECT_SET,
    Comparison,
    Question,
    read_comparison,
    titles_of,
)
from embtrainer_gui.core.config import CompareConfig
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Action, Tone
from embtrainer_gui.gui.model_words import meanings_of, names_of
from embtrainer_gui.gui.models.compare_choice import (
    available_models,
    compared_sets,
    in_order,
    newest_selection,
    offered,
    usual_models,
)
from embtrainer_gui.gui.models.compare_hits import paper_titles, ranked_columns
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.question_import import QuestionImport
from embtrainer_gui.gui.widgets.basics import EmptyState, button
from embtrainer_gui.gui.widgets.compare_bar import CompareBar
from embtrainer_gui.gui.widgets.comparison_view import ComparisonView, Shown
from embtrainer_gui.gui.widgets.model_pick import ModelPick
from embtrainer_gui.gui.widgets.passage_side import PassageSide
from embtrainer_gui.gui.widgets.report_file import ask_for_report, open_file

if TYPE_CHECKING:
    from embtrainer_gui.gui.job import Job

SET_FILES = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")
COMPARES = ("compare", "compare-report")


class ComparePage(Page):
    step = Step.COMPARE
    title = mark("Compare")
    subtitle = mark("Is the trained model better on papers it has never seen?")
    icon = "compare"
    handles_blocked: ClassVar[bool] = True  # untrained models can be compared, and models of runs that are gone

    def _build(self) -> None:
        self._comparison: Comparison | None = None
        self._set, self._models = PROJECT_SET, tuple[str, ...]()
        self._wanted = self._models  # of the next comparison
        self._pair: tuple[str, str] | None = None
        self._sources: dict[str, Path] = {}  # of own sets: a project holds no paths
        self._open_list: Sequence[Question] = ()
        self._open_row = 0
        self._bar, self._view = CompareBar(), ComparisonView()
        self._side = PassageSide(self.jobs, "compare.page")
        self._import = QuestionImport(self.session, self.jobs, self.feedback, self)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty_state())
        self._stack.addWidget(self._view)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(16)
        split.addWidget(self._stack)
        split.addWidget(self._side)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._bar)
        layout.addWidget(split, 1)

    def _empty_state(self) -> EmptyState:
        self._start = button(self.tr("Compare"), "primary", name="compare.start")
        text = self.tr("Each model searches for the same questions. It takes about a minute a model.")
        return EmptyState("compare", self.tr("Not compared yet"), text, self._start)

    def _connect(self) -> None:
        bar, view = self._bar, self._view
        self._start.clicked.connect(self._on_compare_asked)
        bar.compare_asked.connect(self._on_compare_asked)
        view.compare_asked.connect(self._on_compare_asked)
        bar.set_chosen.connect(self._on_set_chosen)
        bar.models_asked.connect(self._on_models_asked)
        bar.pair_chosen.connect(self._on_pair_chosen)
        bar.folder_asked.connect(self._on_folder_asked)
        bar.pairs_asked.connect(self._on_pairs_asked)
        bar.test_sets_asked.connect(self._import.show_test_sets)
        bar.report_asked.connect(self._on_report_asked)
        view.causes.chosen.connect(self.go_to)
        view.questions.opened.connect(self._open)
        view.rankings.closed.connect(self._on_rankings_closed)
        view.rankings.opened.connect(self._on_passage_opened)
        view.rankings.step_asked.connect(lambda by: self._open(self._open_list, self._open_row + by))
        self.session.project_changed.connect(self._on_project_changed)
        self.session.table_changed.connect(self._on_table_changed)
        self.jobs.job_started.connect(self._on_job_changed)
        self.jobs.job_ended.connect(self._on_job_ended)

    def enter(self) -> None:
        kept, project = self.session.kept("compare"), self.session.project
        self._set = kept.get("set", PROJECT_SET)
        self._models = tuple(kept.get("models", ())) or usual_models(project)
        if self._set not in compared_sets(project):
            self._set = PROJECT_SET
        self._refresh()

    def _refresh(self) -> None:
        project = self.session.project
        self._models = newest_selection(project, self._set, self._models)
        comparison = self._comparison = read_comparison(project, self._set, self._models)
        if comparison is None and not set(self._models) <= set(available_models(project)):
            self._models = usual_models(project)  # a run that was chosen is gone
        self._bar.show_sets([(name, self._set_words(name)) for name in compared_sets(project)], self._set)
        self._stack.setCurrentIndex(0 if comparison is None else 1)
        self._show_comparison()
        self._show_running()

    def _show_comparison(self) -> None:
        comparison, project = self._comparison, self.session.project
        if comparison is None:
            self._bar.show_models((), {}, None)
            return
        if self._pair is None or not set(self._pair) <= set(comparison.models):
            self._pair = (comparison.models[0], comparison.models[1])
        runs = titles_of(project)
        names, meanings = names_of(comparison.models, runs), meanings_of(comparison.models, runs)
        self._bar.show_models(comparison.models, names, self._pair)
        shown = Shown(comparison, self._pair, names, meanings, paper_titles(project, comparison))
        self._view.show_comparison(shown, project.runs.latest())

    def _set_words(self, name: str) -> str:
        if name == PROJECT_SET:
            return self.tr("Questions on test papers")
        for prefix, text in (
            (LABELLED_SET, self.tr("Test set: {name}")),
            (OWN_SET, self.tr("Own questions: {name}")),
            (PAIR_SET, self.tr("Sentence pairs: {name}")),
        ):
            if name.startswith(prefix):
                return text.format(name=name.removeprefix(prefix))
        return name

    @Slot(object, int)
    def _open(self, questions: Sequence[Question], row: int) -> None:
        """Show both rankings of a question instead of the lists."""
        comparison = self._comparison
        if comparison is None or self._pair is None or comparison.is_similarity or not 0 <= row < len(questions):
            return
        if not comparison.has_rankings:
            self.feedback.show(
                self.tr("The hits of each question were not kept in this comparison."),
                self.tr("Compare again to see them side by side."),
            )
            return
        self._open_list, self._open_row = questions, row
        names = names_of(self._pair, titles_of(self.session.project))
        columns = ranked_columns(self.session.project, comparison, questions[row], names)
        self._view.show_question(questions[row].text, columns, row + 1, len(questions))

    @Slot(int)
    def _on_passage_opened(self, passage: int) -> None:
        project = self.session.project
        found = project.passages.get({passage}).get(passage)
        if found is not None and self._comparison is not None:
            title_of = paper_titles(project, self._comparison)
            self._side.show_passage(title_of(str(found.document_id)), found)

    def _show_running(self) -> None:
        job = self.jobs.current
        running = job is not None and job.stage in COMPARES
        self._start.setText(self.tr("Comparing...") if running else self.tr("Compare"))
        self._start.setEnabled(not running)
        self._bar.show_running(running)
        self._view.show_running(running)

    @Slot()
    def _on_compare_asked(self) -> None:
        self._compare(self._models)

    def _compare(self, models: tuple[str, ...]) -> None:
        self._wanted = models
        if self._set == PROJECT_SET:
            self.jobs.start("compare", CompareConfig(models=models))
        elif self._set.startswith(LABELLED_SET):
            self.jobs.start("compare", CompareConfig(models=models), set=self._set)
        elif self._set in self._sources:
            self._compare_own(self._sources[self._set])
        elif self._set.startswith(PAIR_SET):
            self._ask_for_pairs()
        else:
            self._ask_for_folder()

    @Slot()
    def _on_folder_asked(self) -> None:
        self._wanted = self._models
        self._ask_for_folder()

    @Slot()
    def _on_pairs_asked(self) -> None:
        self._wanted = self._models
        self._ask_for_pairs()

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder with your own questions"))
        if not folder:
            return
        missing = [name for name in SET_FILES if not (Path(folder) / name).is_file()]
        if missing:
            self.feedback.show(
                self.tr("{folder} lacks {files}.").format(folder=Path(folder).name, files=", ".join(missing)),
                self.tr("The folder needs corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and qrels.tsv."),
                tone=Tone.WARN,
            )
            return
        self._compare_own(Path(folder))

    def _ask_for_pairs(self) -> None:
        title, kinds = self.tr("File of sentence pairs with scores"), self.tr("Tables and JSONL")
        file, _ = QFileDialog.getOpenFileName(self, title, "", f"{kinds} (*.csv *.tsv *.tab *.jsonl)")
        if file:
            self._compare_own(Path(file))

    def _compare_own(self, source: Path) -> None:
        self.jobs.start("compare", CompareConfig(models=self._wanted), set=source)

    @Slot()
    def _on_models_asked(self) -> None:
        project = self.session.project
        models, runs = available_models(project), titles_of(project)
        ticked = offered(project, self._models)
        dialog = ModelPick(models, ticked, names_of(models, runs), meanings_of(models, runs), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda result: self._take_models(dialog.chosen) if result else None)
        dialog.open()

    def _take_models(self, chosen: Sequence[str]) -> None:
        project = self.session.project
        usual = usual_models(project)
        models = usual if set(chosen) == set(usual) else in_order(project, chosen)
        if read_comparison(project, self._set, models) is None:
            self._compare(models)  # what is on show stays until it is done
            return
        self._models, self._pair = models, None
        self.session.keep("compare", models=list(models))
        self._refresh()

    @Slot(str, str)
    def _on_pair_chosen(self, before: str, after: str) -> None:
        self._pair = (before, after)
        self._show_comparison()

    @Slot()
    def _on_report_asked(self) -> None:
        if self._pair is None:
            return
        out = ask_for_report(self, self.session.project)
        if out is not None:
            config = CompareConfig(models=self._models)
            self.jobs.start("compare-report", config, set=self._set, out=out, pair=list(self._pair))

    @Slot(str)
    def _on_set_chosen(self, name: str) -> None:
        self._set = name
        self.session.keep("compare", set=name)
        self._refresh()

    @Slot()
    def _on_rankings_closed(self) -> None:
        self._view.show_lists()
        worse = bool(self._open_list) and self._pair is not None and self._open_list[0].change(*self._pair) < 0
        (self._view.questions.right if worse else self._view.questions.left).table.setFocus()

    @Slot()
    def _on_project_changed(self) -> None:
        self._sources.clear()
        self._comparison = self._pair = None
        self._models = ()
        self._side.hide()
        self._stack.setCurrentIndex(0)

    @Slot(str)
    def _on_table_changed(self, table: str) -> None:
        if self.isVisible():
            self._refresh()

    @Slot(object)
    def _on_job_changed(self, job: Job) -> None:
        self._show_running()

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        summary = job.summary or {}
        if job.stage == "compare" and job.ended_well and "name" in summary:
            self._remember(summary["name"], summary["compared"], job.options.get("set"))
        if job.stage == "compare-report" and job.ended_well:
            out = Path(str(summary["path"]))
            self.feedback.say(
                self.tr("The report is in {file}.").format(file=out.name),
                action=Action(self.tr("Open it"), lambda: open_file(out)),
            )
        self._show_running()

    def _remember(self, name: str, models: Sequence[str], source: object) -> None:
        """The set and the models of the comparison that just ended are those to be shown."""
        if source and name.startswith((OWN_SET, PAIR_SET)):
            self._sources[name] = Path(str(source))
        self._set, self._models = name, tuple(models)
        self.session.keep("compare", set=name, models=list(models))
        if self.isVisible():
            self.enter()
