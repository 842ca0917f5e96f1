"""How much text passages have in common, by the runs of five words that are in both."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

WORDS = 5
HELD = 0.8  # share of a text's shingles that the passage has which holds it
_WORD = re.compile(r"[^\W_]+")


class ShingleIndex:
    """Of some texts by their shingles; ``sizes[n]`` is how many text n has."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.sizes: list[int] = []
        self._owners: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            found = shingles(text)
            self.sizes.append(len(found))
            for shingle in found:
                self._owners[shingle].append(number)

    def shared(self, text: str) -> Iterator[tuple[int, int, int]]:
        """``(number, shared shingles, shingles of text)`` for each text that has any in common with ``text``."""
        mine = shingles(text)
        found = Counter(number for shingle in mine & self._owners.keys() for number in self._owners[shingle])
        for number, count in found.items():
            yield number, count, len(mine)


def homes(texts: Sequence[str], passages: Mapping[int, str]) -> dict[str, int]:
    """Which of ``passages`` (by id) holds each of ``texts``, or nearly all of it; texts without one are left out.

    A paper that was cut into other pieces elsewhere has the same sentences in other passages.
    """
    index = ShingleIndex(texts)
    best: dict[int, tuple[float, int]] = {}
    for passage, text in passages.items():
        for number, count, _ in index.shared(text):
            share = count / index.sizes[number]
            if share >= HELD:
                best[number] = max(best.get(number, (0.0, 0)), (share, -passage))
    return {texts[number]: -place for number, (_, place) in best.items()}


def shingles(text: str) -> set[tuple[str, ...]]:
    """The runs of five words; of a shorter text the whole."""
    words = _WORD.findall(text.casefold())
    if len(words) <= WORDS:
        return {tuple(words)} if words else set()
    return set(zip(*(words[place:] for place in range(WORDS)), strict=False))
