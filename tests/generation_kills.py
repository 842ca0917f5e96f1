"""Kills a run of questions again and again and looks what is left: ``kill_and_go_on``. As a script it is the victim."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import asked_project
from fake_chat import FakeChat

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.store import open_project

SECONDS = 60.0  # for a victim to ask anything


def kill_and_go_on(folder: Path, server: FakeChat, kills: int, seed: int = 0) -> int:
    """SIGKILL so many runs at random moments, then let one end; gives how many were killed at work.

    Raises AssertionError where a stored pair is lost or made twice, or a passage is left out.
    """
    rng = random.Random(seed)
    stored: set[str] = set()
    killed = 0
    for _ in range(kills):
        killed += _kill_one(folder, server, rng)
        now = _uids(folder)
        assert stored <= now, f"{len(stored - now)} pairs lost"
        stored = now
    assert _victim(folder, server).wait(300) == 0
    with open_project(folder) as project:
        assert asked_project.asked_once(project), "a passage is left out"
    assert stored <= _uids(folder)
    return killed


def _kill_one(folder: Path, server: FakeChat, rng: random.Random) -> bool:
    victim = _victim(folder, server)
    wanted = server.answered + rng.randint(1, 3)
    end = time.monotonic() + SECONDS
    while server.answered < wanted and victim.poll() is None and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.03))
    victim.send_signal(signal.SIGKILL)
    return victim.wait(30) == -signal.SIGKILL


def _victim(folder: Path, server: FakeChat) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, str(folder), server.address], stderr=subprocess.DEVNULL)


def _uids(folder: Path) -> set[str]:
    with open_project(folder) as project:
        return project.pairs.uids()


if __name__ == "__main__":
    with open_project(Path(sys.argv[1]), write=True) as opened:
        asking = GenerateConfig(backend="ollama", base_url=sys.argv[2], model="small-model", per_passage=4)
        asked_project.run(opened, asking)
