"""Where an answer stands on a page, from the words of the page: an exact match or nothing.

Text of a passage and words of a page differ in spaces, in hyphens at line ends and in ligatures; both are compared
without them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from embtrainer_gui.core.records import Box

Word = tuple[float, float, float, float, str]
"""``(x0, y0, x1, y1, text)`` in PDF points, origin top left."""

_HYPHENS = frozenset("-\u00ad\u2010\u2011")
CONTEXT = (40, 12)  # characters before the answer that tell its places apart
_MARGIN = 1.5  # points: boxes of a passage are rounded


def find_span(text: str, wanted: str) -> tuple[int, int] | None:
    """The stretch of ``text`` that reads like ``wanted``; it begins and ends at a word if any match does."""
    squeezed, places = _squeeze(text)
    needle, _ = _squeeze(wanted)
    matches = [(places[start], places[end - 1] + 1) for start, end in _matches(squeezed, needle)]
    whole = [span for span in matches if _is_whole(text, span)]
    return next(iter(whole or matches), None)


def answer_boxes(
    words: Sequence[Word], answer: str, page: int, within: Sequence[Box] = (), before: str = ""
) -> list[Box]:
    """One box a line where the answer stands on the page, inside the passage's boxes if given.

    ``before`` is the text of the passage up to the answer: of several places the one is taken that follows on it.
    """
    boxes = [box for box in within if box[0] == page]
    if within:
        words = [word for word in words if any(_holds(box, word) for box in boxes)]
    squeezed, owners = _squeeze_words(words)
    needle, _ = _squeeze(answer)
    context, _ = _squeeze(before)
    matches = list(_matches(squeezed, needle))
    for length in CONTEXT:
        following = [match for match in matches if context and squeezed[: match[0]].endswith(context[-length:])]
        if following:
            matches = following
            break
    for start, end in matches:
        if _only_punctuation(squeezed, owners, start, end):
            return _lines([words[number] for number in range(owners[start], owners[end - 1] + 1)], page)
    return []


def _squeeze(text: str) -> tuple[str, list[int]]:
    """``text`` without spaces and hyphens, and where each character of it came from."""
    letters: list[str] = []
    places: list[int] = []
    for place, raw in enumerate(text):
        if raw in _HYPHENS:
            continue
        for letter in unicodedata.normalize("NFKC", raw):
            if not letter.isspace():
                letters.append(letter)
                places.append(place)
    return "".join(letters), places


def _squeeze_words(words: Sequence[Word]) -> tuple[str, list[int]]:
    """All words in one string, and the number of the word of each character."""
    parts: list[str] = []
    owners: list[int] = []
    for number, word in enumerate(words):
        part = _squeeze(word[4])[0]
        parts.append(part)
        owners.extend([number] * len(part))
    return "".join(parts), owners


def _matches(text: str, wanted: str) -> Iterator[tuple[int, int]]:
    start = text.find(wanted) if wanted else -1
    while start >= 0:
        yield start, start + len(wanted)
        start = text.find(wanted, start + 1)


def _is_whole(text: str, span: tuple[int, int]) -> bool:
    start, end = span
    begins = start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
    return begins and (end == len(text) or not (text[end - 1].isalnum() and text[end].isalnum()))


def _only_punctuation(text: str, owners: Sequence[int], start: int, end: int) -> bool:
    """Whether what is left of the first and the last word is no letter or digit."""
    left, right = start, end
    while left > 0 and owners[left - 1] == owners[start]:
        left -= 1
    while right < len(owners) and owners[right] == owners[end - 1]:
        right += 1
    return not any(letter.isalnum() for letter in text[left:start] + text[end:right])


def _holds(box: Box, word: Word) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return box[1] - _MARGIN <= x <= box[3] + _MARGIN and box[2] - _MARGIN <= y <= box[4] + _MARGIN


def _lines(words: Sequence[Word], page: int) -> list[Box]:
    """Neighbours that stand side by side become one box."""
    lines: list[Box] = []
    for x0, y0, x1, y1, _ in words:
        if lines:
            _, left, top, right, bottom = lines[-1]
            overlap = min(bottom, y1) - max(top, y0)
            if overlap > 0.5 * min(bottom - top, y1 - y0) and x0 >= right - _MARGIN * 2:
                lines[-1] = (page, left, min(top, y0), x1, max(bottom, y1))
                continue
        lines.append((page, x0, y0, x1, y1))
    return lines
