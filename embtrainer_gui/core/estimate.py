"""How long a run will take, as measured before it, and how far earlier estimates were off.

The newest estimate of a project lies in its folder of models. A run with the very settings and data that it was made
for takes it into its summary, beside what the run really took; later estimates are corrected by the two.
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.store.runs import Run

FILE = "estimate.json"
LAST = 5  # runs that a correction looks at
MOST = 2.0  # and how far it goes


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, and of all processors together."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)

    def __sub__(self, other: Cost) -> Cost:
        """Never below nothing: both were measured, and the clock is not still."""
        return Cost(max(0.0, self.wall - other.wall), max(0.0, self.cpu - other.cpu))

    def __mul__(self, factor: float) -> Cost:
        return Cost(self.wall * factor, self.cpu * factor)

    def corrected(self, factor: Cost) -> Cost:
        return Cost(self.wall * factor.wall, self.cpu * factor.cpu)

    def record(self) -> dict[str, float]:
        return {"wall": round(self.wall, 2), "cpu": round(self.cpu, 2)}


class Stopwatch:
    """``spent`` since it was made, by this process and its threads."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def spent(self) -> Cost:
        return Cost(time.monotonic() - self._wall, time.process_time() - self._cpu)


@dataclass(slots=True)
class Measured:
    cost: Cost = field(default_factory=Cost)


@contextmanager
def measured() -> Iterator[Measured]:
    """``cost`` of what is done inside, known afterwards."""
    found, watch = Measured(), Stopwatch()
    yield found
    found.cost = watch.spent()


@dataclass(frozen=True, slots=True)
class Part:
    """Of an estimate: ``times`` is how often it happens, ``cost`` that of all of them."""

    name: str
    times: int
    cost: Cost


class Size(Protocol):
    """Distinct questions and passages to train on."""

    @property
    def pairs(self) -> int: ...

    @property
    def passages(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Estimate:
    """``measured`` from real steps, ``told`` after the correction by earlier runs on this machine."""

    config: dict[str, Any]
    pairs: int
    passages: int
    machine: str
    measured: Cost
    told: Cost

    def is_of(self, config: TrainConfig, facts: Size, device: str) -> bool:
        """Whether it was made here, for these settings and this much data."""
        same = (self.pairs, self.passages, self.machine) == (facts.pairs, facts.passages, machine(device))
        return same and self.config == config.model_dump(mode="json")

    def record(self) -> dict[str, Any]:
        return {"measured": self.measured.record(), "told": self.told.record(), "machine": self.machine}


def machine(device: str) -> str:
    """What a speed belongs to: this computer, not by its name, which is nobody's business where a project is shared;
    and ``auto`` or only its processor."""
    name = hashlib.blake2b(platform.node().encode("utf-8", "replace"), digest_size=6)
    return f"{name.hexdigest()}/{device}"


def write_estimate(models: Path, estimate: Estimate) -> None:
    models.mkdir(parents=True, exist_ok=True)
    atomic_write_json(models / FILE, asdict(estimate))


def read_estimate(models: Path) -> Estimate | None:
    """The newest one; None where there is none, or it cannot be read."""
    try:
        found = json.loads((models / FILE).read_text(encoding="utf-8"))
        found |= {name: Cost(**found[name]) for name in ("measured", "told")}
        return Estimate(**found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def correction(runs: Sequence[Run], device: str) -> Cost:
    """By which factor the last runs on this machine took longer than was measured before them; 1 without one."""
    here = machine(device)
    told = [run.summary for run in runs if run.state == "done" and "estimate" in run.summary]
    told = [summary for summary in told if summary["estimate"].get("machine") == here and "spent" in summary][-LAST:]
    return Cost(_factor(told, "wall"), _factor(told, "cpu"))


def _factor(summaries: Sequence[Mapping[str, Any]], kind: str) -> float:
    ratios = [
        math.log(summary["spent"][kind] / summary["estimate"]["measured"][kind])
        for summary in summaries
        if summary["spent"][kind] > 0 and summary["estimate"]["measured"][kind] > 0
    ]
    return min(max(math.exp(statistics.median(ratios)), 1 / MOST), MOST) if ratios else 1.0


def error(summary: Mapping[str, Any], kind: str) -> float | None:
    """By which share a run took longer (or, below 0, shorter) than it was told; None where nobody had told."""
    try:
        return float(summary["spent"][kind] / summary["estimate"]["told"][kind] - 1)
    except (KeyError, TypeError, ZeroDivisionError):
        return None
