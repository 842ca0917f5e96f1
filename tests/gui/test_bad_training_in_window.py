"""What can go wrong with a training run, in the real window: a sentence, its cure, nothing lost."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from gui.driven import MINUTES, Driven, Open
from gui.train_help import accept, fill
from PySide6.QtWidgets import QLabel, QPushButton

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.messages import Event, Metric
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Tone
from embtrainer_gui.gui.job import Job


def test_that_start_names_what_is_missing(open_window: Open, folder: Path) -> None:
    driven = open_window(folder)
    driven.go(Step.TRAIN)
    driven.start_text("Accept 20 more questions")
    driven.click("train.start")
    assert driven.jobs.current is None
    assert driven.window.wizard.current == Step.REVIEW  # where it is done
    accept(driven.session, 19)
    driven.session.table_changed.emit("pairs")
    driven.go(Step.TRAIN)
    driven.start_text("Accept one more question")


def test_that_a_project_without_test_papers_says_how_to_get_some(open_window: Open, folder: Path) -> None:
    driven = open_window(folder)
    project = driven.session.project
    accept(driven.session, 10**6)
    project.documents.remove([source.id for source in project.documents.sources()][1:], utc_now())
    driven.session.table_changed.emit("documents")
    driven.go(Step.TRAIN)
    driven.start_text("Add 2 more papers")
    assert "unseen" in driven.find("train.why", QLabel).text() or "test" in driven.find("train.why", QLabel).text()
    driven.click("train.start")
    assert driven.window.wizard.current == Step.PAPERS


def settings(model: Path, **more: object) -> TrainConfig:
    """A run of a hundred quick steps, saved in the middle and at the end."""
    values = {"base_model": str(model), "epochs": 100, "soup": 1, "batch_size": 8, "max_seq_length": 32}
    values |= {"evaluations": 2}
    return TrainConfig.model_validate(values | more)


def start(driven: Driven, config: TrainConfig, *, at_step: int, do: Callable[[Job], None]) -> Job:
    """Train until a step, then do something to it; returns when the job is over."""
    done: list[bool] = []

    def on_event(job: Job, event: Event) -> None:
        if isinstance(event, Metric) and event.step >= at_step and not done:
            done.append(True)
            do(job)

    driven.jobs.job_event.connect(on_event)
    with driven.qtbot.waitSignal(driven.jobs.job_ended, timeout=MINUTES):
        job = driven.jobs.start("train", config)
    driven.jobs.job_event.disconnect(on_event)
    assert job is not None
    assert done, (job.failure, job.log_tail())
    return job


def kill_child(job: Job) -> None:
    for child in psutil.Process().children():
        child.kill()


def click_and_wait(driven: Driven, name: str) -> Job:
    ended: list[Job] = []
    driven.jobs.job_ended.connect(ended.append)
    with driven.qtbot.waitSignal(driven.jobs.job_ended, timeout=MINUTES):
        driven.click(name)
    return ended[0]


@pytest.mark.slow
def test_that_a_training_child_that_is_killed_is_said_and_can_be_resumed(
    open_window: Open, folder: Path, tiny_model: Path
) -> None:
    driven = open_window(folder)
    fill(driven.session)
    driven.go(Step.TRAIN)
    accepted = driven.session.project.pairs.counts()["accepted"]
    job = start(driven, settings(tiny_model), at_step=52, do=kill_child)
    assert "probably out of memory" in driven.banner.text
    assert driven.banner.action is not None
    assert driven.banner.action.text == "Retry"
    assert Path(job.report).is_file()
    assert driven.session.project.pairs.counts()["accepted"] == accepted
    assert driven.find("train.resume", QPushButton).isEnabled()
    again = click_and_wait(driven, "train.resume")
    assert again.ended_well, again.failure
    assert again.metrics[0].step > 50
    assert [run.state for run in driven.session.project.runs.all()] == ["done"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("no permission to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_that_a_full_disk_at_a_checkpoint_offers_retry_which_goes_on(
    open_window: Open, folder: Path, tiny_model: Path, small_disk: Path
) -> None:
    shutil.copytree(folder, small_disk / "project")
    driven = open_window(small_disk / "project")
    fill(driven.session)
    driven.go(Step.TRAIN)
    filler = small_disk / "filler"

    def fill_disk(job: Job) -> None:
        filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - 3_000_000))

    start(driven, settings(tiny_model), at_step=52, do=fill_disk)
    assert "MB are free" in driven.banner.text
    assert "Free some space" in driven.banner.hint
    assert driven.banner.tone == Tone.BAD
    assert "could not be saved" in driven.remarks()
    filler.unlink()
    again = click_and_wait(driven, "banner.action")
    assert again.ended_well, again.failure
    assert again.metrics[0].step > 50
    assert driven.session.project.runs.latest() is not None
    assert driven.session.project.database.one("PRAGMA integrity_check") == "ok"


@pytest.mark.slow
def test_that_a_resume_on_other_data_is_refused_and_a_damaged_checkpoint_is_named(
    open_window: Open, folder: Path, tiny_model: Path
) -> None:
    driven = open_window(folder)
    fill(driven.session)
    driven.go(Step.TRAIN)
    job = start(driven, settings(tiny_model), at_step=52, do=driven.jobs.cancel)
    assert job.cancelled
    pairs = driven.session.project.pairs
    pair = pairs.all(state=PairState.ACCEPTED)[0]
    pairs.decide([pair.id], PairState.REJECTED, "reject", utc_now())
    driven.session.table_changed.emit("pairs")
    refused = click_and_wait(driven, "train.resume")
    assert refused.failure is not None
    assert "changed" in driven.banner.text
    assert driven.banner.hint
    pairs.decide([pair.id], PairState.ACCEPTED, "accept", utc_now())
    newest = max((folder / "models" / "run-1" / "checkpoints").iterdir(), key=lambda path: int(path.name.split("-")[1]))
    (newest / "model.safetensors").write_bytes(b"damaged")
    seen: list[str] = []
    driven.jobs.job_event.connect(lambda *_: seen.append(driven.remarks()))
    again = click_and_wait(driven, "train.resume")
    assert again.ended_well, again.failure
    assert any(newest.name in text and "skipped" in text for text in seen)
