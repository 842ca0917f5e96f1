"""Starts jobs, follows them and tells the window: one at a time in a project, and the services beside it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from PySide6.QtCore import QObject, Signal, Slot

from embtrainer_gui.core.child_process import worker_command
from embtrainer_gui.core.job_child import JobChild, reap
from embtrainer_gui.core.messages import Event, JobSpec, Secrets, Status
from embtrainer_gui.core.store.lock import is_held
from embtrainer_gui.core.workflow import RUN_LOCK
from embtrainer_gui.gui.feedback import Feedback, Tone
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.job_thread import JobThread
from embtrainer_gui.gui.power import Wakefulness
from embtrainer_gui.gui.run_tail import RunTail
from embtrainer_gui.gui.service import Service
from embtrainer_gui.gui.services import ServiceKind, Services

if TYPE_CHECKING:
    from embtrainer_gui.gui.session import Session

END_MS = 20_000  # the longest that shut_down waits for a child that was killed
TABLES = {
    "import": ("documents",),
    "generate": ("pairs",),
    "check": ("pairs",),
    "doubts": ("doubts",),
    "train": ("runs",),
    "compare": ("evaluations",),
    "pairs-import": ("documents", "pairs", "test_sets"),
    "marks-to-pairs": ("pairs", "test_sets"),
    "sample": ("documents", "pairs", "runs", "evaluations"),
    "run": ("documents", "pairs", "runs", "evaluations"),
}
"""Whose rows a stage may change, however it ends."""

AWAY = ("restore", "move", "unarchive")
"""Stages that work while the project is closed: whoever asked for one opens it again, and may ask once more."""


class JobManager(QObject):
    """Signals: ``job_started``, ``job_event`` for each event of the current job, ``job_ended``."""

    job_started = Signal(object)  # Job
    job_event = Signal(object, object)  # Job, Event
    job_ended = Signal(object)  # Job

    def __init__(self, session: Session, feedback: Feedback, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._feedback = session, feedback
        self._thread: JobThread | None = None
        self._tail: RunTail | None = None
        self._retry: Callable[[], None] | None = None
        self._services = Services(self._new_service)
        self._wakefulness = Wakefulness()
        self.current: Job | None = None
        session.project_changed.connect(self._on_project_changed)

    def start(self, stage: str, config: BaseModel | Mapping[str, Any], **options: Any) -> Job | None:
        """Start a stage on the open project; None, with a banner, while another job runs.

        ``passwords`` and ``key`` among the options go to the child as its first line, never to the disk.
        """
        if self.current is not None:
            self._feedback.show(
                self.tr("{title} is still running.").format(title=self.current.title),
                self.tr("Wait until it has ended, or stop it in the job panel."),
                tone=Tone.WARN,
            )
            return None
        secrets = Secrets(key=options.pop("key", ""), passwords=_plain(options.pop("passwords", {})))
        values = config.model_dump(mode="json") if isinstance(config, BaseModel) else _plain(config)
        spec = JobSpec(
            stage=stage,
            project=self._folder(),
            config=values,
            options=_plain(options),
            threads=self.threads(),
            device=self._session.settings.device,
        )
        self.learn(secrets.passwords)
        self._retry = None if stage in AWAY else lambda: self._again(spec, secrets)
        return self._begin(spec, secrets)

    def cancel(self, job: Job) -> None:
        """Ask a job to stop; after some seconds it is made to."""
        if job is not self.current or job.state in ("stopping", "ended"):
            return
        job.state, job.status_text = "stopping", self.tr("Stopping...")
        self._stop(job)
        self.job_event.emit(job, Status(text=job.status_text))

    def kill(self, job: Job) -> None:
        """End a job at once. What it stored so far is kept."""
        if job is self.current:
            job.state = "stopping"
            self._kill(job)

    def detach(self, job: Job) -> None:
        """Let a training run go on without this window."""
        if job is not self.current or job.stage != "train" or job.state == "stopping":
            return
        job.detached = True
        if self._tail:
            self._end()
        elif self._thread:
            self._thread.child.detach()

    def reattach(self) -> Job | None:
        """Follow the training run of the open project that still lives, if there is one.

        It becomes the current job at once; ``job_started`` comes when its whole history was read.
        """
        if self.current is not None or not self._session.is_open:
            return None
        project = self._session.project
        runs = project.runs.all()
        folder = project.models / runs[-1].name if runs else None
        if folder is None or runs[-1].state != "running" or not is_held(folder, RUN_LOCK):
            return None
        job = Job("train", self._title("train"), {"run": runs[-1].name}, attached=True, tables=set(TABLES["train"]))
        self.current = job
        self._retry = None
        self._tail = RunTail(folder, self)
        self._tail.history_read.connect(self._on_history_read)
        self._tail.event_received.connect(self._on_event)
        self._tail.ended.connect(self._on_tail_ended)
        self._wakefulness.keep(job.title)
        self._tail.start()
        return job

    def service(self, kind: ServiceKind) -> Service:
        """The child that answers requests about the open project; it starts at the first one."""
        return self._services.get(kind)

    def learn(self, passwords: Mapping[str, str]) -> None:
        """Passwords of encrypted papers, by path: in memory while the window is open, to show their pages."""
        self._services.learn(passwords)

    def can_close(self) -> bool:
        """Whether nothing runs that closing would end."""
        return self.current is None

    def shut_down(self) -> None:
        """End everything at once: the window closes. A run that was detached goes on."""
        self._services.shut()
        reap()
        if self.current is not None and self._thread is not None:
            if not self.current.detached:
                self._thread.child.kill()
            self._thread.wait(END_MS)
        if self.current is not None:
            self.current.cancelled = not self.current.detached
            self._end()

    def _begin(self, spec: JobSpec, secrets: Secrets) -> Job:
        job = Job(spec.stage, self._title(spec.stage), dict(spec.options), tables=set(TABLES.get(spec.stage, ())))
        job.status_text = self.tr("Starting...")
        self.current = job
        self._wakefulness.keep(job.title)
        self.job_started.emit(job)
        self._launch(job, spec, secrets)
        return job

    def _launch(self, job: Job, spec: JobSpec, secrets: Secrets) -> None:
        logs = Path(spec.project) / "logs" if spec.project else None
        child = JobChild(self._command(), spec, secrets, logs=logs)
        job.read_log = child.log_tail
        self._thread = JobThread(child)
        self._thread.event_received.connect(self._on_event)
        self._thread.finished.connect(self._on_thread_finished)
        self._thread.start()

    def _command(self) -> list[str]:
        return worker_command("job")

    def _again(self, spec: JobSpec, secrets: Secrets) -> None:
        if self.current is not None or spec.project != self._folder():
            return
        if spec.stage == "train" and self._has_checkpoint():
            spec = spec.model_copy(update={"options": {**spec.options, "resume": True}})
        self._begin(spec, secrets)

    def _has_checkpoint(self) -> bool:
        """Whether the newest run is unfinished and can be gone on with."""
        project = self._session.project
        runs = project.runs.all()
        if not runs or runs[-1].state == "done":
            return False
        return any((project.models / runs[-1].name / "checkpoints").glob("checkpoint-*/COMPLETE"))

    def _stop(self, job: Job) -> None:
        if self._tail:
            self._tail.stop()
        elif self._thread:
            self._thread.child.cancel()

    def _kill(self, job: Job) -> None:
        if self._tail:
            self._tail.kill()
        elif self._thread:
            self._thread.child.kill()

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        job = self.current
        if job is not None:
            job.take(event)
            self.job_event.emit(job, event)

    @Slot(object)
    def _on_history_read(self, events: list[Event]) -> None:
        job = self.current
        if job is not None:
            for event in events:
                job.take(event)
            self.job_started.emit(job)

    @Slot()
    def _on_thread_finished(self) -> None:
        thread, job = self._thread, self.current
        if thread is None or job is None or not thread.isFinished():
            return
        report = thread.child.report
        job.report = str(report) if report else ""
        self._end()

    @Slot()
    def _on_tail_ended(self) -> None:
        self._end()

    def _end(self) -> None:
        """The current job is over: let go of its thread, tell everybody."""
        job, thread, tail = self.current, self._thread, self._tail
        if job is None:
            return
        self.current = self._thread = self._tail = None
        if thread is not None:
            thread.wait()
            thread.deleteLater()
        if tail is not None:
            tail.end()
            tail.deleteLater()
        self._wakefulness.release()
        job.state, job.ended = "ended", time.monotonic()
        if self._session.is_open:
            for table in sorted(job.tables):
                self._session.table_changed.emit(table)
        self.job_ended.emit(job)
        if job.failure is not None:
            self._feedback.failed(job.failure, retry=self._retry)

    @Slot()
    def _on_project_changed(self) -> None:
        self._services.stop()

    def _new_service(self, kind: ServiceKind) -> Service:
        device = self._session.settings.device
        spec = JobSpec(stage=kind, project=self._folder(), threads=self.threads(), device=device)
        return Service(spec, worker_command(kind), self)

    def _folder(self) -> str:
        return str(self._session.project.folder) if self._session.is_open else ""

    def threads(self) -> int:
        """Threads that may compute: what the settings say, else all processors but one, which is the window's."""
        return self._session.settings.threads or max(1, (os.cpu_count() or 2) - 1)

    def _title(self, stage: str) -> str:
        titles = {
            "import": self.tr("Reading papers"),
            "generate": self.tr("Making questions"),
            "preview": self.tr("Preview of questions"),
            "regenerate": self.tr("Making another question"),
            "check": self.tr("Checking questions"),
            "doubts": self.tr("Looking for doubtful passages"),
            "train": self.tr("Training"),
            "preflight": self.tr("Check before training"),
            "compare": self.tr("Comparing models"),
            "index": self.tr("Building the search index"),
            "map": self.tr("Map of the passages"),
            "copies": self.tr("Looking for near copies"),
            "search-many": self.tr("Searching many questions"),
            "compare-report": self.tr("Writing the report"),
            "sample": self.tr("The whole job on the sample papers"),
            "run": self.tr("The whole job"),
            "question-table": self.tr("Looking at a file of questions"),
            "pairs-import": self.tr("Importing questions"),
            "marks-to-pairs": self.tr("Making pairs of marks"),
            "pairs-export": self.tr("Exporting questions"),
            "export": self.tr("Exporting"),
            "bundle": self.tr("Packing a training run"),
            "push": self.tr("Uploading the model"),
            "import-run": self.tr("Taking in a training run"),
            "backup": self.tr("Making a backup"),
            "restore": self.tr("Putting a backup back"),
            "archive": self.tr("Packing the project"),
            "unarchive": self.tr("Taking in an archive"),
            "move": self.tr("Moving the project"),
            "get-model": self.tr("Downloading a model"),
            "doctor": self.tr("Looking at this computer"),
        }
        return titles.get(stage, stage)


def _plain(value: Any) -> Any:
    """``value`` with paths as strings, ready for JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value
