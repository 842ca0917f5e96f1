"""A real training run that goes on without the window, and is found again with its whole history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.job_child import reap
from embtrainer_gui.core.messages import Metric
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.lock import is_held
from embtrainer_gui.core.workflow import RUN_LOCK, Step, StepState
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.run_tail import RunTail
from embtrainer_gui.gui.session import Session

pytestmark = pytest.mark.slow

LONG = TrainConfig(epochs=100, batch_size=8, max_seq_length=32, evaluations=100, learning_rate=1e-5)
MINUTES = 240_000


@pytest.fixture
def accepted(session: Session) -> Session:
    pairs = session.project.pairs
    pairs.decide([pair.id for pair in pairs.all()], PairState.ACCEPTED, "accept", utc_now())
    return session


@pytest.fixture
def managers(accepted: Session, feedback: Feedback, qtbot: QtBot) -> Iterator[tuple[JobManager, JobManager]]:
    """The manager of a window, and that of the window that is opened later."""
    both = JobManager(accepted, feedback), JobManager(accepted, feedback)
    yield both
    for manager in both:
        manager.shut_down()
    qtbot.waitUntil(lambda: reap() == 0, timeout=10_000)


def folder(session: Session) -> Path:
    return session.project.models / "run-1"


def start_and_detach(manager: JobManager, session: Session, qtbot: QtBot) -> psutil.Process:
    job = manager.start("train", LONG)
    assert job is not None
    qtbot.waitUntil(lambda: len(job.metrics) >= 2 or job.state == "ended", timeout=MINUTES)
    assert job.failure is None, (job.failure, job.log_tail())
    with qtbot.waitSignal(manager.job_ended, timeout=5000):
        manager.detach(job)
    manager.shut_down()
    assert job.detached
    assert not job.cancelled
    assert is_held(folder(session), RUN_LOCK)
    note = json.loads((folder(session) / "run.lock.json").read_text(encoding="utf-8"))
    return psutil.Process(note["pid"])


def attached(manager: JobManager, qtbot: QtBot) -> Job:
    with qtbot.waitSignal(manager.job_started, timeout=10_000):
        job = manager.reattach()
    assert job is not None
    return job


def test_that_a_detached_run_is_found_again_with_its_history_and_can_be_stopped(
    managers: tuple[JobManager, JobManager], accepted: Session, qtbot: QtBot
) -> None:
    process = start_and_detach(managers[0], accepted, qtbot)
    assert accepted.steps()[Step.TRAIN].state is StepState.RUNNING
    job = attached(managers[1], qtbot)
    assert (job.stage, job.attached, job.state) == ("train", True, "running")
    stored = (folder(accepted) / "events.jsonl").read_text(encoding="utf-8").splitlines()
    first = next(json.loads(line) for line in stored if '"metric"' in line)
    assert job.metrics[0].step == first["step"]
    known = len(job.metrics)
    qtbot.waitUntil(lambda: len(job.metrics) > known, timeout=MINUTES)
    assert managers[1].start("generate", {}) is None
    with qtbot.waitSignal(managers[1].job_ended, timeout=15_000):
        managers[1].cancel(job)
    assert (job.cancelled, job.failure) == (True, None)
    assert managers[1].can_close()
    qtbot.waitUntil(lambda: reap() == 0, timeout=10_000)
    assert not psutil.pid_exists(process.pid)
    assert accepted.project.runs.all()[-1].state == "stopped"


def test_that_a_run_killed_hard_does_not_run_for_ever(
    managers: tuple[JobManager, JobManager], accepted: Session, qtbot: QtBot
) -> None:
    process = start_and_detach(managers[0], accepted, qtbot)
    job = attached(managers[1], qtbot)
    process.kill()
    with qtbot.waitSignal(managers[1].job_ended, timeout=15_000):
        pass
    assert job.failure is not None
    assert (job.failure.kind, "Resume" in job.failure.hint) == ("environment", True)
    assert accepted.steps()[Step.TRAIN].state is StepState.READY
    assert managers[1].reattach() is None


def test_that_cancelling_a_training_keeps_a_checkpoint(
    managers: tuple[JobManager, JobManager], accepted: Session, qtbot: QtBot
) -> None:
    job = managers[0].start("train", LONG)
    assert job is not None
    qtbot.waitUntil(lambda: len(job.metrics) >= 2 or job.state == "ended", timeout=MINUTES)
    with qtbot.waitSignal(managers[0].job_ended, timeout=15_000):
        managers[0].cancel(job)
    assert job.cancelled
    assert list((folder(accepted) / "checkpoints").glob("checkpoint-*/COMPLETE"))


def test_that_a_long_history_is_read_in_turns(tmp_path: Path, qtbot: QtBot) -> None:
    count = 5000
    lines = [Metric(step=n, epoch=n / 100, values={"loss": 1.0}).model_dump_json() for n in range(count)]
    half = lines[count // 2 :]
    text = "\n".join(
        [*lines[: count // 2], '{"type":"cancelled"}', "rubbish", *half, '{"type":"finished","summary":{}}']
    )
    (tmp_path / "events.jsonl").write_text(text + "\n", encoding="utf-8")
    tail = RunTail(tmp_path)
    history: list[Metric] = []
    later: list[object] = []
    tail.history_read.connect(history.extend)
    tail.event_received.connect(later.append)
    with qtbot.waitSignal(tail.ended, timeout=10_000):
        tail.start()
    assert [event.step for event in history] == list(range(count))
    assert [event.type for event in later] == ["finished"]  # type: ignore[attr-defined]
