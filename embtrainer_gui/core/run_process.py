"""The process that trains a run, seen from outside: how much memory it takes and since when it works."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from pathlib import Path

NOTE = "run.lock.json"  # the lock's note on who holds it
PROGRESS = "training_progress.json"


@dataclass(frozen=True, slots=True)
class RunProcess:
    """``memory`` in bytes and ``started`` (seconds since the epoch) are 0 where its process is not known; ``pairs``
    is the number of training pairs, 0 before the first step."""

    memory: int = 0
    started: float = 0.0
    pairs: int = 0


def run_process(folder: Path) -> RunProcess:
    """Asks the disk and the system, so not on the GUI thread."""
    note, progress = _json(folder / NOTE), _json(folder / PROGRESS)
    pairs = progress.get("train_examples")
    memory, started = _of_process(note.get("pid")) if note.get("host") == platform.node() else (0, 0.0)
    return RunProcess(memory, started, pairs if isinstance(pairs, int) else 0)


def _of_process(pid: object) -> tuple[int, float]:
    import psutil

    if not isinstance(pid, int):
        return 0, 0.0
    try:
        process = psutil.Process(pid)
        return int(process.memory_info().rss), float(process.create_time())
    except psutil.Error:
        return 0, 0.0


def _json(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
