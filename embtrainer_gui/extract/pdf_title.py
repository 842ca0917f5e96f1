"""The title of a paper among the paragraphs before its abstract."""

from __future__ import annotations

from embtrainer_gui.extract import pdf_vocabulary as vocabulary
from embtrainer_gui.extract.pdf_furniture import pattern
from embtrainer_gui.extract.pdf_paragraphs import Paragraph
from embtrainer_gui.extract.pdf_style import WORD, BodyStyle


def find_title(front: list[Paragraph], body: BodyStyle, furniture: set[str], given: str) -> set[int]:
    """Indices into ``front`` of the title's paragraphs: what the file's own title says, else the largest text.

    What the pages repeat at their edges (``furniture``) is the journal's name and no title.
    """
    candidates = {n: p for n, p in enumerate(front) if p.rows[0].page <= 2 and _may_be_title(p, body)}
    wanted = set(WORD.findall(given.lower()))
    if len(wanted) > 2:
        for n, p in candidates.items():
            words = set(WORD.findall(p.text.lower()))
            if len(words & wanted) > 0.7 * max(len(wanted), len(words)):
                return {n}
    fresh = {n: p for n, p in candidates.items() if not _is_masthead(p.text, furniture)} or candidates
    if not fresh:
        return set()
    largest = max(p.size for p in fresh.values())
    number = next(n for n, p in fresh.items() if p.size > largest - 0.3)
    best = fresh[number]
    if largest < body.size + 0.8 and not best.bold and best.rows[0].page > 1:
        return set()
    chosen = {number}
    for n, p in fresh.items():  # a title of several pieces
        if n == max(chosen) + 1 and abs(p.size - best.size) < 0.3 and p.step < 1.95 * p.size:
            chosen.add(n)
    return chosen


def _may_be_title(p: Paragraph, body: BodyStyle) -> bool:
    if p.size < body.size - 0.5 or len(p.text) > 400 or len(WORD.findall(p.text)) < 2:
        return False
    if len(p.rows) > 5 and p.size < body.size + 0.8:  # a paragraph
        return False
    return not vocabulary.FRONT.match(p.text) and not vocabulary.CAPTION.match(p.text)


def _is_masthead(text: str, furniture: set[str]) -> bool:
    """The journal's name: it is repeated with numbers (year, volume, page), which a running title has not."""
    plain = pattern(text).strip()
    words = set(WORD.findall(plain))
    for known in furniture:
        shared = len(words.intersection(WORD.findall(known)))
        if "#" in known and (plain in known or (len(words) < 7 and 2 * shared >= len(words))):
            return True
    return False
