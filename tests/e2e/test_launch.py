"""A run in several processes: started by torchrun, told as one, stopped as one, and gone on with alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from commandline import CommandLine, assert_plain
from tiny_model import make_tiny_model

from embtrainer_gui.core.child_process import worker_command
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.job_child import JobChild
from embtrainer_gui.core.launch import launch_command
from embtrainer_gui.core.messages import Event, JobSpec, Metric, Started, Stopped
from embtrainer_gui.core.store import create_project, open_project
from embtrainer_gui.stages import pair_files
from embtrainer_gui.stages.context import Context

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
LAUNCH = "torchrun --nproc-per-node 2"
SETTINGS = {"epochs": 25, "batch_size": 4, "learning_rate": 1e-4, "evaluations": 10, "max_seq_length": 48}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def project(tmp_path: Path, pair_file: Path) -> Path:
    with create_project(tmp_path / "project") as made:
        ctx = Context(made, lambda event: None, threading.Event())
        pair_files.import_pairs(ctx, pair_file)
        pair_files.accept(ctx, clean_only=False)
    return tmp_path / "project"


def ranks_below(pid: int) -> list[psutil.Process]:
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        try:
            if child.cmdline()[3:5] == ["worker", "rank"]:
                found.append(child)
        except psutil.Error:
            continue
    return found


def assert_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=15)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def trained_steps(project: Path) -> list[int]:
    lines = (project / "models" / "run-1" / "training_metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [row["step"] for row in map(json.loads, lines) if "loss" in row]


@pytest.mark.slow
def test_that_a_killed_process_ends_all_with_a_sentence_and_the_run_goes_on_alone(
    project: Path, tiny: Path, embtrainer: CommandLine
) -> None:
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in SETTINGS.items()]
    command = embtrainer.command("train", project, "--launch", LAUNCH, "--base-model", tiny, *flags, "--json")
    told: list[dict[str, Any]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        processes: list[psutil.Process] = []
        for line in process.stderr:
            told.append(json.loads(line))
            if told[-1]["type"] == "metric" and told[-1]["step"] > 30 and not processes:
                processes = ranks_below(process.pid)
                second = next(rank for rank in processes if rank.environ()["LOCAL_RANK"] == "1")
                os.kill(second.pid, signal.SIGKILL)
        result = json.loads(process.stdout.read())
    assert process.returncode == 3
    assert "training processes" in result["error"]
    assert "Resume" in result["hint"]
    assert len(processes) == 2
    assert_gone(processes)
    metrics = [event["step"] for event in told if event["type"] == "metric" and "loss" in event["values"]]
    assert metrics == sorted(set(metrics))
    assert [event["type"] for event in told].count("started") == 1
    summary = embtrainer.ok("train", project, "--resume", "--base-model", tiny, *flags)
    assert trained_steps(project) == list(range(1, summary["steps"] + 1))
    with open_project(project) as opened:
        assert [run.state for run in opened.runs.all()] == ["done"]


def followed(project: Path, tiny: Path, act: Callable[[JobChild, Event], None]) -> tuple[JobChild, list[Event]]:
    config = {**SETTINGS, "base_model": str(tiny)}
    spec = JobSpec(stage="train", project=str(project), config=config, options={"launch": LAUNCH}, threads=2)
    child, events = JobChild(worker_command("job"), spec), []
    for event in child.events():
        events.append(event)
        act(child, event)
    assert child.rubbish_lines == 0
    assert isinstance(events[-1], Stopped)
    assert sum(isinstance(event, Started) for event in events) == 1
    return child, events


@pytest.mark.slow
def test_that_the_windows_job_stops_all_processes_after_a_checkpoint(project: Path, tiny: Path) -> None:
    processes: list[psutil.Process] = []

    def stop(child: JobChild, event: Event) -> None:
        if isinstance(event, Metric) and event.step > 3 and not processes:
            processes.extend(ranks_below(child.pid))
            child.cancel()

    _, events = followed(project, tiny, stop)
    assert isinstance(events[-1], Stopped)
    assert (project / "models" / "run-1" / "checkpoints" / events[-1].checkpoint / "COMPLETE").is_file()
    assert trained_steps(project) == [e.step for e in events if isinstance(e, Metric) and "loss" in e.values]
    assert len(processes) == 2
    assert_gone(processes)
    with open_project(project) as opened:
        assert [run.state for run in opened.runs.all()] == ["stopped"]


@pytest.mark.slow
def test_that_two_processes_train_a_packed_run_that_comes_back(
    project: Path, tiny: Path, tmp_path: Path, embtrainer: CommandLine
) -> None:
    flags = ["--epochs=4", "--batch-size=4", "--max-seq-length=48", "--base-model", tiny]
    embtrainer.ok("export", project, "--as", "bundle", tmp_path / "packed", *flags)
    shutil.copytree(tmp_path / "packed", tmp_path / "away")
    summary = embtrainer.ok("train", tmp_path / "away", "--launch", LAUNCH)
    assert summary["run"] == "run"
    metrics = (tmp_path / "away" / "run" / "training_metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [row["step"] for row in map(json.loads, metrics) if "loss" in row] == list(range(1, summary["steps"] + 1))
    alone = embtrainer.ok("train", tmp_path / "packed")
    assert (alone["steps"], alone["pairs"]) == (summary["steps"], summary["pairs"])
    assert embtrainer.ok("import-run", project, tmp_path / "away")["run"] == "run-1"


def test_that_kill_leaves_no_process(project: Path, tiny: Path) -> None:
    processes: list[psutil.Process] = []

    def kill(child: JobChild, event: Event) -> None:
        ends = time.monotonic() + 30
        while not isinstance(event, Started) and len(processes) < 2 and time.monotonic() < ends:
            processes[:] = ranks_below(child.pid)
            time.sleep(0.05)
        if processes:
            child.kill()

    followed(project, tiny, kill)
    assert len(processes) == 2
    assert_gone(processes)


def test_that_options_that_torchrun_does_not_take_are_said_with_the_cure(
    project: Path, embtrainer: CommandLine
) -> None:
    ran = embtrainer("train", project, "--launch", "torchrun --no-such-option")
    assert_plain(ran, 2, "did not start", "--no-such-option", "torchrun --help")
    assert not list((project / "models").glob("run-*"))


@pytest.mark.parametrize(
    ("launch", "words"),
    [("mpirun -n 2", "must begin with torchrun"), ("torchrun --nproc 'two", "is no command"), (" ", "must begin")],
)
def test_that_a_wrong_launch_command_is_refused_with_an_example(launch: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as refused:
        launch_command(launch, JobSpec(stage="train", project="p"))
    assert "torchrun --nproc-per-node 2" in refused.value.hint


def test_that_runs_on_one_machine_meet_at_ports_of_their_own_and_machines_where_they_are_told() -> None:
    spec = JobSpec(stage="train", project="p")
    alone = launch_command("torchrun --nproc_per_node=2", spec)
    assert alone[:3] == [sys.executable, "-m", "torch.distributed.run"]
    assert alone[3:5] == ["--standalone", "--nproc_per_node=2"]
    several = launch_command("torchrun --nnodes 2 --rdzv-endpoint first:29500", spec)
    assert "--standalone" not in several
    assert several[-1] == alone[-1]
