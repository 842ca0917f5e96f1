"""Which passages meet in a batch, and how a batch is cut into micro-batches of like length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
CHUNK = 8
WIDE = 4  # a near-duplicate group in more than one of so many batches finds no place by chance


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
    would be wrong negatives of each other, so they never share a batch: all but one change places with others, and
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
    return _apart(rows, np.asarray(groups, dtype=np.int64)[rows], batches_per_epoch(count, batch_size), rng)


def _apart(rows: IntArray, group: IntArray, batches: int, rng: np.random.Generator) -> list[IntArray]:
    """``rows`` cut into ``batches`` of like size, in each of which a ``group`` comes once at most.

    A group that would fill a good part of the batches is dealt out, one row to each of them in turn; what others have
    too much in a batch changes places with rows drawn at random, until nothing is left to move.
    """
    _, label, sizes = np.unique(group, return_inverse=True, return_counts=True)
    wide = ((sizes > 1) & (sizes > batches // WIDE))[label]
    narrow = rows[~wide]
    batch = np.sort(np.arange(len(narrow)) % batches)
    place = _exchanged(label[~wide], batch, rng)
    dealt = _first_of_each(label[wide], batches)
    turns = (len(narrow) + np.arange(len(dealt))) % batches
    found = np.concatenate([narrow[place], rows[wide][dealt]])
    where = np.concatenate([batch, turns])
    order = np.argsort(where, kind="stable")
    return np.split(found[order], np.searchsorted(where[order], np.arange(1, batches)))


def _exchanged(label: IntArray, batch: IntArray, rng: np.random.Generator) -> IntArray:
    """Which row (0 to n-1) stands at each place (n,), so that no ``batch`` of a place has a ``label`` twice."""
    order = np.arange(len(label))
    if not len(label):
        return order
    shared = np.bincount(label)[label] > 1
    extra = _again(label, batch, np.flatnonzero(shared))
    while len(extra):
        partner = np.unique(rng.integers(0, len(label), len(extra)))
        partner = rng.permutation(np.setdiff1d(partner, extra, assume_unique=True))
        moving = extra[: len(partner)]
        order[moving], order[partner] = order[partner], order[moving]
        extra = _again(label[order], batch, np.flatnonzero(shared[order]))
    return order


def _again(label: IntArray, batch: IntArray, places: IntArray) -> IntArray:
    """The ``places`` at which a batch has a label that it had before."""
    keys = batch[places] * (int(label.max()) + 1) + label[places]
    order = np.argsort(keys, kind="stable")
    again: IntArray = places[order[1:][keys[order][1:] == keys[order][:-1]]]
    return again


def _first_of_each(label: IntArray, most: int) -> IntArray:
    """Places (0 to n-1) sorted by label, with at most the ``most`` first of each."""
    order = np.argsort(label, kind="stable")
    begins = np.searchsorted(label[order], label[order])
    return order[np.arange(len(order)) - begins < most]


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
