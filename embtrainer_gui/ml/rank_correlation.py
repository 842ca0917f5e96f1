"""Spearman's rank correlation with its bootstrap, exact with ties and without drawing the data again and again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BLOCK = 4_000_000  # numbers in memory at a time, a few arrays of them


def midranks(values: FloatArray) -> FloatArray:
    """Ranks (n,) from 1, equal values sharing the mean of theirs."""
    ranks: FloatArray = _ranks(values, np.ones((1, len(values))))[0]
    return ranks


def spearman(first: FloatArray, second: FloatArray) -> float:
    """Correlation of the ranks of two columns (n,); NaN where one of them is constant."""
    return float(_correlations(first, second, np.ones((1, len(first))))[0])


def resampled_spearman(
    columns: list[FloatArray], gold: FloatArray, resamples: int = 10_000, seed: int = 42
) -> FloatArray:
    """Spearman (resamples, c) of each of ``columns`` with ``gold`` (n,), over the same draws of pairs (a paired
    bootstrap). A draw is a count for each pair, and a rank in it follows from sums of counts: nothing is sorted
    again."""
    rng, count = np.random.default_rng(seed), len(gold)
    found = np.empty((resamples, len(columns)))
    block = max(1, BLOCK // count)
    for start in range(0, resamples, block):
        here = min(block, resamples - start)
        drawn = rng.integers(0, count, (here, count)) + np.arange(here)[:, None] * count
        times = np.bincount(drawn.ravel(), minlength=here * count).reshape(here, count).astype(float)
        for place, values in enumerate(columns):
            found[start : start + here, place] = _correlations(values, gold, times)
    return found


def _correlations(first: FloatArray, second: FloatArray, times: FloatArray) -> FloatArray:
    """One for each row of ``times`` (b, n), which says how often each pair was drawn."""
    total = times.sum(axis=1, keepdims=True)
    one, two = (ranks - (total + 1) / 2 for ranks in (_ranks(first, times), _ranks(second, times)))
    with np.errstate(invalid="ignore", divide="ignore"):
        cross, norms = (times * one * two).sum(axis=1), (times * one**2).sum(axis=1) * (times * two**2).sum(axis=1)
        found: FloatArray = cross / np.sqrt(norms)
    return found


def _ranks(values: FloatArray, times: FloatArray) -> FloatArray:
    """Midranks (b, n) of ``values`` (n,) where value i stands ``times[:, i]`` times."""
    _, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.add.reduceat(times[:, order], starts, axis=1)
    ranks: FloatArray = (np.cumsum(sizes, axis=1) - sizes + (sizes + 1) / 2)[:, group]
    return ranks
