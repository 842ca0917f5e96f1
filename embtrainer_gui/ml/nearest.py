"""The nearest vectors of every vector, by faiss: exact for some ten thousand, by inverted lists beyond that."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.report import Reporter

EXACT = 30_000  # comparing all with all takes ten seconds there
BLOCK = 1024
LISTS_A_ROOT = 4  # inverted lists for each unit of the root of the number of vectors
LISTS_SEARCHED = 16
ROWS_TO_LEARN = 64  # for each list


def nearest(
    vectors: NDArray[np.float32], count: int, reporter: Reporter
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Rows (n, count) and cosines (n, count) of the nearest others of L2-normalised ``vectors`` (n, d), nearest first;
    n must be larger than ``count``. Where inverted lists hold fewer, rows beside it stand in with a cosine of 0.

    Raises Cancelled.
    """
    index = _index(vectors)
    rows = np.empty((len(vectors), count), np.int64)
    cosines = np.empty((len(vectors), count), np.float32)
    for start in range(0, len(vectors), BLOCK):
        reporter.raise_if_cancelled()
        reporter.progress(start, len(vectors))
        block = slice(start, min(start + BLOCK, len(vectors)))
        places = np.arange(block.start, block.stop)[:, None]
        scores, found = index.search(vectors[block], count + 1)
        others = found != places
        others[others.all(axis=1), -1] = False  # copies have pushed the vector itself out
        found, scores = (values[others].reshape(-1, count) for values in (found, scores))
        rows[block] = np.where(found >= 0, found, (places + 1 + np.arange(count)) % len(vectors))
        cosines[block] = np.where(found >= 0, scores, 0.0)
    reporter.progress(len(vectors), len(vectors))
    return rows, cosines


def _index(vectors: NDArray[np.float32]) -> Any:
    import faiss

    dimension = vectors.shape[1]
    if len(vectors) <= EXACT:
        index: Any = faiss.IndexFlatIP(dimension)
    else:
        lists = LISTS_A_ROOT * math.isqrt(len(vectors))
        index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dimension), dimension, lists, faiss.METRIC_INNER_PRODUCT)
        index.train(np.ascontiguousarray(vectors[:: max(1, len(vectors) // (lists * ROWS_TO_LEARN))]))
        index.nprobe = LISTS_SEARCHED
    index.add(vectors)
    return index
