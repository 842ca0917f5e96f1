"""One interface to whatever finds the nearest passages: every vector scanned, codes of a large library, a server."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.ml.code_index import CodeIndex, codes_miss_too_much, open_codes
from embtrainer_gui.ml.ranking import RowArray, top_rows
from embtrainer_gui.ml.vector_index import VectorIndex

How = Literal["exact", "approximate", "server"]
Ranking = list[tuple[int, float]]
LARGE = 100_000  # passages from which on codes are worth the making: a scan of fewer vectors takes 7 ms at most
UNSEEN = 2_000  # passages without a code that are scanned beside the others before it is time to make theirs
FEW = 20_000  # of a filtered search that are scanned whatever there is


class PassageIndex(Protocol):
    """Finds passages by their vectors; positions count the rows that the index was opened with."""

    @property
    def how(self) -> How:
        """Which kind of index answers."""
        ...

    def search(self, query: NDArray[np.float32], k: int, within: RowArray | None = None) -> Ranking:
        """The ``k`` nearest of all positions, or of those ``within`` (m,), as ``(position, cosine)``.

        ``query`` (d,) is L2-normalised. Best first, ties by position; fewer than ``k`` where there are not as many.
        """
        ...


class ExactIndex:
    """Scans the vectors of ``rows`` at every search."""

    how: How = "exact"

    def __init__(self, vectors: VectorIndex, rows: RowArray) -> None:
        self.vectors, self._rows = vectors, rows

    def search(self, query: NDArray[np.float32], k: int, within: RowArray | None = None) -> Ranking:
        if within is None:
            return self.vectors.search(query, self._rows, k)
        places = np.sort(within)
        found = self.vectors.search(query, self._rows[places], k)
        return [(int(places[place]), score) for place, score in found]


class ApproximateIndex:
    """Scans the codes of a large library for candidates, and the vectors of what has no code yet.

    Candidates are scored with their vectors: scores, and the order among what is found, are those of ``ExactIndex``.
    """

    how: How = "approximate"

    def __init__(self, vectors: VectorIndex, rows: RowArray, codes: CodeIndex) -> None:
        self.vectors, self._rows, self._codes = vectors, rows, codes
        self._exact = ExactIndex(vectors, rows)
        self._order = np.argsort(rows, kind="stable")
        self._sorted = rows[self._order]
        self.unseen = np.flatnonzero(rows >= codes.rows)

    def search(self, query: NDArray[np.float32], k: int, within: RowArray | None = None) -> Ranking:
        count = len(self._rows) if within is None else len(within)
        if within is not None and count <= max(FEW, k):
            return self._exact.search(query, k, within)
        found = self._positions(self._codes.nearest(query, k, min(1.0, count / self._codes.rows)))
        unseen = self.unseen
        if within is not None:
            inside = np.zeros(len(self._rows), bool)
            inside[within] = True
            found, unseen = found[inside[found]], unseen[inside[unseen]]
        if len(found) < min(k, count - len(unseen)):
            return self._exact.search(query, k, within)  # hardly any of what has a code is still in use
        found = np.sort(np.concatenate([found, unseen]))
        scores = self.vectors.read(self._rows[found]) @ query
        return [(int(found[place]), float(scores[place])) for place in top_rows(scores, k)]

    def _positions(self, rows: RowArray) -> RowArray:
        """Every position of ``rows``: the same text may stand in several papers, or in none any more."""
        first, last = (np.searchsorted(self._sorted, rows, side) for side in ("left", "right"))
        steps = np.arange((last - first).sum()) - np.repeat(np.cumsum(last - first) - (last - first), last - first)
        return np.asarray(self._order[np.repeat(first, last - first) + steps])


def open_index(vectors: VectorIndex, rows: RowArray) -> PassageIndex:
    """The quickest index that there is over ``rows`` (n,) of ``vectors``."""
    codes = open_codes(vectors) if len(rows) >= LARGE else None
    return ExactIndex(vectors, rows) if codes is None else ApproximateIndex(vectors, rows, codes)


def is_due(index: PassageIndex, passages: int) -> bool:
    """Whether ``make_codes`` would make searches quicker."""
    if isinstance(index, ApproximateIndex):
        return len(index.unseen) > UNSEEN and not codes_miss_too_much(index.vectors)
    return isinstance(index, ExactIndex) and passages >= LARGE and not codes_miss_too_much(index.vectors)
