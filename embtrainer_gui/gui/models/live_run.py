"""The training run that goes on now: its curves so far, its pace and what its process takes."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embtrainer_gui.core.messages import Event, Metric
from embtrainer_gui.core.run_process import RunProcess, run_process
from embtrainer_gui.gui.background import Background
from embtrainer_gui.gui.models.run_history import LOSS, RunHistory

if TYPE_CHECKING:
    from pathlib import Path

    from embtrainer_gui.gui.job import Job

METRICS_A_TURN = 500  # about 4 ms: a long history is taken in many turns, and the window stays awake
POLL_MS = 1000
PACE_SECONDS = 60.0  # the pace is that of the last minute


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """None where it is not known yet. Times are seconds, ``memory`` bytes."""

    step: int
    steps: int
    elapsed: float
    pairs_per_second: float | None
    remaining: float | None
    memory: int | None


class LiveRun(QObject):
    """``follow`` a job of the stage train, with all that it told before; ``hear`` its events.

    Signals: ``grew`` when the curves did, ``told`` once a second.
    """

    grew = Signal()
    told = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history = RunHistory()
        self.job: Job | None = None
        self.folder: Path | None = None
        self.epochs = 0  # that the run's settings ask for; 0 while they are not known
        self.clock = time.monotonic  # of the pace
        self._taken = 0
        self._process = RunProcess()
        self._pace: deque[tuple[float, int]] = deque()
        self._background = Background(self)
        self._feeder, self._poll = QTimer(self), QTimer(self)
        self._feeder.timeout.connect(self._on_feeder_timeout)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._on_poll_timeout)

    def follow(self, job: Job) -> None:
        self.job, self.history, self.folder, self.epochs = job, RunHistory(), None, 0
        self.history.notices = job.notices
        self._taken, self._process = 0, RunProcess()
        self._pace.clear()
        self._feed()
        self._poll.start()

    def end(self) -> None:
        """The job is over; the curves stay as they are."""
        self._poll.stop()
        self._feeder.stop()
        self.job = None

    def hear(self, event: Event) -> None:
        if not isinstance(event, Metric):
            return
        self._feed()
        if LOSS in event.values:  # not the progress: searching the dev questions has one of its own
            now = self.clock()
            self._pace.append((now, event.step))
            while now - self._pace[0][0] > PACE_SECONDS:
                self._pace.popleft()

    @property
    def is_complete(self) -> bool:
        """Whether everything that the job told has been taken."""
        return self.job is None or self._taken == len(self.job.metrics)

    def figures(self) -> LiveFigures:
        job = self.job
        step, a_pass = self.history.last_step, self._steps_a_pass()
        total = round(a_pass * self.epochs)
        started = self._process.started
        pace = self._steps_per_second()
        pairs = pace * self._process.pairs / a_pass if pace and a_pass else None
        return LiveFigures(
            step=step,
            steps=total,
            elapsed=time.time() - started if started else (job.seconds if job else 0.0),
            pairs_per_second=pairs or None,
            remaining=max(0, total - step) / pace if pace and total else None,
            memory=self._process.memory or None,
        )

    def _steps_per_second(self) -> float | None:
        if len(self._pace) < 2:
            return None
        (first, before), (last, after) = self._pace[0], self._pace[-1]
        return (after - before) / (last - first) if last > first and after > before else None

    def _steps_a_pass(self) -> float:
        """Each pass sees every pair once; 0 before the first step."""
        loss = self.history.series[LOSS]
        return loss.steps[-1] / loss.epochs[-1] if loss.steps and loss.epochs[-1] else 0.0

    def _feed(self) -> None:
        if not self.is_complete and not self._feeder.isActive():
            self._feeder.start(0)

    @Slot()
    def _on_feeder_timeout(self) -> None:
        metrics = self.job.metrics if self.job else []
        for metric in metrics[self._taken : self._taken + METRICS_A_TURN]:
            self.history.take(metric)
        self._taken = min(len(metrics), self._taken + METRICS_A_TURN)
        if self.is_complete:
            self._feeder.stop()
        self.grew.emit()

    @Slot()
    def _on_poll_timeout(self) -> None:
        folder = self.folder
        if folder is not None and not self._background.is_busy:
            self._background.run("process", lambda: run_process(folder), self._on_process_read)
        self.told.emit()

    def _on_process_read(self, process: RunProcess) -> None:
        self._process = process
