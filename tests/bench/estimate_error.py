"""How far the estimate of a run's time is off: short real trainings of unlike settings, each checked before; one JSON
line.

python tests/bench/estimate_error.py [--runs 10] [--pairs 500] [--project DIR]

The bundled model on the sample papers. ``errors`` are the shares by which a run took more processor seconds (below 0:
fewer) than it was told, with the corrections by the runs before it, as a user would have them; ``measured_errors`` are
those of the measurement alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from embtrainer_gui.core.estimate import error
from embtrainer_gui.core.records import PairState, Split
from embtrainer_gui.core.store import open_project, utc_now

PAPERS = Path(__file__).resolve().parents[2] / "resources" / "sample" / "papers"
LIMIT = 0.2
SETTINGS: tuple[tuple[str, ...], ...] = (
    ("--epochs", "2"),
    ("--loss", "ContrastiveLoss", "--epochs", "2"),
    ("--batch-size", "8", "--epochs", "2", "--evaluations", "2"),
    ("--max-seq-length", "64", "--epochs", "4"),
    ("--loss", "CosineSimilarityLoss", "--max-seq-length", "128", "--epochs", "3"),
    ("--batch-size", "32", "--epochs", "3"),
    ("--hard-negatives", "2", "--epochs", "2"),
    ("--remember", "0", "--lexical", "0", "--epochs", "3", "--evaluations", "3"),
    ("--loss", "OnlineContrastiveLoss", "--batch-size", "8", "--epochs", "2"),
    ("--batch-size", "64", "--max-seq-length", "128", "--epochs", "4", "--evaluations", "4"),
)


def embtrainer(*arguments: str | Path) -> dict[str, Any]:
    """A command in a process of its own, as the time of a run counts from loading the libraries on."""
    command = [sys.executable, "-m", "embtrainer_gui", *map(str, arguments), "--json"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def make_project(folder: Path, pairs: int) -> None:
    """The sample papers with their clean questions accepted, ``pairs`` of them to train on."""
    embtrainer("import", folder, PAPERS)
    embtrainer("generate", folder)
    embtrainer("pairs", folder, "accept", "--checks", "clean")
    with open_project(folder, write=True) as project:
        train = project.pairs.all(state=PairState.ACCEPTED, splits=(Split.TRAIN,))
        project.pairs.decide([pair.id for pair in train[pairs:]], PairState.PENDING, "undo", utc_now())


def measure(folder: Path, settings: tuple[str, ...]) -> dict[str, Any]:
    """One run, told before what it will take."""
    told = embtrainer("train", folder, "--check", *settings)
    run = embtrainer("train", folder, *settings)
    if "estimate" not in run:
        raise RuntimeError(f"the run did not know its estimate: {run}")
    spent, measured = run["spent"], run["estimate"]["measured"]
    return {
        "settings": " ".join(settings),
        "steps": run["steps"],
        "check_seconds": told["seconds"],
        "spent": spent,
        "cpu": round(error(run, "cpu") or 0.0, 3),
        "wall": round(error(run, "wall") or 0.0, 3),
        "measured": round(spent["cpu"] / measured["cpu"] - 1, 3),
        "parts": {part["name"]: part["cpu"] for part in told["estimate"]["parts"]},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=len(SETTINGS))
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--project", type=Path, help="use this one, or make it there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.project or Path(scratch) / "project"
        if not folder.exists():
            make_project(folder, options.pairs)
        rows = []
        for number in range(options.runs):
            rows.append(measure(folder, SETTINGS[number % len(SETTINGS)]))
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    errors = [row["cpu"] for row in rows]
    print(
        json.dumps(
            {
                "runs": len(rows),
                "within_20_percent_cpu": sum(abs(value) <= LIMIT for value in errors),
                "within_20_percent_wall": sum(abs(row["wall"]) <= LIMIT for row in rows),
                "errors": errors,
                "measured_errors": [row["measured"] for row in rows],
                "wall_errors": [row["wall"] for row in rows],
                "check_seconds": [row["check_seconds"] for row in rows],
                "cpu_seconds": [row["spent"]["cpu"] for row in rows],
                "load_average": round(os.getloadavg()[0], 2),
            }
        )
    )


if __name__ == "__main__":
    main()
