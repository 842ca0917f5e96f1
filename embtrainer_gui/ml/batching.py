"""Which passages meet in a batch, and how a batch is cut into micro-batches of like length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


def batches_per_epoch(passages: int, batch_size: int) -> int:
    """Batches that hold ``passages`` with at most ``batch_size`` in each."""
    return -(-passages // batch_size)


def epoch_batches(groups: Sequence[int] | IntArray, batch_size: int, seed: int, epoch: int) -> list[IntArray]:
    """Rows (0 to n-1, each at most once) of every batch of one epoch, a function of ``(seed, epoch)`` alone.

    ``groups`` (n,) holds the near-duplicate group of each passage. Passages of one group would be wrong negatives of
    each other, so they never share a batch: the rows, group by group in random order, are dealt out like cards.
    Batches differ by at most one passage. A group larger than the number of batches sends as many as there are
    batches, drawn anew each epoch.
    """
    labels = np.asarray(groups, dtype=np.int64)
    count = len(labels)
    rng = np.random.default_rng((seed, epoch))
    _, group = np.unique(labels, return_inverse=True)
    place = rng.permutation(int(group.max()) + 1 if count else 0)
    rows = np.lexsort((rng.random(count), place[group]))
    batches = batches_per_epoch(count, batch_size)
    ordered = place[group[rows]]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if count else np.empty(0, np.int64)
    sizes = np.diff(np.r_[starts, count])
    rank_in_group = np.arange(count) - np.repeat(starts, sizes)
    rows = rows[rank_in_group < batches]
    order = rng.permutation(batches)
    return [rows[start::batches] for start in order]


def micro_batches(lengths: Sequence[int] | IntArray, token_budget: int) -> list[IntArray]:
    """Positions (0 to n-1) in groups of like length, longest first, each of at most ``token_budget`` padded tokens.

    A single text longer than the budget makes a group of its own.
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    order = np.argsort(-sizes, kind="stable")
    groups, start = [], 0
    while start < len(order):
        longest = max(1, int(sizes[order[start]]))
        stop = start + max(1, token_budget // longest)
        groups.append(order[start:stop])
        start = stop
    return groups
