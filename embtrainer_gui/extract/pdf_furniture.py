"""What a page repeats and no reader reads: running headers and footers, page numbers, margin line numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise

from embtrainer_gui.extract.pdf_lines import PageText, TextLine

_ZONE = 0.12  # share of the page's height, at its top and at its foot, where furniture stands
_NUMBERS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"^[\W_]*(page|seite|página|pagina|p\.?)?\s*([\divxlc]{1,7}|[a-z]?\d{1,6})(\s*(of|/|von|de|\|)\s*\d{1,5})?[\W_]*$",
    re.I,
)
_STAMP = re.compile(
    r"^(downloaded (from|by)|this content downloaded|arxiv:\d{4}\.\d+)|page number not for citation", re.I
)
_MARGIN_NUMBER = re.compile(r"^\d{1,4}$")


def remove_furniture(pages: list[PageText]) -> set[str]:
    """Take furniture out of ``pages`` in place; returns its texts (see ``pattern``): no titles stand among them."""
    edges = [_edge_lines(page) for page in pages]
    seen: dict[str, set[int]] = defaultdict(set)
    for page, lines in zip(pages, edges, strict=True):
        for line in lines:
            seen[pattern(line.text)].add(page.number)
    least = 2 if len(pages) < 8 else 3
    repeated = {text for text, numbers in seen.items() if len(numbers) >= least and text.strip("# ")}
    numbered = sum(any(_PAGE_NUMBER.match(line.text) for line in lines) for lines in edges) * 2 >= len(pages)
    kept: list[list[TextLine]] = []
    for page, lines in zip(pages, edges, strict=True):
        gone = {id(line) for line in lines if pattern(line.text) in repeated or _STAMP.search(line.text)}
        if numbered or len(pages) == 1:
            gone |= {id(line) for line in _outermost(lines, page.height) if _PAGE_NUMBER.match(line.text)}
        gone |= _same_row(lines, gone)
        gone |= _margin_numbers(page)
        kept.append([line for line in page.lines if id(line) not in gone])
    if any(kept):  # else the pages say nothing but what they repeat, and that is their text
        for page, left in zip(pages, kept, strict=True):
            page.lines = left
    return repeated


def pattern(text: str) -> str:
    """``text`` with every number as #, for comparing lines of different pages."""
    return _NUMBERS.sub("#", text).lower()


def _edge_lines(page: PageText) -> list[TextLine]:
    top, foot = page.height * _ZONE, page.height * (1 - _ZONE)
    return [line for line in page.lines if line.y1 <= top or line.y0 >= foot]


def _outermost(lines: list[TextLine], height: float) -> list[TextLine]:
    top = [line for line in lines if line.y1 < height / 2]
    foot = [line for line in lines if line.y1 >= height / 2]
    first = min((line.base for line in top), default=0.0)
    last = max((line.base for line in foot), default=0.0)
    return [line for line in top if line.base < first + 16] + [line for line in foot if line.base > last - 16]


def _same_row(lines: list[TextLine], gone: set[int]) -> set[int]:
    """Lines beside furniture on its baseline: the page's own number, a date, the authors of this paper."""
    bases = [line.base for line in lines if id(line) in gone]
    return {id(line) for line in lines for base in bases if abs(line.base - base) < 2.5}


def _margin_numbers(page: PageText) -> set[int]:
    """Line numbers of a manuscript: at least five bare numbers, one below the other, left or right of all text."""
    numbers = [line for line in page.lines if _MARGIN_NUMBER.match(line.text)]
    if len(numbers) < 5:
        return set()
    others = [line for line in page.lines if not _MARGIN_NUMBER.match(line.text) and len(line.text) > 20]
    if not others:
        return set()
    left, right = min(line.x0 for line in others), max(line.x1 for line in others)
    gone: set[int] = set()
    for edge in ([n for n in numbers if n.x1 <= left + 1], [n for n in numbers if n.x0 >= right - 1]):
        values = [int(line.text) for line in sorted(edge, key=lambda line: line.base)]
        falls = sum(b < a for a, b in pairwise(values))
        if len(values) >= 5 and falls <= len(values) // 10:
            gone |= {id(line) for line in edge}
    return gone
