"""The files of a run that other programs read (the names and keys are those of the predecessor's scripts)."""

from __future__ import annotations

import csv
import json
import math
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from embtrainer_gui.core.files import atomic_write_json

EVALUATION_FILE = "Information-Retrieval_evaluation_dev_results.csv"


def timestamp() -> str:
    """Now, as ISO-8601 in UTC with microseconds and Z."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class RunFiles:
    """``training_progress.json`` (always with ``facts``), ``training_metrics.jsonl`` and ``eval/`` below ``folder``."""

    def __init__(self, folder: Path, facts: Mapping[str, Any]) -> None:
        self._folder = folder
        self._facts = dict(facts)
        self._metrics = folder / "training_metrics.jsonl"
        self._written = float("-inf")
        self.begun = False

    def begin(self, after_step: int | None) -> None:
        """Start the metrics file, or on a resume drop the rows after ``after_step``, which will come again."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.begun = True
        rows: list[str] = []
        if after_step is not None and self._metrics.is_file():
            lines = self._metrics.read_text(encoding="utf-8").split("\n")[:-1]
            rows = [line for line in lines if line.startswith("{") and json.loads(line)["step"] <= after_step]
        self._metrics.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")

    def metric(self, step: int, epoch: float, values: Mapping[str, float]) -> None:
        """Append one row; a value that is not finite becomes null."""
        known = {key: value if math.isfinite(value) else None for key, value in values.items()}
        row = {"timestamp": timestamp(), "epoch": round(epoch, 4), "step": step, **known}
        with self._metrics.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")

    def evaluations(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the table of all evaluations so far, each ``{"epoch", "step", "metrics"}``."""
        folder = self._folder / "eval"
        folder.mkdir(exist_ok=True)
        names = list(rows[0]["metrics"])
        with (folder / EVALUATION_FILE).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["epoch", "steps", *names])
            writer.writerows([row["epoch"], row["step"], *(row["metrics"][name] for name in names)] for row in rows)

    def running(self, **values: Any) -> None:
        """At most once a second: each write waits for the disk."""
        if time.monotonic() - self._written >= 1:
            self._progress(training_completed=False, **values)
            self._written = time.monotonic()

    def interrupted(self, **values: Any) -> None:
        self._progress(training_completed=False, interrupted=True, **values)

    def failed(self, error: str) -> None:
        self._progress(training_completed=False, error=error)

    def completed(self, **values: Any) -> None:
        self._progress(training_completed=True, completed_at=timestamp(), **values)

    def _progress(self, **values: Any) -> None:
        atomic_write_json(self._folder / "training_progress.json", {**values, **self._facts, "updated_at": timestamp()})
