"""The only glue between a stage and whoever runs it: the event stream, the cancel flag and the project."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal

from embtrainer_gui.core.errors import Cancelled
from embtrainer_gui.core.messages import Event, ItemsChanged, Metric, Progress, Status, Warned
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.watch import Watch
from embtrainer_gui.stages.workplace import HERE, Workplace

EVENTS_PER_SECOND = 10


class JobContext:
    """A ``core.report.Reporter`` over an event stream, for work that needs no project."""

    def __init__(self, emit: Callable[[Event], None], cancelled: threading.Event) -> None:
        self.emit = emit
        self.watch: Watch | None = None
        self.cancelled = cancelled
        self.workplace: Workplace = HERE
        self._last_progress = 0.0

    def status(self, text: str) -> None:
        self.emit(Status(text=text))

    def progress(self, done: int, total: int, item: str = "", unit: Literal["", "bytes"] = "") -> None:
        now = time.monotonic()
        if done >= total or now - self._last_progress >= 1 / EVENTS_PER_SECOND:
            self._last_progress = now
            self.emit(Progress(done=done, total=total, item=item, unit=unit))

    def metric(self, step: int, epoch: float, values: dict[str, float]) -> None:
        self.tell(Metric(step=step, epoch=epoch, values=dict(values)))

    def tell(self, metric: Metric) -> None:
        """Emit ``metric``, and what the watch has to say of it, where there is one."""
        self.emit(metric)
        for notice in self.watch.take(metric) if self.watch else ():
            self.emit(notice)

    def items_changed(self, table: str, count: int) -> None:
        self.emit(ItemsChanged(table=table, count=count))

    def warn(self, text: str) -> None:
        self.emit(Warned(text=text))

    def raise_if_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled


class Context(JobContext):
    """A context with an open project."""

    def __init__(self, project: Project, emit: Callable[[Event], None], cancelled: threading.Event) -> None:
        super().__init__(emit, cancelled)
        self.project = project
