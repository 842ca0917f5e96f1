"""Which text each row of a vector file belongs to: 16 bytes a row, looked up without a dictionary of them all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.ml.ranking import RowArray

KEY_BYTES = 16
KeyArray = NDArray[np.uint64]
"""Keys as two numbers each, shape (n, 2)."""


def key_array(keys: Sequence[str] | KeyArray) -> KeyArray:
    """Keys (n, 2) from their hexadecimal names; an array is given back as it is."""
    if isinstance(keys, np.ndarray):
        return keys
    return np.frombuffer(bytes.fromhex("".join(keys)), np.uint64).reshape(-1, 2)


def first_of_each(keys: KeyArray) -> RowArray:
    """Rows (m,) at which a key stands for the first time, ascending."""
    _, first = np.unique(np.ascontiguousarray(keys).view(f"S{KEY_BYTES}")[:, 0], return_index=True)
    return np.sort(first)


class RowKeys:
    """``keys`` (n, 2), distinct, may be memory-mapped: nothing is read before the first ``find``."""

    def __init__(self, keys: KeyArray) -> None:
        self.keys = keys

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, wanted: KeyArray) -> RowArray:
        """The row of each of ``wanted`` (m, 2), -1 where there is none."""
        if len(wanted) <= len(self) and np.array_equal(self.keys[: len(wanted)], wanted):
            return np.arange(len(wanted))  # the usual case: encoded in the order in which they are asked for
        found = np.full(len(wanted), -1, np.int64)
        if not len(self):
            return found
        halves, order = self._sorted
        places = np.minimum(np.searchsorted(halves, wanted[:, 0]), len(self) - 1)
        rows = order[places]
        same = (self.keys[rows] == wanted).all(axis=1)
        found[same] = rows[same]
        for place in np.flatnonzero(~same & (halves[places] == wanted[:, 0])):  # two keys that begin alike
            found[place] = next(iter(np.flatnonzero((self.keys == wanted[place]).all(axis=1))), -1)
        return found

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.uint64], RowArray]:
        """First halves in order, and the row of each."""
        order = np.argsort(self.keys[:, 0])
        return self.keys[order, 0], order
