"""Finds what a model claims to quote in the passage, and gives the passage's own characters for it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

Span = tuple[int, int]
"""``text[start:end]``."""

_DROPPED = frozenset(
    "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212'\"`\u00b4\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
)
_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:\.{3}|\u2026)\s*\]|\.{3,}|\u2026)\s*")
_ENDS = " \t\r\n\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb"
MOST_LEFT_OUT = 400  # characters of the passage that "..." inside a quote may stand for


def find_quote(quote: str, passage: str, inside: Span | None = None) -> Span | None:
    """Where a quote stands, in the whole passage or only ``inside`` a part of it; None where it does not.

    Spaces, hyphens, quotation marks, accents, ligatures and capitals do not matter, everything else does; "..." stands
    for what was left out. It never begins or ends within a word.
    """
    pieces = [piece for piece in _ELLIPSIS.split(quote.strip(_ENDS)) if piece.strip(_ENDS)]
    if not pieces:
        return None
    start, stop = inside or (0, len(passage))
    spans: list[Span] = []
    for piece in pieces:
        found = _find(piece, passage, spans[-1][1] if spans else start, stop)
        if found is None or (spans and found[0] - spans[-1][1] > MOST_LEFT_OUT):
            return None
        spans.append(found)
    return spans[0][0], spans[-1][1]


def _find(piece: str, passage: str, start: int, stop: int) -> Span | None:
    wanted = _folded(piece)[0].strip()
    text, places = _folded(passage)
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        first, last = places[at], places[at + len(wanted) - 1] + 1
        if first >= start and last <= stop and _is_whole(passage, first, last):
            return first, last
        at = text.find(wanted, at + 1)
    return None


def _is_whole(passage: str, start: int, stop: int) -> bool:
    """Whether no word is cut at either end."""
    before = start > 0 and passage[start - 1].isalnum() and passage[start].isalnum()
    after = stop < len(passage) and passage[stop - 1].isalnum() and passage[stop].isalnum()
    return not (before or after)


@lru_cache(maxsize=16)  # the questions of a passage come together
def _folded(text: str) -> tuple[str, tuple[int, ...]]:
    """The text without what does not matter, and where each of its characters stood."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character in _DROPPED or character.isspace():
            continue
        for part in unicodedata.normalize("NFKD", character).casefold():
            if not (unicodedata.combining(part) or part.isspace() or part in _DROPPED):
                characters.append(part)
                places.append(place)
    return "".join(characters), tuple(places)
