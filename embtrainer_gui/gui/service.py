"""A child that lives on and answers short requests one after the other: search, and pictures of pages."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal, Slot

from embtrainer_gui.core.job_child import JobChild
from embtrainer_gui.core.messages import (
    Event,
    Explanation,
    Failed,
    JobSpec,
    PageImage,
    PageLocked,
    Progress,
    QueryHits,
    Reply,
    Request,
    Secrets,
    Status,
    Stopped,
    TextSimilarity,
)
from embtrainer_gui.gui import format as figures
from embtrainer_gui.gui.job_thread import JobThread

SECONDS = {"pages": 40.0, "search": 900.0}  # for one answer, with the start of the child; a first search encodes
END_MS = 20_000

OnReply = Callable[[Reply], None]
OnFailure = Callable[[Failed], None]


@dataclass(frozen=True, slots=True)
class _Asked:
    request: Request
    on_reply: OnReply
    on_failure: OnFailure | None


class Service(QObject):
    """Answers come in the order of the questions, on the GUI thread. A child that dies fails the request that it was
    answering, and is started again at the next one.

    Signals: ``ended`` when the child has ended, for whatever reason; ``status_changed`` with what it is busy with
    before an answer (loading a model), empty when it has answered.
    """

    ended = Signal()
    status_changed = Signal(str)

    def __init__(self, spec: JobSpec, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spec, self._command, self._secrets = spec, list(command), Secrets()
        self._waiting: list[_Asked] = []
        self._current: _Asked | None = None
        self._thread: JobThread | None = None
        self._scratch: TemporaryDirectory[str] | None = None
        self._dropped: set[int] = set()
        self._tickets = 0
        self._doing = ""
        self._closed = False
        self._ending = False  # no new child before the old one's thread has finished
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self._on_clock_timeout)

    def ask(self, request: Request, on_reply: OnReply, on_failure: OnFailure | None = None) -> int:
        """Queue a request; gives its ticket. It takes the place of a waiting one with the same ``slot``."""
        self._tickets += 1
        if self._closed:
            return self._tickets
        asked = _Asked(request.model_copy(update={"ticket": self._tickets}), on_reply, on_failure)
        if request.slot:
            self._waiting = [other for other in self._waiting if other.request.slot != request.slot]
        self._waiting.append(asked)
        self._go_on()
        return self._tickets

    def drop(self, ticket: int) -> None:
        """Nobody wants that answer any more: neither callback is called."""
        self._waiting = [asked for asked in self._waiting if asked.request.ticket != ticket]
        if self._current and self._current.request.ticket == ticket:
            self._dropped.add(ticket)

    def stop(self, told: Failed | None = None) -> None:
        """End the child and forget what was asked; whoever waits is told that, if anything. A later ``ask`` starts a
        new one."""
        unanswered = self._unanswered()
        self._waiting.clear()
        self._current = None
        self._clock.stop()
        if self._thread is not None:
            self._thread.child.kill()
            self._thread.wait(END_MS)
            QCoreApplication.removePostedEvents(self, QEvent.Type.MetaCall)  # its last words are for nobody
            self._let_go()
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None
        for asked in unanswered:
            if told is not None and asked.on_failure is not None:
                asked.on_failure(told)

    def close(self) -> None:
        """End the child for good: what a page that is on its way out still asks starts no other."""
        self._closed = True
        self.stop()

    def renew(self, secrets: Secrets) -> None:
        """Go on with a child that knows ``secrets``; nothing that was asked is lost."""
        unanswered = self._unanswered()
        self.stop()
        self._secrets, self._waiting = secrets, unanswered
        self._go_on()

    def _unanswered(self) -> list[_Asked]:
        """What is still wanted, in order."""
        asked = [*([self._current] if self._current else []), *self._waiting]
        return [one for one in asked if one.request.ticket not in self._dropped]

    def _go_on(self) -> None:
        if self._current is not None or not self._waiting or self._ending:
            return
        self._current = self._waiting.pop(0)
        self._clock.start(round(SECONDS[self._spec.stage] * 1000))
        self._send(self._current.request)

    def _send(self, request: Request) -> None:
        if self._thread is None:
            self._thread = self._new_thread()
            self._thread.child.tell(request)
            self._thread.start()
        else:
            self._thread.child.tell(request)

    def _new_thread(self) -> JobThread:
        if self._scratch is None:
            self._scratch = TemporaryDirectory(prefix="embtrainer-pages-")
        spec = self._spec.model_copy(update={"options": {**self._spec.options, "scratch": self._scratch.name}})
        logs = Path(spec.project) / "logs"
        thread = JobThread(JobChild(self._command, spec, self._secrets, logs=logs))
        thread.event_received.connect(self._on_event)
        thread.finished.connect(self._on_thread_finished)
        return thread

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        match event:
            case PageImage() | PageLocked() | QueryHits() | Explanation() | TextSimilarity():
                self._answered(event)
            case Failed() if event.ticket:
                self._failed(event)
            case Failed():
                self._ending = True
                self._failed(self._page_killed(event) if self._spec.stage == "pages" else event)
            case Stopped():
                self._ending = True
                self._failed(self._too_slow())
            case Status(text=text):
                self._doing = text
                self.status_changed.emit(text)
            case Progress(done=done, total=total) if self._doing:
                self.status_changed.emit(
                    self.tr("{what} {done} of {total}").format(
                        what=self._doing, done=figures.count(done), total=figures.count(total)
                    )
                )
            case _:
                pass

    def _answered(self, reply: Reply) -> None:
        asked = self._take(reply.ticket)
        try:
            if asked is not None:
                self.status_changed.emit("")
                asked.on_reply(reply)
            elif isinstance(reply, PageImage):
                with contextlib.suppress(OSError):
                    Path(reply.path).unlink(missing_ok=True)
        finally:
            self._go_on()  # a callback that fails holds up nobody else

    def _failed(self, failure: Failed) -> None:
        asked = self._take(failure.ticket or (self._current.request.ticket if self._current else 0))
        try:
            if asked is not None:
                self.status_changed.emit("")
                if asked.on_failure is not None:
                    asked.on_failure(failure)
        finally:
            self._go_on()

    def _take(self, ticket: int) -> _Asked | None:
        """The request with that ticket, if it is still wanted; the next one may go then."""
        asked = self._current
        if asked is None or asked.request.ticket != ticket:
            return None
        self._current = None
        self._clock.stop()
        if ticket in self._dropped:
            self._dropped.discard(ticket)
            return None
        return asked

    @Slot()
    def _on_clock_timeout(self) -> None:
        if self._thread is not None:
            self._thread.child.kill()

    @Slot()
    def _on_thread_finished(self) -> None:
        if self._thread is not None and self._thread.isFinished():
            self._let_go()
            self._go_on()

    def _let_go(self) -> None:
        thread, self._thread, self._ending = self._thread, None, False
        if thread is not None:
            thread.wait()
            thread.deleteLater()
            self.ended.emit()

    def _page_killed(self, crash: Failed) -> Failed:
        """A file that its reader dies of is the file's fault, no bug of ours."""
        return Failed(
            kind="environment",
            message=self.tr("This page cannot be drawn: its file is damaged or needs too much time or memory."),
            hint=self.tr("The other pages can still be shown. Open the file in a PDF viewer, and save it again."),
            trace=crash.trace,
        )

    def _too_slow(self) -> Failed:
        return Failed(
            kind="environment",
            message=self.tr("This took too long and was ended."),
            hint=self.tr("Try it again; another page or question may work."),
        )
