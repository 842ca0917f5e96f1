"""What a training run is given and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.lineage import Lineage
from embtrainer_gui.core.negatives_report import NegativesReport


@dataclass(frozen=True, slots=True)
class DevSet:
    """Held-out questions, the passages they are searched in, and each question's relevant rows with their grade."""

    questions: Sequence[str] = ()
    passages: Sequence[str] = ()
    relevant: Sequence[Mapping[int, int]] = ()

    def limited(self, passages: int, seed: int) -> DevSet:
        """The same questions over all relevant passages and others, drawn by ``seed``, up to ``passages`` in all."""
        needed = _needed(self.relevant)
        others = np.setdiff1d(np.arange(len(self.passages)), needed)
        spare = max(0, passages - len(needed))
        if spare >= len(others):
            return self
        drawn = np.random.default_rng(seed).choice(others, spare, replace=False)
        return self._over(range(len(self.questions)), sorted({*needed, *drawn.tolist()}))

    def sampled(self, passages: int, questions: int, seed: int) -> DevSet:
        """So many questions, drawn by ``seed`` but in their order, that ``passages`` are relevant to them, and never
        fewer than ``questions``; over the passages relevant to them."""
        drawn: list[int] = []
        seen: set[int] = set()
        for row in np.random.default_rng(seed).permutation(len(self.questions)).tolist():
            if len(drawn) >= questions and len(seen | self.relevant[row].keys()) > passages:
                break
            drawn.append(row)
            seen |= self.relevant[row].keys()
        return self._over(sorted(drawn), sorted(seen))

    def _over(self, questions: Sequence[int], passages: Sequence[int]) -> DevSet:
        place = {row: i for i, row in enumerate(passages)}
        relevant = [{place[row]: grade for row, grade in self.relevant[asked].items()} for asked in questions]
        return DevSet([self.questions[row] for row in questions], [self.passages[row] for row in passages], relevant)


def _needed(relevant: Sequence[Mapping[int, int]]) -> list[int]:
    return sorted({row for grades in relevant for row in grades})


@dataclass(frozen=True, slots=True)
class CloseCall:
    """A passage that was no hard negative of the question since it scores too high: ``share`` of what the nearest of
    the right ones scores."""

    question: str
    passage: str
    share: float


def _drop(close: Sequence[CloseCall]) -> None:
    pass


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """``pairs`` holds ``(question, row of passages)``; ``passage_groups`` the near-duplicate group of each passage.

    ``documents`` the document of each passage (empty: each its own), and ``out_dir`` is the folder of
    the run. ``general`` holds questions like ``pairs`` for which the untrained model's ranking is to be kept.
    Passages without a pair may become hard negatives. ``spared`` holds questions and passages like ``pairs`` that are
    never taken for wrong together, ``cleared`` those that surely are wrong. ``resume`` continues from its newest
    complete checkpoint. ``keep_close`` is told, once, what hard negatives were passed over for their score.
    ``answers`` holds the answer of each pair ("" for none), ``titles`` the title of a paper, its abstract without the
    title and the near-duplicate group of that; both are empty where they are not trained on. ``lineage`` is that of
    the model to be made; ``original_dir`` the untrained model where the run goes on from a tuned one.
    """

    config: TrainConfig
    base_model_dir: Path
    out_dir: Path
    passages: Sequence[str]
    passage_groups: Sequence[int]
    pairs: Sequence[tuple[str, int]]
    dev: DevSet
    resume: bool = False
    documents: Sequence[int] = ()
    general: Sequence[tuple[str, int]] = ()
    answers: Sequence[str] = ()
    titles: Sequence[tuple[str, str, int]] = ()
    lineage: Lineage | None = None
    original_dir: Path | None = None
    spared: Sequence[tuple[str, int]] = ()
    cleared: Sequence[tuple[str, int]] = ()
    keep_close: Callable[[Sequence[CloseCall]], object] = _drop


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """``best_step`` 0 is the untrained model; ``merge`` the share of the tuned weights in the final ones.

    The metrics are those of ``evaluate_ranking`` on the dev set, empty where there is none. ``training_seconds``
    leaves out loading, evaluating and saving. ``hard_negatives`` is None where the run wanted none. ``halved`` counts
    how often memory ran out and the parts that a batch is worked on in became half as large.
    ``processes`` is the number of those that trained (the last part of) the run together. ``dev_original`` holds the
    metrics of the untrained model where the run went on from another; ``dimensions`` those of the saved model with
    its vectors cut, by the number of dimensions.
    """

    steps: int
    best_step: int
    merge: float
    dev_base: dict[str, float]
    dev_best: dict[str, float]
    final_model: Path
    pairs: int
    seconds: float
    training_seconds: float
    hard_negatives: NegativesReport | None = None
    halved: int = 0
    processes: int = 1
    dev_original: dict[str, float] = field(default_factory=dict)
    dimensions: dict[str, dict[str, float]] = field(default_factory=dict)


def further_record(result: TrainingResult) -> dict[str, Any]:
    """What a summary in JSON holds only of runs that have it."""
    found = negatives_record(result) | work_record(result)
    if result.dev_original:
        found["dev_original"] = result.dev_original
    if result.dimensions:
        found["dimensions"] = result.dimensions
    return found


def negatives_record(result: TrainingResult) -> dict[str, Any]:
    """``hard_negatives`` for a summary in JSON; nothing where the run wanted none."""
    return {"hard_negatives": asdict(result.hard_negatives)} if result.hard_negatives else {}


def work_record(result: TrainingResult) -> dict[str, Any]:
    """``micro_batch_halved`` and ``processes`` for a summary in JSON; nothing where memory was enough for one."""
    halved = {"micro_batch_halved": result.halved} if result.halved else {}
    return halved | ({"processes": result.processes} if result.processes > 1 else {})
