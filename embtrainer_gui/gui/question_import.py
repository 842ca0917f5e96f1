"""The one way for questions of the user's own into the open project: look at the file, map its columns, import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from embtrainer_gui.core.held_back import known_before_words
from embtrainer_gui.core.interchange.beir_in import whole_set
from embtrainer_gui.core.interchange.columns import Target
from embtrainer_gui.gui.feedback import Action, Feedback, Tone
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.widgets.left_out_dialog import LeftOutDialog, left_out_words
from embtrainer_gui.gui.widgets.mapping_dialog import MappingDialog
from embtrainer_gui.gui.widgets.test_sets_dialog import TestSetsDialog

if TYPE_CHECKING:
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.session import Session


class QuestionImport(QObject):
    """Signal: ``ended`` when a file was dealt with, or given up."""

    ended = Signal()

    def __init__(self, session: Session, jobs: JobManager, feedback: Feedback, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._feedback, self._page = session, jobs, feedback, parent
        self._path = Path()
        self._target: Target | None = None
        self._job: Job | None = None
        self._dialog: MappingDialog | None = None
        jobs.job_ended.connect(self._on_job_ended)

    def choose(self, target: Target | None = None) -> None:
        """Let the user name a file, then as ``open``."""
        kinds = self.tr("Tables of questions (*.csv *.tsv *.xlsx *.xlsm *.parquet *.json *.jsonl);;All files (*)")
        name, _ = QFileDialog.getOpenFileName(self._page, self.tr("Import questions"), "", kinds)
        if name:
            self.open(Path(name), target)

    def open(self, path: Path, target: Target | None = None) -> None:
        """Look at a file (or a BEIR folder, by any of its files) and ask which column holds what."""
        path = whole_set(path)
        if self._session.project.read_only:
            text = self.tr("You may only read this project, so nothing can be added to it.")
            self._feedback.show(text, tone=Tone.WARN)
            return
        self._feedback.clear()
        if self._start("question-table", file=path):
            self._path, self._target = path, target

    def use_marks(self) -> None:
        """Turn the marks of Search into training pairs."""
        self._feedback.clear()
        self._start("marks-to-pairs")

    def show_test_sets(self) -> None:
        """The labelled test sets, to rename and remove, and the ways to more of them."""
        project = self._session.project
        dialog = TestSetsDialog(project.test_sets, self._page.window(), read_only=project.read_only)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.changed.connect(lambda: self._session.table_changed.emit("test_sets"))
        dialog.import_wanted.connect(lambda: self.choose(Target.TEST_SET))
        dialog.marks_wanted.connect(self.use_marks)
        dialog.open()

    def show_left_out(self, rows: list[dict[str, Any]]) -> None:
        dialog = LeftOutDialog(rows, self._page.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _start(self, stage: str, **options: Any) -> bool:
        """False, with a banner, while another job runs: that may be one of ours, which is still waited for."""
        job = self._jobs.start(stage, {}, **options)
        self._job = job or self._job
        return job is not None

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if job is not self._job:
            return
        self._job = None
        if job.summary is None:
            if self._dialog is not None:
                self._dialog.reject()
                return
        elif job.stage == "question-table":
            self._ask(job.summary)
            return
        elif job.stage == "marks-to-pairs":
            self._tell_marks(job.summary)
        else:
            self._tell(job.summary)
        self.ended.emit()

    def _ask(self, look: dict[str, Any]) -> None:
        if self._dialog is not None:
            self._dialog.show_look(look)
            return
        self._dialog = MappingDialog(look, self._page.window(), self._target)
        self._dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._dialog.import_wanted.connect(self._on_import_wanted)
        self._dialog.sheet_wanted.connect(self._on_sheet_wanted)
        self._dialog.finished.connect(self._on_dialog_finished)
        self._dialog.open()

    @Slot(dict)
    def _on_import_wanted(self, options: dict[str, Any]) -> None:
        if not self._start("pairs-import", file=self._path, **options):
            self.ended.emit()

    @Slot(str)
    def _on_sheet_wanted(self, sheet: str) -> None:
        if not self._start("question-table", file=self._path, sheet=sheet) and self._dialog is not None:
            self._dialog.keep_sheet()

    @Slot(int)
    def _on_dialog_finished(self, result: int) -> None:
        self._dialog = None
        if not result:
            self._job = None  # of another sheet, which nobody waits for any more
            self.ended.emit()

    def _tell(self, summary: dict[str, Any]) -> None:
        if "set" in summary:
            text = self.tr("Test set {name}: {questions} questions over {passages} passages.").format(
                name=summary["set"], questions=count(summary["questions"]), passages=count(summary["passages"])
            )
            if summary["unanswered"]:
                more = self.tr("{number} questions have no right passage and were left out.")
                text = f"{text} {more.format(number=count(summary['unanswered']))}"
        else:
            text = self.tr("{added} questions imported, {known} were known.").format(
                added=count(summary["added"]), known=count(summary["known"])
            )
        held = known_before_words(summary["held_back"]) if summary.get("held_back") else ""
        rejected = summary["rejected"]
        if not rejected and not held:
            self._feedback.say(text)
            return
        if not rejected:
            self._feedback.show(text, held)
            return
        first = rejected[0]
        self._feedback.show(
            f"{text} {left_out_words(summary['left_out'])}.",
            f"{self._first_words(first)} {held}".strip(),
            tone=Tone.WARN,
            action=Action(self.tr("Show all"), lambda: self.show_left_out(rejected)),
        )

    def _first_words(self, row: dict[str, Any]) -> str:
        return self.tr("The first is line {line}: {reason}.").format(line=row["line"], reason=row["reason"])

    def _tell_marks(self, summary: dict[str, Any]) -> None:
        text = self.tr("{pairs} pairs of {questions} marked questions are accepted for training.")
        self._feedback.say(text.format(pairs=count(summary["pairs"]), questions=count(summary["questions"])))
