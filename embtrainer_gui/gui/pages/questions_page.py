"""Questions: what writes them, a look at a few, then the whole batch with pause and resume."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.messages import Event, ItemsChanged
from embtrainer_gui.core.store.pair_figures import PairFigures
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import format as words
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.pair_words import kind_words, reason_words
from embtrainer_gui.gui.widgets.basics import button, column, label, row
from embtrainer_gui.gui.widgets.config_form import ConfigForm
from embtrainer_gui.gui.widgets.generate_progress import NEWEST, GenerateOutcome, GenerateProgress
from embtrainer_gui.gui.widgets.question_preview import QuestionPreview
from embtrainer_gui.gui.widgets.source_cards import SourceCards

KEPT = "questions"
PREVIEWED = 5
REFRESH_MS = 500
LEFT_WIDTH = 380


class QuestionsPage(Page):
    step = Step.QUESTIONS
    title = "Questions"
    subtitle = "Make questions that your papers answer; the model learns from them."
    icon = "questions"

    def enter(self) -> None:
        kept = self.session.kept(KEPT).get("config")
        if kept:
            self._form.set_values(kept)
        if self.jobs.current is not None:
            self._on_jobs_started(self.jobs.current)
        self._reload()

    def leave(self) -> None:
        if self.session.is_open and not self._form.errors():
            self.session.keep(KEPT, config=self._form.values())

    def _build(self) -> None:
        self.setObjectName("questions")
        self._skip = 0
        self._counts = (0, 0, 0)  # passages, those without questions, questions that are not checked
        self._preview_job: Job | None = None
        self._form = ConfigForm(GenerateConfig, [(self.tr("Settings"), ["per_passage", "seed"])], {"seed"})
        self._preview = QuestionPreview()
        self._progress = GenerateProgress()
        self._progress.setVisible(False)
        self._outcome = GenerateOutcome()
        self._start = button(self.tr("Make questions"), "primary", "play", "questions.start")
        self._todo = label("", "secondary", wrap=True)
        self._todo.setObjectName("questions.todo")
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(REFRESH_MS)
        settings = QWidget()
        inside = column(SourceCards(), self._form, None, spacing=16)
        inside.setContentsMargins(0, 0, 8, 0)
        settings.setLayout(inside)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFixedWidth(LEFT_WIDTH)
        settings.setMinimumHeight(1)  # its height follows its width: not that of text as narrow as it goes
        scroll.setWidget(settings)
        top = row(scroll, self._preview, spacing=16)
        top.setStretch(1, 1)
        start = row(self._todo, self._start, spacing=16)
        start.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(top, 1)
        layout.addWidget(self._outcome)
        layout.addWidget(self._progress)
        layout.addLayout(start)

    def _connect(self) -> None:
        self._start.clicked.connect(self._on_start_clicked)
        self._preview.sample_wanted.connect(self._on_preview_sample_wanted)
        self._progress.pause_wanted.connect(self._on_progress_pause_wanted)
        self._outcome.review_wanted.connect(lambda: self.go_to.emit(Step.REVIEW))
        self._form.changed.connect(self._tell_todo)
        self._again.timeout.connect(self._show_newest)
        self.jobs.job_started.connect(self._on_jobs_started)
        self.jobs.job_event.connect(self._on_jobs_event)
        self.jobs.job_ended.connect(self._on_jobs_ended)
        self.session.table_changed.connect(self._on_session_table_changed)

    def _reload(self) -> None:
        """Read again what there is and what is left to do."""
        if not self.session.is_open or self._is_making():
            return
        figures = PairFigures(self.session.project.database)
        kinds, reasons = figures.by_kind(), figures.by_reason()
        total = sum(kinds.values())
        self._outcome.setVisible(bool(total))
        unchecked = self.session.project.pairs.unchecked()
        text = self.tr("{total} questions, {flagged} of them flagged")
        if unchecked:
            text = self.tr("{total} questions, {unchecked} of them not checked yet")
        self._outcome.show_counts(
            text.format(
                total=words.count(total), flagged=words.count(figures.flagged()), unchecked=words.count(unchecked)
            ),
            [(kind_words(kind), count) for kind, count in kinds.items()],
            [(reason_words(reason), count) for reason, count in reasons.items()],
        )
        project, backend = self.session.project, GenerateConfig().backend
        passages, left = (
            project.passages.count_for_questions(backend),
            project.passages.count_without_questions(backend),
        )
        self._counts = (passages, left, unchecked)
        self._tell_todo()

    def _tell_todo(self) -> None:
        """Say what the button would do, or what is missing."""
        if not self.session.is_open or self._is_making():
            return
        passages, left, unchecked = self._counts
        if self._form.errors():
            text, action, possible = self.tr("A setting is out of its bounds."), self.tr("Make questions"), False
        elif left == passages:
            text = self.tr("{count} passages, at most {most} questions of each.")
            text = text.format(count=words.count(passages), most=self._form.values()["per_passage"])
            action, possible = self.tr("Make questions"), bool(passages)
        elif left:
            text = self.tr("{done} of {count} passages are done; everything made so far is kept.")
            text = text.format(done=words.count(passages - left), count=words.count(passages))
            action, possible = self.tr("Resume"), True
        elif unchecked:
            text = self.tr("All passages are done; not all questions are checked.")
            action, possible = self.tr("Resume"), True
        else:
            text = self.tr("All {count} passages are done. New papers bring new passages.")
            text = text.format(count=words.count(passages))
            action, possible = self.tr("Make questions"), False
        self._todo.setText(text)
        self._start.setText(action)
        self._start.setAccessibleName(action)
        self._start.setEnabled(possible)
        self._start.setVisible(possible or not passages or bool(left))
        self._outcome.set_next(not possible)

    def _is_making(self) -> bool:
        return self.jobs.current is not None and self.jobs.current.stage == "generate"

    def _config(self) -> GenerateConfig:
        return GenerateConfig.model_validate(self._form.values())

    def _on_start_clicked(self) -> None:
        self.feedback.clear()
        self.session.keep(KEPT, config=self._form.values())
        self.jobs.start("generate", self._config())

    def _on_progress_pause_wanted(self) -> None:
        if self.jobs.current is not None:
            self.jobs.cancel(self.jobs.current)

    def _on_preview_sample_wanted(self) -> None:
        if self._form.errors():
            return
        passages = self.session.project.passages.sample(PREVIEWED, self._skip)
        if not passages:
            return
        job = self.jobs.start("preview", self._config(), passages=[passage.id for passage in passages])
        if job is not None:
            self._skip += 1
            if job.state != "ended":
                self._preview_job = job
                self._preview.show_busy(job.status_text)

    def _on_jobs_started(self, job: Job) -> None:
        if job.stage == "generate":
            self._outcome.setVisible(False)
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
            self._progress.setVisible(False)
            self._todo.setVisible(True)
            self._reload()
            self._tell_end(job)
        elif job.stage == "preview":
            self._preview_job = None
            self._show_preview(job)

    def _tell_end(self, job: Job) -> None:
        if job.summary is not None:
            text = self.tr("{made} questions made in {time}.")
            self.feedback.say(text.format(made=words.count(job.summary["made"]), time=words.seconds(job.seconds)))
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
        project = self.session.project
        passages = project.passages.get([row["passage"] for row in rows])
        wanted = {passage.document_id for passage in passages.values()}
        names = {document.id: document.file_name for document in project.documents.all() if document.id in wanted}
        self._preview.show_sample([row for row in rows if row["passage"] in passages], passages, names)

    def _show_newest(self) -> None:
        if self.session.is_open:
            self._progress.show_newest(PairFigures(self.session.project.database).newest(NEWEST))

    def _on_session_table_changed(self, table: str) -> None:
        if table in ("documents", "pairs") and self.isVisible():
            self._reload()
