"""Which passages meet in a batch, and how a batch is cut into micro-batches of like length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
CHUNK = 8


def batches_per_epoch(passages: int, batch_size: int) -> int:
    """Batches that hold ``passages`` with at most ``batch_size`` in each."""
    return -(-passages // batch_size)


def epoch_batches(
    groups: Sequence[int] | IntArray,
    batch_size: int,
    seed: int,
    epoch: int,
    documents: Sequence[int] | IntArray | None = None,
) -> list[IntArray]:
    """Rows (0 to n-1, each at most once) of every batch of one epoch, a function of ``(seed, epoch)`` alone.

    ``documents`` (n,) holds the document of each passage: up to ``CHUNK`` passages of one document come into a batch
    together, since another passage of the same paper is the wrong answer that is hardest to tell (measured: see
    tests/bench/RESULTS.md). ``groups`` (n,) holds the near-duplicate group of each passage. Passages of one group
    would be wrong negatives of each other, so they never share a batch: all but one move to batches without any, and
    where there are more of them than batches, some wait for another epoch.
    """
    count = len(groups)
    if not count:
        return []
    rng = np.random.default_rng((seed, epoch))
    document = np.arange(count) if documents is None else np.asarray(documents, dtype=np.int64)
    order = np.lexsort((rng.random(count), document))
    begins = np.r_[True, document[order][1:] != document[order][:-1]]
    starts = np.flatnonzero(begins)
    place = np.arange(count) - np.repeat(starts, np.diff(np.r_[starts, count]))
    chunk = np.cumsum(begins | (place % CHUNK == 0)) - 1
    shuffled = rng.permutation(int(chunk[-1]) + 1)
    rows = order[np.argsort(shuffled[chunk], kind="stable")]
    return _apart(np.array_split(rows, batches_per_epoch(count, batch_size)), np.asarray(groups, dtype=np.int64))


def _apart(batches: list[IntArray], group: IntArray) -> list[IntArray]:
    """The batches with near-duplicates swapped into other batches."""
    which = np.repeat(np.arange(len(batches)), [len(batch) for batch in batches])
    rows = np.concatenate(batches)
    order = np.lexsort((group[rows], which))
    again = (which[order][1:] == which[order][:-1]) & (group[rows][order][1:] == group[rows][order][:-1])
    extra = order[1:][again]
    if not len(extra):
        return batches
    members = [batch.tolist() for batch in batches]
    full: set[int] = set()  # groups that have a passage in every batch
    for place in extra.tolist():
        row, here = int(rows[place]), int(which[place])
        members[here].remove(row)
        if group[row] in full:
            continue
        for step in range(1, len(members)):
            there = (here + step) % len(members)
            labels = {int(group[other]) for other in members[there]}
            if group[row] in labels:
                continue
            mine = {int(group[other]) for other in members[here]}
            partner = next((other for other in members[there] if group[other] not in mine), None)
            members[there].append(row)
            if partner is not None:
                members[there].remove(partner)
                members[here].append(partner)
            break
        else:
            full.add(int(group[row]))
    return [np.array(found, dtype=np.int64) for found in members]


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
