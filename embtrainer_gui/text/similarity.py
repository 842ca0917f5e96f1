"""How alike two sketches of ``text.near_duplicate`` are; apart from it, since comparing needs no numpy."""

from __future__ import annotations

from collections.abc import Sequence

SKETCH_SIZE = 128
FEWEST_SHINGLES = 20  # under this a few common words decide, so only equality counts


def similarity(first: Sequence[int], second: Sequence[int]) -> float:
    """The estimated Jaccard similarity of the shingles, 0 to 1; documents with few shingles match only as equals."""
    if not first or not second:
        return 0.0
    if min(len(first), len(second)) < FEWEST_SHINGLES:
        return float(tuple(first) == tuple(second))
    one, two = set(first), set(second)
    union = sorted(one | two)[:SKETCH_SIZE]
    return sum(value in one and value in two for value in union) / len(union)
