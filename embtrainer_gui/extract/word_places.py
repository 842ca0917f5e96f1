"""Where the words of a text stand on a page whose own words have known places (a text layer, or recognised)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import islice

from rapidfuzz.distance import LCSseq

from embtrainer_gui.core.messages import Word
from embtrainer_gui.core.records import Line

LEAST_RUN = 3  # words in a row that must be the same: fewer may stand anywhere on the page
LEAST_SHARE = 0.3  # of a text's words that must be found
MOST_WORDS = 5000  # of a page that are compared
_WORD = re.compile(r"\S+")
_PLAIN = re.compile(r"[\W_]+")


class PageWords:
    """The words of pages as ``(page, word)``, in any order that keeps lines together; places are PDF points."""

    def __init__(self, words: Iterable[tuple[int, Word]]) -> None:
        known = ((page, word, plain_word(word[4])) for page, word in words)
        self._words = list(islice(((page, word, plain) for page, word, plain in known if plain), MOST_WORDS))
        self._plain = [plain for _, _, plain in self._words]

    def lines_of(self, text: str) -> tuple[Line, ...]:
        """The lines of the page that ``text`` stands in; empty where too little of it is found there.

        A line reaches from its first word that is found to the first one of the next line, so that all of the text
        between the first and the last has a place.
        """
        spans = [match.span() for match in _WORD.finditer(text)]
        spans = [(start, end) for start, end in spans if plain_word(text[start:end])][:MOST_WORDS]
        if not self._words or not spans:
            return ()
        own = [plain_word(text[start:end]) for start, end in spans]
        found = self._found(own)
        if len(found) < LEAST_SHARE * len(own):
            return ()
        lines: list[Line] = []
        for here, there in found:
            page, word, _ = self._words[there]
            _extend(lines, spans[here], page, word)
        return tuple(lines)

    def _found(self, own: list[str]) -> list[tuple[int, int]]:
        """``(number in own, number on the page)`` of each word that is the same on both sides, in order."""
        least = min(LEAST_RUN, len(own))
        found: list[tuple[int, int]] = []
        for operation in LCSseq.opcodes(own, self._plain):
            length = operation.src_end - operation.src_start
            if operation.tag == "equal" and length >= least:
                found += [(operation.src_start + n, operation.dest_start + n) for n in range(length)]
        return found


def _extend(lines: list[Line], span: tuple[int, int], page: int, word: Word) -> None:
    x0, y0, x1, y1 = word[:4]
    if lines:
        last = lines[-1]
        number, left, top, right, bottom = last.box
        beside = right - 1 <= x0 < right + 2 * (y1 - y0)
        same = number == page and beside and min(bottom, y1) - max(top, y0) > 0.5 * (y1 - y0)
        if same:
            box = (page, left, min(top, y0), max(right, x1), max(bottom, y1))
            lines[-1] = Line(last.start, span[1], box)
            return
        lines[-1] = Line(last.start, span[0], last.box)
    lines.append(Line(span[0], span[1], (page, x0, y0, x1, y1)))


def plain_word(word: str) -> str:
    """``word`` as it is compared: its letters and figures alone."""
    return _PLAIN.sub("", unicodedata.normalize("NFKC", word).casefold())
