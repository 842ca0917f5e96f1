"""What a run did to the model's search outside its field: the forgetting check, as figures and as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embtrainer_gui.core.translate import mark

TOLERATED = 0.01  # nDCG@10 below the untrained model's that is not yet called a loss


@dataclass(frozen=True, slots=True)
class GeneralReport:
    """nDCG@10 on ``queries`` questions over ``passages`` of no particular field, which no choice was made by: ``base``
    of the untrained model, ``tuned`` of the saved one. ``low`` and ``high`` are the 95 % interval of ``delta``, by a
    paired bootstrap over the articles that the passages are from."""

    queries: int
    passages: int
    base: float
    tuned: float
    delta: float
    low: float
    high: float

    @property
    def lost(self) -> bool:
        return self.delta < -TOLERATED

    def sentence(self) -> str:
        figures = mark(
            "nDCG@10 {base:.3f} before, {tuned:.3f} now ({delta:+.3f}, 95 % interval {low:+.3f} to {high:+.3f})"
        ).format(base=self.base, tuned=self.tuned, delta=self.delta, low=self.low, high=self.high)
        if self.lost:
            text = mark("It forgot: on {queries} general health questions it lost more than 0.01, {figures}.")
        else:
            text = mark("Forgetting check on {queries} general health questions: {figures}, no loss beyond 0.01.")
        return text.format(queries=self.queries, figures=figures)


def report_of(summary: Mapping[str, Any]) -> GeneralReport | None:
    """The report in the summary of a run or of a comparison, if it has one."""
    found = summary.get("general")
    return GeneralReport(**found) if found else None
