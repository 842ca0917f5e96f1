"""kill -9 at any moment of the whole job: the project goes on, no pair is lost or doubled."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from commandline import CommandLine

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import open_project

pytestmark = pytest.mark.slow
LONGEST_WAIT = 45.0


@pytest.fixture(scope="module")
def calm(
    tmp_path_factory: pytest.TempPathFactory, embtrainer: CommandLine, three_papers: list[Path]
) -> tuple[Path, dict[str, Any], float]:
    """A project that nobody disturbed, what ``run`` said of it, and the seconds that took."""
    folder = tmp_path_factory.mktemp("calm") / "project"
    started = time.monotonic()
    result = embtrainer.ok("run", folder, *three_papers, "--seed", "3")
    return folder, result, time.monotonic() - started


def pairs_of(folder: Path) -> list[tuple[str, str, str]]:
    with open_project(folder) as project:
        keys = {passage.id: passage.key for passage in project.passages.in_use()}
        return sorted((keys[pair.passage_id], pair.question, pair.answer) for pair in project.pairs.all())


def accepted_of(folder: Path) -> set[str]:
    if not (folder / "project.db").exists():
        return set()
    with open_project(folder) as project:
        return {pair.uid for pair in project.pairs.all(state=PairState.ACCEPTED)}


def test_that_run_takes_a_users_own_files(calm: tuple[Path, dict[str, Any], float]) -> None:
    _, result, _ = calm
    assert set(result) >= {"verdict", "delta", "ci95", "seconds", "project"}
    assert result["verdict"] in {"BETTER", "NO CLEAR DIFFERENCE", "WORSE"}


def test_that_a_job_that_is_killed_again_and_again_ends_as_if_it_never_was(
    tmp_path: Path,
    embtrainer: CommandLine,
    three_papers: list[Path],
    calm: tuple[Path, dict[str, Any], float],
    kills: int,
) -> None:
    killed, arguments = tmp_path / "killed", (*three_papers, "--seed", "3")
    whole = min(calm[2], LONGEST_WAIT)
    rng = random.Random(7)
    accepted: set[str] = set()
    for number in range(kills):
        wait = whole * (number + rng.random()) / kills  # spread over the stages
        child = subprocess.Popen(
            embtrainer.command("run", killed, *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            child.wait(wait)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        now = accepted_of(killed)
        assert accepted <= now, "an accepted pair was lost"
        accepted = now
    result = embtrainer.ok("run", killed, *arguments)
    assert result["queries"] > 0
    assert pairs_of(killed) == pairs_of(calm[0])
    assert len(set(pairs_of(killed))) == len(pairs_of(killed))
    with open_project(killed) as project:
        assert project.database.one("PRAGMA integrity_check") == "ok"
        assert all(run.state in {"done", "running", "stopped"} for run in project.runs.all())
        assert project.runs.latest() is not None
