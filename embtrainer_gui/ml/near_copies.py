"""Vectors that are nearly the same: pairs over a bar, and the groups that they hold together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.report import Reporter
from embtrainer_gui.ml.nearest import nearest

LOOKED_AT = 16  # nearest others of each; a larger group is held together by chains


@dataclass(frozen=True, slots=True)
class Group:
    """``rows`` in order; the cosines of the pairs that hold it together."""

    rows: tuple[int, ...]
    highest: float
    lowest: float


def near_groups(vectors: NDArray[np.float32], least: float, reporter: Reporter) -> list[Group]:
    """Groups of rows of L2-normalised ``vectors`` (n, d) with a cosine of at least ``least`` to another one of their
    group: the highest cosine first, then the larger group.

    Raises Cancelled.
    """
    if len(vectors) < 2:
        return []
    rows, cosines = nearest(vectors, min(LOOKED_AT, len(vectors) - 1), reporter)
    firsts, places = np.nonzero(cosines >= least)
    pairs = np.column_stack([firsts, rows[firsts, places]])
    heads = np.arange(len(vectors))
    for one, other in pairs:
        heads[_head(heads, int(one))] = _head(heads, int(other))
    members: dict[int, set[int]] = defaultdict(set)
    scores: dict[int, list[float]] = defaultdict(list)
    for (one, other), cosine in zip(pairs.tolist(), cosines[firsts, places].tolist(), strict=True):
        head = _head(heads, one)
        members[head] |= {one, other}
        scores[head].append(min(cosine, 1.0))
    groups = [Group(tuple(sorted(found)), max(scores[head]), min(scores[head])) for head, found in members.items()]
    return sorted(groups, key=lambda group: (-round(group.highest, 4), -len(group.rows), group.rows))


def _head(heads: NDArray[np.int64], row: int) -> int:
    while heads[row] != row:
        heads[row] = heads[heads[row]]
        row = int(heads[row])
    return row
