"""Counts over the corpus that tell, too, which words stand together again."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from itertools import pairwise

from embtrainer_gui.generate import statistics
from embtrainer_gui.generate.statistics import terms

_PLACES = 1 << 24
_RECURS = 2


def _place(first: str, second: str) -> int:
    return zlib.crc32(f"{first} {second}".encode()) % _PLACES


def acronyms_in(text: str) -> Iterable[tuple[str, str, int]]:
    """As of ``statistics``, but for long forms that begin with an article."""
    for acronym, full, start in statistics.acronyms_in(text):
        if full.split()[0].lower() not in ("a", "an", "the"):
            yield acronym, full, start


class CorpusStatistics(statistics.CorpusStatistics):
    """Frequencies of words, and the pairs of neighbours that the corpus holds again."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._pairs = bytearray(_PLACES)
        super().__init__(map(self._counted, texts))

    def _counted(self, text: str) -> str:
        for first, second in pairwise(terms(text)):
            place = _place(first, second)
            self._pairs[place] = min(self._pairs[place] + 1, _RECURS)
        return text

    def recurs(self, phrase: str) -> bool:
        """Whether each two neighbours of ``phrase`` stand together again somewhere, as those of a term do.

        Counted by hash in a table of fixed size: a collision, rare in a corpus of a few million words, says yes.
        """
        return all(self._pairs[_place(first, second)] >= _RECURS for first, second in pairwise(terms(phrase)))
