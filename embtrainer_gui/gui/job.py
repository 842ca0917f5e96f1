"""One job as the window sees it. Only the manager changes it, on the GUI thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from embtrainer_gui.core.messages import (
    Event,
    Failed,
    Finished,
    ItemsChanged,
    Metric,
    Noticed,
    Progress,
    Status,
    Stopped,
    Warned,
)

State = Literal["starting", "running", "stopping", "ended"]


def _no_log() -> str:
    return ""


@dataclass(eq=False, slots=True)
class Job:
    """``progress`` is ``(done, total, item)``; times are those of ``time.monotonic``."""

    stage: str
    title: str
    options: dict[str, Any] = field(default_factory=dict)
    state: State = "starting"
    progress: tuple[int, int, str] = (0, 0, "")
    in_bytes: bool = False  # what progress counts
    status_text: str = ""
    started: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    last_event: Event | None = None
    last_event_at: float = field(default_factory=time.monotonic)
    summary: dict[str, Any] | None = None
    failure: Failed | None = None
    cancelled: bool = False
    detached: bool = False  # it goes on without this window
    attached: bool = False  # another process runs it, or an earlier window started it
    checkpoint: str = ""
    report: str = ""  # path of the crash report
    metrics: list[Metric] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notices: list[Noticed] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)  # whose rows it changed
    read_log: Callable[[], str] = _no_log

    @property
    def ended_well(self) -> bool:
        return self.state == "ended" and self.summary is not None

    @property
    def seconds(self) -> float:
        return (self.ended or time.monotonic()) - self.started

    def log_tail(self) -> str:
        """The last lines of what its process printed."""
        return self.read_log()

    def take(self, event: Event) -> None:
        """Note what ``event`` says."""
        self.last_event, self.last_event_at = event, time.monotonic()
        if self.state == "starting":
            self.state = "running"
        match event:
            case Status(text=text):
                self.progress = (0, 0, "")
                if self.state == "running":
                    self.status_text = text
            case Progress():
                self.progress = (event.done, event.total, event.item)
                self.in_bytes = event.unit == "bytes"
            case Metric():
                self.metrics.append(event)
            case Warned(text=text):
                self.warnings.append(text)
            case Noticed():
                self.notices.append(event)
            case ItemsChanged(table=table):
                self.tables.add(table)
            case Finished(summary=summary):
                self.summary = summary
            case Failed():
                self.failure = event
            case Stopped():
                self.cancelled, self.checkpoint = True, event.checkpoint
            case _:
                pass
