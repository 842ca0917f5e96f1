"""The share of a run that goes into callbacks, events and metrics; one JSON line.

python tests/bench/event_overhead.py PROJECT [--epochs 1]

Trains a copy of the project as the command does, with the bundled model, and adds up the time inside what is called
beside the work itself: the reporter with its event file and watch, and the files of the run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.store import open_project
from embtrainer_gui.ml.run_files import RunFiles
from embtrainer_gui.stages import train_model
from embtrainer_gui.stages.context import Context

REPORTER = ("status", "progress", "metric", "warn", "raise_if_cancelled")
FILES = ("metric", "running", "evaluations", "begin", "completed")


class Clock:
    """Adds up the time of outermost calls."""

    def __init__(self) -> None:
        self.seconds, self.calls, self._depth = 0.0, 0, 0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **more: Any) -> Any:
            self._depth += 1
            began = time.perf_counter()
            try:
                return function(*arguments, **more)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.seconds += time.perf_counter() - began
                    self.calls += 1

        return timed


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--epochs", type=int, default=1)
    options = parser.parse_args()
    clock = Clock()
    for kind, names in ((train_model.RunContext, REPORTER), (RunFiles, FILES)):
        for name in names:
            setattr(kind, name, clock.around(getattr(kind, name)))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        shutil.copytree(options.project, folder)
        with open_project(folder, write=True) as project, open(os.devnull, "w", encoding="utf-8") as nowhere:
            ctx = Context(project, lambda event: print(event, file=nowhere), threading.Event())
            summary = train_model.run(ctx, TrainConfig(epochs=options.epochs))
    print(
        json.dumps(
            {
                "steps": summary["steps"],
                "run_seconds": summary["seconds"],
                "callback_seconds": round(clock.seconds, 3),
                "calls": clock.calls,
                "share": round(clock.seconds / summary["seconds"], 4),
            }
        )
    )


if __name__ == "__main__":
    main()
