"""What the running text of a document looks like, and tests of a paragraph against it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from embtrainer_gui.extract import pdf_vocabulary as vocabulary
from embtrainer_gui.extract.pdf_lines import TextLine
from embtrainer_gui.extract.pdf_paragraphs import Paragraph, ends_sentence

_SAME = 0.36  # points: sizes that count as one
WORD = re.compile(r"[^\W\d_]{3,}")
_LETTER = re.compile(r"[^\W\d_]")
_MATH = re.compile(r"[=≈≤≥±∑∫∏√∂∞→⇒×÷+∈∀∃⊂∪∩^]")
_MATH_FONT = re.compile(r"^(cm(mi|sy|ex)|msam|msbm|.*math|symbol|mtsy|mtmi|rm?tmi|euclid)", re.I)


@dataclass(frozen=True, slots=True)
class BodyStyle:
    """Sizes (the main one first), font and column width of the running text."""

    sizes: tuple[float, ...]
    font: str
    bold: bool
    mono: bool
    width: float

    @property
    def size(self) -> float:
        return self.sizes[0]

    def has(self, size: float) -> bool:
        """Whether running text is set in ``size``."""
        return any(abs(size - known) <= _SAME for known in self.sizes)

    def wide(self, p: Paragraph) -> bool:
        """A line of ``p`` fills the column of the running text."""
        return any(row.x1 - row.x0 > 0.8 * self.width for row in p.rows)

    def narrow(self, p: Paragraph) -> bool:
        """``p`` stands in a column that the running text does not have, such as that of a table."""
        return p.rows[0].right - p.rows[0].left < 0.62 * self.width

    def reads(self, p: Paragraph) -> bool:
        """Prose and not a label: words make up most of ``p``, and it is a line or more long."""
        text, several = p.text, len(p.rows) > 1
        if len(p.rows) > 2 and len(text) > 200 and self.wide(p):
            return True
        words = WORD.findall(text)
        if not text.isascii() and len(words) * 20 < len(text):  # no spaces between words
            return len(_LETTER.findall(text)) > 0.5 * len(text)
        if several and self.wide(p):
            return len(words) >= 3
        if words and text[0].islower() and ends_sentence(text):
            return True
        least = 0.2 if len(words) > 3 else 0.4
        enough = len(words) >= 2 and sum(map(len, words)) > least * len(text)
        return enough and (several or ends_sentence(text) or len(text) > 40)


def body_style(paragraphs: list[Paragraph]) -> BodyStyle:
    """The size that holds most prose before the references, and further sizes that hold a sixth as much."""
    rows: list[TextLine] = []
    for p in paragraphs:
        if rows and vocabulary.REFERENCES.match(p.text):
            break
        if len(p.rows) > 2 and all(row.cells == 1 for row in p.rows) and not vocabulary.CAPTION.match(p.text):
            rows += [row for row in p.rows[:-1] if row.x1 - row.x0 > 0.75 * (row.right - row.left)]
    if not rows:
        rows = [row for p in paragraphs for row in p.rows]
    sizes: Counter[float] = Counter()
    fonts: Counter[tuple[str, bool, bool]] = Counter()
    widths: Counter[int] = Counter()
    for row in rows:
        length = len(row.text)
        sizes[round(row.size * 2) / 2] += length
        fonts[row.font, row.bold, row.mono] += length
        widths[round(row.right - row.left)] += length
    main, most = sizes.most_common(1)[0]
    style = fonts.most_common(1)[0][0]
    others = [size for size, n in sizes.items() if size != main and n > most / 6 and abs(size - main) < 1.6]
    return BodyStyle((main, *others), *style, float(widths.most_common(1)[0][0]))


def is_formula(p: Paragraph) -> bool:
    """Few rows with a mathematical sign or font and hardly a word."""
    if len(p.rows) > 4 or len(p.text) > 160:
        return False
    if not (_MATH.search(p.text) or _MATH_FONT.match(p.font)):
        return False
    return len(WORD.findall(p.text)) <= 2


def is_caption(p: Paragraph, body: BodyStyle) -> bool:
    """Begins like "Figure 1" and is not a sentence of the running text about that figure."""
    found = vocabulary.CAPTION.match(p.text)
    if not found:
        return False
    first = p.rows[0]
    if not body.has(p.size) or first.bold or first.font != body.font:
        return True
    rest = p.text[found.end() :].strip()
    if found["mark"] or not rest:
        return found["mark"] != "(" or not ends_sentence(p.text)
    return not rest[0].islower() and len(p.rows) < 8
