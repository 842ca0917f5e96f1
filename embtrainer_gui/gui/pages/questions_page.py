"""Questions: what writes them, a look at a few, then the whole batch with pause, resume and retry."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embtrainer_gui.core import consent
from embtrainer_gui.core.messages import Event, ItemsChanged
from embtrainer_gui.core.question_prompt import PassageToAsk
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.core.store.pair_figures import PairFigures
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import format as words
from embtrainer_gui.gui.estimate_words import estimate_words, used_words
from embtrainer_gui.gui.failed_passages import failed_passages
from embtrainer_gui.gui.feedback import Tone
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.pair_words import kind_words, reason_words
from embtrainer_gui.gui.question_import import QuestionImport
from embtrainer_gui.gui.question_state import QuestionState, outcome_words, read_state, todo_of
from embtrainer_gui.gui.where_to_run import cluster_options
from embtrainer_gui.gui.widgets.basics import button, column, label, row
from embtrainer_gui.gui.widgets.failed_dialog import FailedDialog
from embtrainer_gui.gui.widgets.generate_outcome import GenerateOutcome
from embtrainer_gui.gui.widgets.generate_progress import NEWEST, GenerateProgress
from embtrainer_gui.gui.widgets.prompt_dialog import PromptDialog
from embtrainer_gui.gui.widgets.question_preview import QuestionPreview
from embtrainer_gui.gui.widgets.question_setup import QuestionSetup
from embtrainer_gui.gui.widgets.send_question import may_send
from embtrainer_gui.gui.widgets.steady_scroll import SteadyScroll

KEPT = "questions"
PREVIEWED = 5
REFRESH_MS, SETTLE_MS = 500, 200
LEFT_WIDTH = 400


class QuestionsPage(Page):
    step = Step.QUESTIONS
    title = mark("Questions")
    subtitle = mark("Make questions that your papers answer; the model learns from them.")
    icon = "questions"

    def enter(self) -> None:
        kept = self.session.kept(KEPT)
        self._setup.show_servers(self.session.settings.servers)
        if kept.get("config"):
            self._setup.set_kept(kept)
        if self.jobs.current is not None:
            self._on_jobs_started(self.jobs.current)
        self._reload()

    def leave(self) -> None:
        self._keep()

    def _build(self) -> None:
        self.setObjectName("questions")
        self._skip = 0
        self._import = QuestionImport(self.session, self.jobs, self.feedback, self)
        self._generator = ""  # that the state was read for
        self._state = QuestionState()
        self._preview_job: Job | None = None
        self._setup = QuestionSetup()
        self._preview = QuestionPreview()
        self._progress = GenerateProgress()
        self._progress.setVisible(False)
        self._outcome = GenerateOutcome()
        self._start = button(self.tr("Make questions"), "primary", "play", "questions.start")
        self._own = button(self.tr("Import questions..."), "plain", "download", "questions.import")
        self._sets = button(self.tr("Test sets..."), "plain", "table", "questions.test-sets")
        self._sets.setToolTip(self.tr("Labelled questions that are kept out of training."))
        self._marks = button("", "plain", "star", "questions.marks")
        self._marks.setToolTip(self.tr("Hits that you marked in Search become pairs to train on, not to test with."))
        self._todo = label("", "secondary", wrap=True)
        self._todo.setObjectName("questions.todo")
        self._again, self._settle = self._timer(REFRESH_MS), self._timer(SETTLE_MS)
        scroll = SteadyScroll(self._setup)
        scroll.setFixedWidth(LEFT_WIDTH)
        right = column(self._preview, self._outcome, spacing=16)
        right.setStretch(0, 1)
        results = QWidget()
        results.setLayout(right)
        self._results = SteadyScroll(results)  # in a small window the button below stays in sight
        top = row(scroll, self._results, spacing=16)
        top.setStretch(1, 1)
        start = row(self._todo, None, self._marks, self._sets, self._own, self._start)
        start.setStretch(0, 1)
        start.setStretch(1, 0)  # takes the room while a job runs
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(top, 1)
        layout.addWidget(self._progress)
        layout.addLayout(start)

    def _timer(self, milliseconds: int) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(milliseconds)
        return made

    def _connect(self) -> None:
        self._start.clicked.connect(lambda: self._make())
        self._own.clicked.connect(lambda: self._import.choose())
        self._marks.clicked.connect(self._import.use_marks)
        self._sets.clicked.connect(self._import.show_test_sets)
        self._preview.sample_wanted.connect(self._on_preview_sample_wanted)
        self._progress.pause_wanted.connect(self._on_progress_pause_wanted)
        self._outcome.review_wanted.connect(lambda: self.go_to.emit(Step.REVIEW))
        self._outcome.retry_wanted.connect(lambda: self._make(retry=True))
        self._outcome.failed_wanted.connect(self._on_outcome_failed_wanted)
        self._setup.changed.connect(self._on_setup_changed)
        self._setup.prompt_wanted.connect(self._on_setup_prompt_wanted)
        self._again.timeout.connect(self._show_newest)
        self._settle.timeout.connect(self._on_settle_timeout)
        self.jobs.job_started.connect(self._on_jobs_started)
        self.jobs.job_event.connect(self._on_jobs_event)
        self.jobs.job_ended.connect(self._on_jobs_ended)
        self.session.table_changed.connect(self._on_session_table_changed)
        self.session.settings_changed.connect(self._on_session_settings_changed)

    def _reload(self) -> None:
        """Read again what there is and what is left to do."""
        if not self.session.is_open or self._is_making():
            return
        self._generator = self._setup.generator
        self._state = state = read_state(self.session.project, self._generator)
        self._outcome.setVisible(bool(state.pairs or state.failed))
        self._outcome.show_counts(
            outcome_words(state),
            [(kind_words(kind), count) for kind, count in state.kinds.items()],
            [(reason_words(reason), count) for reason, count in state.reasons.items()],
        )
        self._outcome.show_similar(state.similar, state.groups)
        self._outcome.show_failed(state.failures)
        self._show_marks()
        self._tell_todo()

    def _show_marks(self) -> None:
        """The marks of Search and the test sets, where there are any."""
        marked = self.session.project.test_sets.count_marked()
        self._sets.setVisible(bool(self.session.project.test_sets.all()))
        many = self.tr("Use {count} marks of Search").format(count=words.count(marked))
        self._marks.setText(self.tr("Use one mark of Search") if marked == 1 else many)
        self._marks.setVisible(bool(marked))

    def _tell_todo(self) -> None:
        """Say what the button would do, or what is missing."""
        if not self.session.is_open or self._is_making():
            return
        todo = todo_of(self._state, self._setup.fault(), self._setup.values()["per_passage"])
        self._todo.setText(todo.text)
        self._start.setText(todo.action)
        self._start.setAccessibleName(todo.action)
        self._start.setEnabled(todo.is_possible)
        state = self._state
        self._start.setVisible(todo.is_possible or not state.passages or bool(state.left))
        self._outcome.set_next(not todo.is_possible and not state.failed)
        self._outcome.set_can_retry(not self._setup.fault())
        self._preview.set_can_try(not self._setup.fault())

    def _keep(self) -> None:
        if self.session.is_open and not self._setup.has_errors():
            self.session.keep(KEPT, **self._setup.kept())

    def _is_making(self) -> bool:
        return self.jobs.current is not None and self.jobs.current.stage == "generate"

    def _make(self, *, retry: bool = False) -> None:
        """Start the batch, or only the passages that failed, once the user lets the text go where it would."""
        self.feedback.clear()
        self._keep()
        count = self._state.failed if retry else self._state.left
        what = self.tr("The text of {count} passages").format(count=words.count(count))
        if self._may_send(what) and (on := cluster_options(self.session, what, self)) is not None:
            again = {"retry": True} if retry else {}
            self.jobs.start("generate", self._setup.config(), key=self._setup.key, **again, **on)

    def _may_send(self, what: str) -> bool:
        """Whether text may go to the chosen server: the user is asked once for a project and a host elsewhere."""
        address = self._setup.address
        host = host_of(address)
        if not address or consent.is_allowed(self.session.project, host):
            return True
        if not may_send(self, address, what):
            return False
        consent.allow(self.session.project, host)
        return True

    def _on_progress_pause_wanted(self) -> None:
        if self.jobs.current is not None:
            self.jobs.cancel(self.jobs.current)

    def _on_outcome_failed_wanted(self) -> None:
        dialog = FailedDialog(failed_passages(self.session.project, self._generator), self)
        dialog.retry_wanted.connect(lambda: self._make(retry=True))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_setup_changed(self) -> None:
        self._tell_todo()
        if self._setup.generator != self._generator:
            self._settle.start()

    def _on_settle_timeout(self) -> None:
        """Another generator was chosen, or its model typed."""
        if self._setup.generator != self._generator:
            self._preview.show_nothing()
            self._keep()
            self._reload()

    def _on_setup_prompt_wanted(self) -> None:
        dialog = PromptDialog(self._setup.prompt_config(), self._next_passage, self)
        dialog.saved.connect(self._on_prompt_saved)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_prompt_saved(self, prompt: str, examples: Any) -> None:
        self._setup.set_prompt(prompt, examples)
        self._keep()

    def _next_passage(self, number: int) -> tuple[PassageToAsk, str] | None:
        project = self.session.project
        found = project.passages.sample(1, number)
        if not found:
            return None
        passage = found[0]
        paper = next(document for document in project.documents.all() if document.id == passage.document_id)
        where = self.tr("{name}, page {page}").format(name=paper.file_name, page=passage.page)
        return PassageToAsk(passage.id, passage.text, paper.title, passage.section), where

    def _on_preview_sample_wanted(self) -> None:
        passages = self.session.project.passages.sample(PREVIEWED, self._skip)
        what = self.tr("The text of {count} passages").format(count=len(passages))
        if self._setup.fault() or not passages or not self._may_send(what):
            return
        ids = [passage.id for passage in passages]
        job = self.jobs.start("preview", self._setup.config(), key=self._setup.key, passages=ids)
        if job is not None:
            self._skip += 1
            if job.state != "ended":
                self._preview_job = job
                self._preview.show_busy(job.status_text)

    def _on_jobs_started(self, job: Job) -> None:
        if job.stage == "generate":
            self._outcome.setVisible(False)
            self._preview.set_can_try(False)
            self._start.setVisible(False)
            self._todo.setVisible(False)
            self._progress.setVisible(True)
            self._progress.begin(job)

    def _on_jobs_event(self, job: Job, event: Event) -> None:
        if job.stage == "generate":
            self._progress.take(job, event)
            if isinstance(event, ItemsChanged) and not self._again.isActive():
                self._again.start()
        elif job is self._preview_job:
            self._preview.show_busy(job.status_text)

    def _on_jobs_ended(self, job: Job) -> None:
        if job.stage == "generate":
            self._again.stop()
            self._progress.end()
            self._progress.setVisible(False)
            self._todo.setVisible(True)
            self._reload()
            self._tell_end(job)
            QTimer.singleShot(0, self, lambda: self._results.ensureWidgetVisible(self._outcome))
        elif job.stage == "preview":
            self._preview_job = None
            self._show_preview(job)

    def _tell_end(self, job: Job) -> None:
        if job.summary is not None:
            made, failed = (words.count(job.summary[name]) for name in ("made", "failed"))
            if job.summary["failed"]:
                text = self.tr("{made} questions made, {failed} passages failed.").format(made=made, failed=failed)
                hint = self.tr("They are listed by reason below, and can be tried again; all that was made is kept.")
                self.feedback.show(f"{text}{used_words(job.summary)}", hint, tone=Tone.WARN)
                return
            text = self.tr("{made} questions made in {time}.").format(made=made, time=words.seconds(job.seconds))
            self.feedback.say(f"{text}{used_words(job.summary)}")
            if job.warnings:
                self.feedback.show(job.warnings[-1])
        elif job.cancelled:
            total = sum(self.session.project.pairs.counts().values())
            self.feedback.say(self.tr("Paused. {count} questions are kept.").format(count=words.count(total)))

    def _show_preview(self, job: Job) -> None:
        if job.summary is None:
            self._preview.end_busy()
            return
        rows = job.summary["passages"]
        passages = self.session.project.passages.get([row["passage"] for row in rows])
        names = self._names({passage.document_id for passage in passages.values()})
        self._preview.show_sample([row for row in rows if row["passage"] in passages], passages, names)
        self._preview.show_estimate(estimate_words(job.summary))

    def _names(self, documents: set[int]) -> dict[int, str]:
        found = self.session.project.documents.all()
        return {document.id: document.file_name for document in found if document.id in documents}

    def _show_newest(self) -> None:
        if self.session.is_open:
            self._progress.show_newest(PairFigures(self.session.project.database).newest(NEWEST))

    def _on_session_table_changed(self, table: str) -> None:
        if table in ("documents", "pairs", "test_sets") and self.isVisible():
            self._reload()

    def _on_session_settings_changed(self) -> None:
        self._setup.show_servers(self.session.settings.servers)
