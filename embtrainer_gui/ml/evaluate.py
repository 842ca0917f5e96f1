"""Retrieval quality: nDCG@10, MRR@10 and recall per question, the bootstrap over documents, and rank fusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

RECALL_DEPTHS = (1, 5, 10)
DEPTH = 10
Verdict = Literal["BETTER", "NO CLEAR DIFFERENCE", "WORSE"]


@dataclass(frozen=True, slots=True)
class PerQuery:
    """Metrics of each question, arrays of shape (n_queries,); ``recall`` by depth."""

    ndcg10: NDArray[np.float64]
    mrr10: NDArray[np.float64]
    recall: dict[int, NDArray[np.float64]]

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """By name: ``ndcg@10``, ``mrr@10``, ``recall@1``..."""
        return {"ndcg@10": self.ndcg10, "mrr@10": self.mrr10, **{f"recall@{k}": v for k, v in self.recall.items()}}

    def means(self) -> dict[str, float]:
        """Means over the questions; NaN where there is no question."""
        return {name: float(values.mean()) if len(values) else float("nan") for name, values in self.columns().items()}


def evaluate_ranking(ranked: ArrayLike, relevant: Sequence[Mapping[int, int]]) -> PerQuery:
    """Score ``ranked`` rows (n_queries, k), best first, ``-1`` where a ranking is shorter.

    ``relevant`` maps the rows of each question to their grade (> 0). nDCG has linear gains and the ideal ranking of
    all graded rows (Järvelin and Kekäläinen 2002). A question without a relevant row raises ValueError.
    """
    rows = np.atleast_2d(np.asarray(ranked, dtype=np.int64))[:, :DEPTH]
    if len(relevant) and len(rows) != len(relevant):
        raise ValueError(f"{len(rows)} rankings for {len(relevant)} questions")
    count = len(relevant)
    discount = 1 / np.log2(np.arange(2, DEPTH + 2))
    ndcg, mrr = np.zeros(count), np.zeros(count)
    recall = {k: np.zeros(count) for k in RECALL_DEPTHS}
    for i, grades in enumerate(relevant):
        positive = np.sort([grade for grade in grades.values() if grade > 0])[::-1].astype(float)
        if not len(positive):
            raise ValueError(f"question {i} has no relevant passage")
        hits = np.array([max(grades.get(int(row), 0), 0) for row in rows[i]], dtype=float)
        ideal = positive[:DEPTH]
        ndcg[i] = (hits * discount[: len(hits)]).sum() / (ideal * discount[: len(ideal)]).sum()
        first = np.flatnonzero(hits)
        mrr[i] = 1 / (first[0] + 1) if len(first) else 0.0
        for k in RECALL_DEPTHS:
            recall[k][i] = (hits[:k] > 0).sum() / len(positive)
    return PerQuery(ndcg, mrr, recall)


def bootstrap(delta: ArrayLike, groups: Sequence[int], resamples: int = 10_000, seed: int = 42) -> tuple[float, float]:
    """95 % interval of the mean of ``delta`` (n,), by resampling whole documents.

    ``groups`` (n,) holds the document of each question.

    Questions on one paper are not independent, so the paper is the unit; where there is only one, the question is
    (Efron and Tibshirani 1993, percentile interval).
    """
    means = resampled_means(np.asarray(delta, dtype=float)[:, None], groups, resamples, seed)
    low, high = np.percentile(means[:, 0], [2.5, 97.5])
    return float(low), float(high)


def resampled_means(
    values: NDArray[np.float64], groups: Sequence[int], resamples: int = 10_000, seed: int = 42
) -> NDArray[np.float64]:
    """Means (resamples, c) of the columns of ``values`` (n, c), all over the same draws of documents as in
    ``bootstrap``: the difference of two columns is that of a paired bootstrap."""
    if not len(values):
        raise ValueError("no question to resample")
    _, unit = np.unique(np.asarray(groups), return_inverse=True)
    if unit.max() == 0:
        unit = np.arange(len(values))
    units = int(unit.max()) + 1
    sums = np.zeros((units, values.shape[1]))
    np.add.at(sums, unit, values)
    sizes = np.bincount(unit, minlength=units).astype(float)
    rng = np.random.default_rng(seed)
    means = np.empty((resamples, values.shape[1]))
    block = max(1, 2_000_000 // units)
    for start in range(0, resamples, block):
        drawn = rng.integers(0, units, (min(block, resamples - start), units))
        offset = np.arange(len(drawn))[:, None] * units
        times = np.bincount((drawn + offset).ravel(), minlength=len(drawn) * units).reshape(len(drawn), units)
        means[start : start + len(drawn)] = (times @ sums) / (times @ sizes)[:, None]
    return means


def verdict(delta: float, low: float, high: float) -> Verdict:
    """What the interval ``low`` to ``high`` of ``delta`` allows to say; it must lie on one side of zero."""
    if low > 0 and delta > 0:
        return "BETTER"
    if high < 0 and delta < 0:
        return "WORSE"
    return "NO CLEAR DIFFERENCE"


def reciprocal_rank_fusion(
    dense_rows: Sequence[int], lexical_rows: Sequence[int], dense_weight: float = 0.3, constant: int = 10
) -> list[tuple[int, float]]:
    """Fuse two rankings of one question into ``(row, score)``, best first, ties to the smaller row.

    A row at rank r (from 1) adds ``weight / (constant + r)`` (Cormack, Clarke and Büttcher 2009, with a weight per
    ranking); negative rows are padding.
    """
    scores: dict[int, float] = {}
    for rows, weight in ((dense_rows, dense_weight), (lexical_rows, 1 - dense_weight)):
        for rank, row in enumerate(rows, start=1):
            if row >= 0:
                scores[int(row)] = scores.get(int(row), 0.0) + weight / (constant + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
