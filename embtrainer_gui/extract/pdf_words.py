"""Rows to running text: hyphens at line ends, spaces between lines, and where each line stands in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from embtrainer_gui.core.records import Line
from embtrainer_gui.extract.pdf_lines import PageText, TextLine

_HYPHENS = "-\u2010\u2011"
_PUNCTUATION = ".,;:!?()[]{}\"'/“”‘’"
_TAIL = re.compile(r"([^\W\d_]+)[-\u2010\u2011]$")
_HEAD = re.compile(r"^[^\W\d_]+")
_NO_SPACES = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")

# first parts of compounds that keep their hyphen: "long-term", "peer-reviewed"
_COMPOUND = frozenset(
    "high low long short well self broad wide narrow deep double single two three four five six half full open closed "
    "large small cross time real light dose age sex case state evidence peer follow so health life water air".split()
)
_AND = frozenset("and or und oder et ou y o e bzw".split())


class Vocabulary:
    """The words of a document, for deciding which hyphens at a line's end are real."""

    def __init__(self, texts: Iterable[str]) -> None:
        raw: set[str] = set()
        cut = False  # a word that a line's end cuts tells nothing
        for text in texts:
            found = text.split()
            ends = text[-1] in _HYPHENS
            raw.update(found[cut : len(found) - ends] if cut or ends else found)
            cut = ends
        plain = " ".join(raw).lower().replace("\u2010", "-")
        self._words = {word.strip(_PUNCTUATION) for word in plain.split(" ")}

    def keeps_hyphen(self, left: str, right: str) -> bool:
        """Whether ``left-`` at a line's end and ``right`` below make ``left-right`` and not ``leftright``."""
        a, b = left.lower(), right.lower()
        if right[:1].isupper() or (left.isupper() and len(left) > 1):
            return True
        joined, hyphened = a + b, f"{a}-{b}"
        if joined in self._words:
            return hyphened in self._words and len(a) <= 2
        if hyphened in self._words:
            return True
        return a in _COMPOUND or len(a) > 2 and len(b) > 2 and a in self._words and b in self._words


def join_rows(rows: list[TextLine], words: Vocabulary, pages: dict[int, PageText]) -> tuple[str, tuple[Line, ...]]:
    """The paragraph's text, and for each row where it stands in the text and on its page."""
    text = ""
    lines: list[Line] = []
    for row in rows:
        if text:
            last = text[-1]
            text = text + " " if last.isalnum() and last.isascii() or last in ",." else _glue(text, row.text, words)
        start = len(text)
        text += row.text
        lines.append(Line(start, len(text), pages[row.page].box(row)))
    # a hyphen that was taken off shortened the line before
    for number in range(len(lines) - 1):
        line, after = lines[number], lines[number + 1]
        if line.end > after.start:
            lines[number] = Line(line.start, after.start, line.box)
    return text, tuple(lines)


def _glue(text: str, below: str, words: Vocabulary) -> str:
    last = text[-1]
    if last in _HYPHENS:
        tail, head = _TAIL.search(text[-60:]), _HEAD.match(below)
        if not tail or not head:
            return text
        if head.group() in _AND:
            return text + " "  # "macro- and micro-"
        return text if words.keeps_hyphen(tail[1], head.group()) else text[:-1]
    if last == "/" or (last == "–" and text[-2:-1] != " "):
        return text
    if last > "\u2fff" and _NO_SPACES.match(last) and _NO_SPACES.match(below):
        return text
    return text + " "
