"""JobManager without children: a test emits the events of the job that a page started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from embtrainer_gui.core.messages import (
    Event,
    Failed,
    Finished,
    JobSpec,
    PageImage,
    Progress,
    QueryHits,
    Request,
    Secrets,
    Started,
    Stopped,
)
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.power import Wakefulness
from embtrainer_gui.gui.service import Service
from embtrainer_gui.gui.services import ServiceKind


class Drowsy(Wakefulness):
    """Lets the machine sleep."""

    def keep(self, reason: str) -> None: ...


class FakeJobs(JobManager):
    """The real manager; only its children are missing. ``specs`` holds what was started, ``secrets`` with what.

    ``say``, ``progress``, ``finish``, ``fail`` and ``end_cancelled`` speak for the child of the current job.
    A job that was cancelled stays "stopping" until ``end_cancelled``; ``auto_finish`` ends each job at once.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._wakefulness = Drowsy()
        self.specs: list[JobSpec] = []
        self.secrets: list[Secrets] = []
        self.stopped: list[Job] = []
        self.killed: list[Job] = []
        self.auto_finish: Callable[[JobSpec], dict[str, Any]] | None = None

    def _launch(self, job: Job, spec: JobSpec, secrets: Secrets) -> None:
        self.specs.append(spec)
        self.secrets.append(secrets)
        self.say(Started(stage=spec.stage, pid=0))
        if self.auto_finish is not None:
            self.finish(self.auto_finish(spec))

    def _stop(self, job: Job) -> None:
        self.stopped.append(job)

    def _kill(self, job: Job) -> None:
        self.killed.append(job)
        self.end_cancelled()

    def _new_service(self, kind: ServiceKind) -> Service:
        return FakeService(JobSpec(stage=kind, project=self._folder()), [], self)

    def detach(self, job: Job) -> None:
        job.detached = True
        self._end()

    def say(self, event: Event) -> None:
        self._on_event(event)

    def progress(self, done: int, total: int, item: str = "") -> None:
        self.say(Progress(done=done, total=total, item=item))

    def finish(self, summary: dict[str, Any] | None = None) -> None:
        self.say(Finished(summary=summary or {}))
        self._end()

    def fail(self, message: str = "It failed.", hint: str = "", kind: str = "user", trace: str = "") -> None:
        self.say(Failed(kind=kind, message=message, hint=hint, trace=trace))  # type: ignore[arg-type]
        self._end()

    def end_cancelled(self, checkpoint: str = "") -> None:
        self.say(Stopped(checkpoint=checkpoint))
        self._end()

    def fake_service(self, kind: ServiceKind) -> FakeService:
        service = self.service(kind)
        assert isinstance(service, FakeService)
        return service


class FakeService(Service):
    """``asked`` holds every request that went out; ``answer`` and ``fail`` reply to the one in flight.

    ``replies`` answers each request at once: a function from the request to its reply (or Failed).
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.asked: list[Request] = []
        self.replies: Callable[[Any], PageImage | QueryHits | Failed] | None = None

    def _send(self, request: Request) -> None:
        self.asked.append(request)
        if self.replies is not None:
            self._on_event(self.replies(request))

    def answer(self, reply: PageImage | QueryHits) -> None:
        """Reply to the request in flight; the ticket of ``reply`` is set."""
        self._on_event(reply.model_copy(update={"ticket": self.asked[-1].ticket}))

    def fail(self, message: str = "It failed.", hint: str = "") -> None:
        self._on_event(Failed(kind="user", message=message, hint=hint, ticket=self.asked[-1].ticket))
