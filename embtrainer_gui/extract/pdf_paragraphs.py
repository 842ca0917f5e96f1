"""Rows of a column to paragraphs, and paragraphs that go on in the next column or page."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

from embtrainer_gui.core.records import BlockKind
from embtrainer_gui.extract.pdf_lines import TextLine

_END = re.compile(r"[.!?:;。!?؟][\"'”’)\]]*\s*[\d,–\-\[\]]*$")
BULLET = re.compile(r"^([•●▪■◦‣∙·*–—➢✓\ufffd]\s+|[\uf0b7\uf0a7]\s*|\(?([ivx]{1,4}|[a-zA-Z]|\d{1,2})[.)]\s+(?=\S))")


def ends_sentence(text: str) -> bool:
    """Whether ``text`` stops with a full stop or the like, a citation mark after it allowed."""
    return not text[-1:].isalpha() and _END.search(text[-24:]) is not None


@dataclass(slots=True)
class Paragraph:
    """Rows that belong together, with the style of most of them."""

    rows: list[TextLine]
    text: str  # rows joined with spaces: enough to tell what it is
    size: float
    font: str
    region: int
    kind: BlockKind = BlockKind.BODY
    section: str = ""
    step: float = 0.0  # from the baseline above, in points

    @property
    def bold(self) -> bool:
        return all(row.bold for row in self.rows)

    @property
    def full(self) -> bool:
        """The last row reaches the column's right edge: the paragraph may go on elsewhere."""
        last = self.rows[-1]
        return last.x1 > last.right - 2.5 * last.size


def split_region(rows: list[TextLine], region: int) -> list[Paragraph]:
    """Paragraphs of one region, by leading, indents, short last lines, changes of style, and bullets."""
    if not rows:
        return []
    leadings = _leadings(rows)
    found: list[Paragraph] = []
    current = [rows[0]]
    listed = BULLET.match(rows[0].text) is not None
    above = 99.0
    for number in range(1, len(rows)):
        before, row = rows[number - 1], rows[number]
        step = row.base - before.base
        leading = leadings.get(round(row.size), 1.2 * row.size)
        after = rows[number + 1] if number + 1 < len(rows) else None
        bullet = BULLET.match(row.text) is not None
        if _breaks(current, row, after, step, leading, bullet, listed):
            found.append(_paragraph(current, region, above))
            current, above, listed = [], step, bullet
        current.append(row)
    found.append(_paragraph(current, region, above))
    return found


def _paragraph(rows: list[TextLine], region: int, above: float) -> Paragraph:
    main = max(rows, key=lambda row: len(row.text)) if len(rows) < 3 else rows[1]
    return Paragraph(rows, " ".join([row.text for row in rows]), main.size, main.font, region, step=above)


def _leadings(rows: list[TextLine]) -> dict[int, float]:
    """The usual step from baseline to baseline for each size of text (rounded)."""
    steps: dict[int, list[int]] = defaultdict(list)
    for a, b in pairwise(rows):
        step = b.base - a.base
        if step > 0 and abs(a.size - b.size) < 1:
            size = round(b.size)
            if step > 0.8 * size:
                steps[size].append(round(step))
    found = {}
    for size, every in steps.items():
        counts = Counter(every)
        least = 0.25 * len(every)
        usual = [step for step, n in counts.items() if n >= least] or list(counts)
        found[size] = float(min(usual))
    return found


def _breaks(
    current: list[TextLine],
    row: TextLine,
    after: TextLine | None,
    step: float,
    leading: float,
    bullet: bool,
    listed: bool,
) -> bool:
    """Whether ``row`` begins a paragraph; ``after`` is the row below, ``step`` the distance from the row above.

    ``bullet``: it begins with one; ``listed``: so does the paragraph above.
    """
    before, size = current[-1], row.size
    room = before.right - before.x1
    if step > max(1.38 * leading, 1.1 * max(before.size, size)):
        return True
    # a line's size is that of its first character: one bold word may be larger
    running = step < 1.38 * leading and row.text[0].islower() and room < 2.5 * size
    if abs(size - before.size) > 0.09 * size and not _same_style(before, row) and not running:
        return True
    first = current[0]
    if listed:
        if not bullet and row.x0 > first.x0 + 2:
            return False
        if bullet and row.x0 < first.x0 + 2:
            return True
    ends = ends_sentence(before.text)
    if row.bold != before.bold and (room > 2 * size or (row.bold and ends)) and not _carries_on(before, row):
        return True
    if (before.cells > 1) != (row.cells > 1) or (bullet and (ends or room > 3 * size)):
        return True
    if _indented(current, row, after, leading, ends):
        return True
    word = row.text.split(" ", 1)[0]
    spare = room - 0.5 * size * len(word)  # the next word would have fitted
    return spare > size and (ends or spare > 0.2 * (before.right - before.left))


def _indented(current: list[TextLine], row: TextLine, after: TextLine | None, leading: float, ends: bool) -> bool:
    """A first line set in, and no block that is set in as a whole; or the return from a hanging indent."""
    before, size = current[-1], row.size
    indent, above = row.x0 - row.left, before.x0 - before.left
    if 0.7 * size < indent < 0.3 * (row.right - row.left) and above < 0.5 * size:
        block = after is not None and after.x0 - after.left > 0.7 * size and after.base - row.base < 1.4 * leading
        return not block or (len(current) > 1 and current[-2].x0 - current[-2].left < 0.5 * size and ends)
    return indent < 0.5 * size and above > 0.7 * size and len(current) > 1


def _carries_on(before: TextLine, row: TextLine) -> bool:
    return row.text[0].islower() or (before.text[-1] in "-\u2010," and not row.bold)


def _same_style(before: TextLine, row: TextLine) -> bool:
    """The size of a row is its first character's: a small mark there is told by the row's height."""
    small, large = sorted((before, row), key=lambda r: r.size)
    height = small.y1 - small.y0
    return height > 1.2 * small.size and abs(height - (large.y1 - large.y0)) < 0.45 * large.size
