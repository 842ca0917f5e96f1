"""State and count of each step, read again a moment after something changed, and which one a job works on."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.messages import Event, ItemsChanged, Metric, Status
from embtrainer_gui.core.workflow import Step, StepReport, StepState
from embtrainer_gui.gui import format as fmt
from embtrainer_gui.gui import step_words
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.overview import Overview, overview
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.state_thread import States, StateThread
from embtrainer_gui.gui.widgets.sidebar import StepLook

SOON_MS = 400  # many changes in a row are read once
QUICK_MS = 8  # what takes longer is read on a thread
NOTHING = StepReport(StepState.READY)


class StepStates(QObject):
    """Signal ``changed`` after each reading."""

    changed = Signal()

    def __init__(self, session: Session, jobs: JobManager, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self.reports: dict[Step, StepReport] = {}
        self._overview: Overview | None = None
        self._running: Step | None = None
        self._took_ms = 0.0
        self._thread: StateThread | None = None
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self.refresh)
        session.table_changed.connect(self._on_change)
        jobs.job_started.connect(self._on_job_started)
        jobs.job_event.connect(self._on_job_event)
        jobs.job_ended.connect(self._on_job_ended)

    def of(self, step: Step) -> StepReport:
        """The state of a step; running where a job works on it."""
        if step == self._running:
            return StepReport(StepState.RUNNING)
        return self.reports.get(step, NOTHING)

    def looks(self) -> dict[Step, StepLook]:
        """What the sidebar shows; empty where no project is open."""
        if not self._session.is_open:
            return {}
        counts = self._counts()
        looks = {}
        for step in Step:
            report = self.of(step)
            words = step_words.state_word(report.state), step_words.reason_of(report)
            looks[step] = StepLook(report.state, *words, counts.get(step, ""))
        return looks

    @Slot()
    def read(self) -> None:
        """Read them now."""
        self._soon.stop()
        if not self._session.is_open:
            self._take({}, None)
            return
        began = time.monotonic()
        try:
            found = self._session.steps(), overview(self._session.project)
        except AppError:
            return  # the folder is away: the window says so, and what was known stays on show
        self._took_ms = 1000 * (time.monotonic() - began)
        self._take(*found)

    @Slot()
    def refresh(self) -> None:
        """Read them now where that is quick, else on a thread: a large project must not hold up the window."""
        if self._took_ms <= QUICK_MS or not self._session.is_open:
            self.read()
        elif self._thread is not None:
            self._soon.start()
        else:
            self._thread = StateThread(self._session.project.folder)
            self._thread.states_read.connect(self._on_states_read)
            self._thread.finished.connect(self._on_thread_finished)
            self._thread.start()

    def stop(self) -> None:
        """Wait for the thread, before the window goes."""
        self._soon.stop()
        if self._thread is not None:
            self._thread.wait()
            self._on_thread_finished()

    @Slot(object, object)
    def _on_states_read(self, folder: Path, found: States) -> None:
        if self._session.is_open and self._session.project.folder == folder:
            self._take(*found)

    @Slot()
    def _on_thread_finished(self) -> None:
        if self._thread is not None and self._thread.isFinished():
            self._thread.wait()
            self._thread.deleteLater()
            self._thread = None

    def _take(self, reports: dict[Step, StepReport], found: Overview | None) -> None:
        self.reports, self._overview = reports, found
        self.changed.emit()

    def _counts(self) -> dict[Step, str]:
        found = self._overview
        if found is None:
            return {}
        decided = found.accepted + found.rejected
        counts = {}
        if found.papers:
            one = found.papers == 1
            counts[Step.PAPERS] = self.tr("1 paper") if one else self.tr("{n} papers").format(n=fmt.count(found.papers))
        if found.pairs:
            counts[Step.QUESTIONS] = self.tr("{count} pairs").format(count=fmt.count(found.pairs))
            counts[Step.REVIEW] = self.tr("{done} of {total}").format(
                done=fmt.count(decided), total=fmt.count(found.pairs)
            )
        if found.runs:
            counts[Step.TRAIN] = self.tr("1 run") if found.runs == 1 else self.tr("{n} runs").format(n=found.runs)
        if found.change is not None:
            counts[Step.COMPARE] = self.tr("nDCG {change}").format(change=fmt.change(found.change))
        return counts

    @Slot(str)
    def _on_change(self, table: str) -> None:
        if not self._soon.isActive():
            self._soon.start()

    @Slot(object)
    def _on_job_started(self, job: Job) -> None:
        self._run_on(step_words.step_of_stage(job.stage))

    @Slot(object, object)
    def _on_job_event(self, job: Job, event: Event) -> None:
        if isinstance(event, ItemsChanged):
            self._on_change(event.table)
        if step_words.step_of_stage(job.stage) is None:  # a whole job walks through the steps
            if isinstance(event, ItemsChanged):
                self._run_on(step_words.step_of_table(event.table))
            elif isinstance(event, Metric):
                self._run_on(Step.TRAIN)
            elif isinstance(event, Status):  # the next part begins: the one before has stored its last rows
                self._on_change("")

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        self._running = None

    def _run_on(self, step: Step | None) -> None:
        if step != self._running:
            self._running = step
            self.changed.emit()
