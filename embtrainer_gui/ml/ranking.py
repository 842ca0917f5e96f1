"""Exact top-k by score; ties go to the smaller row, as a stable sort gives them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32] | NDArray[np.float64]
RowArray = NDArray[np.int64]


def top_rows(scores: FloatArray, k: int) -> RowArray:
    """Rows of the ``k`` highest ``scores`` (n,), best first: ``argsort(-scores, kind="stable")[:k]`` in linear time.

    NaN counts as the lowest: a ranking by a model that went wrong is as long as any.
    """
    k = min(k, len(scores))
    if k == 0:
        return np.empty(0, np.int64)
    if np.isnan(scores).any():
        scores = np.where(np.isnan(scores), -np.inf, scores)
    if k < len(scores):
        threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
        candidates = np.flatnonzero(scores >= threshold)
    else:
        candidates = np.arange(len(scores))
    order = np.argsort(-scores[candidates], kind="stable")[:k]
    return candidates[order].astype(np.int64)


def rank_passages(queries: NDArray[np.float32], passages: NDArray[np.float32], k: int) -> RowArray:
    """Rows (q, min(k, n)) of the nearest of ``passages`` (n, d) for each of ``queries`` (q, d); both L2-normalised."""
    k = min(k, len(passages))
    ranked = np.empty((len(queries), k), np.int64)
    block = max(1, 2**24 // max(1, len(passages)))  # at most 64 MB of scores at a time
    for start in range(0, len(queries), block):
        for offset, scores in enumerate(queries[start : start + block] @ passages.T):
            ranked[start + offset] = top_rows(scores, k)
    return ranked
