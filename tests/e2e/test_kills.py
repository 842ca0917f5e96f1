"""kill -9 at any moment of the whole job: the project goes on, no pair is lost or doubled."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import pytest
from commandline import CommandLine

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import open_project

pytestmark = pytest.mark.slow
LONGEST_WAIT = 45.0


def pairs_of(folder: Path) -> list[tuple[str, str, str]]:
    with open_project(folder) as project:
        keys = {passage.id: passage.key for passage in project.passages.in_use()}
        return sorted((keys[pair.passage_id], pair.question, pair.answer) for pair in project.pairs.all())


def accepted_of(folder: Path) -> set[str]:
    if not (folder / "project.db").exists():
        return set()
    with open_project(folder) as project:
        return {pair.uid for pair in project.pairs.all(state=PairState.ACCEPTED)}


def test_that_a_job_that_is_killed_again_and_again_ends_as_if_it_never_was(
    tmp_path: Path, embtrainer: CommandLine, three_papers: list[Path], kills: int
) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    started = time.monotonic()
    embtrainer.ok("run", calm, *three_papers)
    whole = min(time.monotonic() - started, LONGEST_WAIT)
    rng = random.Random(7)
    accepted: set[str] = set()
    for number in range(kills):
        wait = whole * (number + rng.random()) / kills  # spread over the stages
        child = subprocess.Popen(
            embtrainer.command("run", killed, *three_papers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            child.wait(wait)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        now = accepted_of(killed)
        assert accepted <= now, "an accepted pair was lost"
        accepted = now
    result = embtrainer.ok("run", killed, *three_papers)
    assert result["queries"] > 0
    assert pairs_of(killed) == pairs_of(calm)
    assert len(set(pairs_of(killed))) == len(pairs_of(killed))
    with open_project(killed) as project:
        assert project.database.one("PRAGMA integrity_check") == "ok"
        assert all(run.state in {"done", "running", "stopped"} for run in project.runs.all())
        assert project.runs.latest() is not None
