"""How long a training run has taken so far, as its metrics tell it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.messages import Event, Metric, to_line
from embtrainer_gui.core.store import create_project
from embtrainer_gui.stages import train_model
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.train_model import EVENTS, RunContext


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        self.now += 10
        return self.now


def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int) -> list[float | None]:
    """What the metrics of one process say that trains the run; it takes 10 seconds a step."""
    monkeypatch.setattr(train_model, "time", Clock())
    folder = tmp_path / "project"
    project = create_project(folder)
    told: list[float | None] = []

    def hear(event: Event) -> None:
        if isinstance(event, Metric):
            told.append(event.seconds)

    run = RunContext(Context(project, hear, threading.Event()), tmp_path, TrainConfig())
    for step in range(1, steps + 1):
        run.metric(step, step / 10, {"loss": 1.0})
    project.close()
    return told


def test_that_metrics_tell_how_long_the_run_has_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trained(tmp_path, monkeypatch, 3) == [10, 20, 30]


def test_that_the_earlier_parts_of_a_resumed_run_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = [Metric(step=step, epoch=step / 10, values={"loss": 1.0}, seconds=100.0 * step) for step in (1, 2)]
    torn = '{"type":"metric","step":3,"epo'
    (tmp_path / EVENTS).write_text("\n".join([*map(to_line, earlier), torn, ""]), encoding="utf-8")
    assert trained(tmp_path, monkeypatch, 2) == [210, 220]


def test_that_a_run_of_an_older_version_goes_on_without_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = '{"type":"metric","step":1,"epoch":0.1,"values":{"loss":1.0}}\n'
    (tmp_path / EVENTS).write_text(old, encoding="utf-8")
    assert trained(tmp_path, monkeypatch, 2) == [None, None]
