"""How far a training run has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from embtrainer_gui.ml.dev_search import CHOICE_METRIC


@dataclass(slots=True)
class RunState:
    """What a checkpoint holds besides tensors: ``averaged`` counts the steps in the mean of the weights,
    ``halved`` how often memory ran out (``ml.room``), ``evaluations`` are ``{"epoch", "step", "metrics", "candidate"}``
    with None for NaN."""

    step: int = 0
    training_seconds: float = 0.0
    seconds: float = 0.0
    averaged: int = 0
    halved: int = 0
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    original: dict[str, float] = field(default_factory=dict)  # metrics of the untrained model, if it is another

    def scored(self) -> dict[int, float]:
        """The choice metric of the candidates by step, where it is a number."""
        scores = {row["step"]: row["metrics"][CHOICE_METRIC] for row in self.evaluations if row["candidate"]}
        return {step: score for step, score in scores.items() if score is not None}

    def best(self) -> int | None:
        """The step with the highest score, the earliest of equals; None before any."""
        scores = self.scored()
        return max(scores, key=lambda step: (scores[step], -step)) if scores else None
