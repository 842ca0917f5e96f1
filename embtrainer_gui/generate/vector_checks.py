"""Checks that need vectors: look-alike questions, round trip, passages that answer equally well.

Vectors and lexical ranks come as arguments; everything runs in blocks, so memory does not grow with the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Bm25Rank = Callable[[int], int | None]
"""Rank (from 1) at which BM25 finds the own passage of a question, None when it does not find it."""

DUPLICATE_COSINE = 0.9
ROUND_TRIP_TOP = 10
AMBIGUOUS_SHARE = 0.95
SAME_PASSAGE_COSINE = 0.95
_BLOCK = 512


def near_duplicate_questions(vectors: Vectors, threshold: float = DUPLICATE_COSINE) -> list[bool]:
    """Whether a question is a look-alike of an earlier one that stays; ``vectors`` is (n, d), normalised.

    The first of a group stays; one that resembles only flagged questions stays too. Time n² d, memory one block.
    """
    total = len(vectors)
    flags = np.zeros(total, dtype=bool)
    for start in range(0, total, _BLOCK):
        block = vectors[start : start + _BLOCK]
        size = len(block)
        for other in range(0, start, _BLOCK):
            close = block @ vectors[other : other + _BLOCK].T >= threshold
            flags[start : start + size] |= (close & ~flags[other : other + _BLOCK]).any(axis=1)
        inside = block @ block.T >= threshold
        for row in range(1, size):
            if not flags[start + row]:
                flags[start + row] = bool((inside[row, :row] & ~flags[start : start + row]).any())
    return [bool(flag) for flag in flags]


def round_trip(
    questions: Vectors, passages: Vectors, own_rows: Sequence[int], bm25_rank: Bm25Rank, top: int = ROUND_TRIP_TOP
) -> list[bool]:
    """Whether a question finds its own passage in the ``top`` of the vectors or of BM25 (Promptagator's filter).

    ``questions`` (n, d) and ``passages`` (m, d) are normalised; ``own_rows[i]`` is the passage row of question i.
    ``bm25_rank`` is asked only for questions that the vectors do not find.
    """
    rows = np.asarray(own_rows, dtype=np.intp)
    found: list[bool] = []
    for start, scores in _blocks(questions, passages):
        own = scores[np.arange(len(scores)), rows[start : start + len(scores)]]
        found.extend(bool(better < top) for better in (scores > own[:, None]).sum(axis=1))
    for i, hit in enumerate(found):
        if not hit:
            rank = bm25_rank(i)
            found[i] = rank is not None and rank <= top
    return found


def ambiguous(
    questions: Vectors,
    passages: Vectors,
    own_rows: Sequence[int],
    share: float = AMBIGUOUS_SHARE,
    same: float = SAME_PASSAGE_COSINE,
) -> list[bool]:
    """Whether another passage scores at least ``share`` of the own one: a risk of a false negative in training.

    Passages whose cosine with the own one is at least ``same`` are the same text over again and do not count.
    """
    rows = np.asarray(own_rows, dtype=np.intp)
    flags: list[bool] = []
    for start, scores in _blocks(questions, passages):
        mine = rows[start : start + len(scores)]
        own = scores[np.arange(len(scores)), mine]
        rivals = scores >= np.maximum(own * share, 1e-6)[:, None]
        rivals &= passages[mine] @ passages.T < same
        rivals[np.arange(len(scores)), mine] = False
        flags.extend(bool(flag) for flag in rivals.any(axis=1))
    return flags


def _blocks(questions: Vectors, passages: Vectors) -> Iterator[tuple[int, NDArray[np.float32]]]:
    for start in range(0, len(questions), _BLOCK):
        yield start, questions[start : start + _BLOCK] @ passages.T
