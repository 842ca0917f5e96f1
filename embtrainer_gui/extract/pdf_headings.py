"""Which paragraphs are headings."""

from __future__ import annotations

import re

from embtrainer_gui.core.records import BlockKind
from embtrainer_gui.extract import pdf_vocabulary as vocabulary
from embtrainer_gui.extract.pdf_paragraphs import Paragraph, ends_sentence
from embtrainer_gui.extract.pdf_style import WORD, BodyStyle

_RUN_IN = re.compile(r"^[^.:]{3,60}[.:]\s+[A-Z]\w*\s+[a-z]")  # "Methods. The study was"
_NOT_AT_END = re.compile(r"[,;]$|@")
_KNOWN = (vocabulary.ABSTRACT, vocabulary.INTRODUCTION, vocabulary.REFERENCES, vocabulary.BACK)
_IN_TABLE = (BlockKind.TABLE, BlockKind.CAPTION)


def is_heading(p: Paragraph, before: Paragraph | None, body: BodyStyle, zone: BlockKind) -> bool:
    """Whether ``p`` is a heading, by its words or its type; in the front matter by its words only."""
    text = p.text
    if len(p.rows) > 4 or len(text) > 220 or any(row.cells > 1 for row in p.rows):
        return False
    narrow = p.size < body.size + 0.8 and body.narrow(p)
    if narrow and before is not None and before.kind in _IN_TABLE and before.rows[0].page == p.rows[0].page:
        return False  # the head of a table's column
    if len(p.rows) <= 2 and len(text) < 90 and p.size > body.size - 2.6 and any(w.match(text) for w in _KNOWN):
        return True
    if zone is BlockKind.FRONT or p.size < body.size - 1.1 or narrow or text[0] == "•":
        return False
    if not WORD.search(text) or text[0].islower() or _NOT_AT_END.search(text) or vocabulary.FRONT.match(text):
        return False
    return _shaped(p, body)


def like(p: Paragraph, heading: Paragraph, body: BodyStyle) -> bool:
    """Set in the type of ``heading``, which differs from the running text: how the references are left again."""
    if abs(p.size - heading.size) > 0.3 or p.font != heading.font or vocabulary.YEAR.search(p.text):
        return False
    return p.size > body.size + 0.8 or (p.rows[0].font != body.font and (p.bold or p.size > body.size))


def _shaped(p: Paragraph, body: BodyStyle) -> bool:
    """Larger, or bold; or alone on its line and italic, numbered, in capitals or in another font."""
    text, row = p.text, p.rows[-1]
    ends = ends_sentence(text)
    if p.size > body.size + 0.8:
        return True
    filled = row.x1 - row.x0 > 0.85 * (row.right - row.left)
    if p.bold and not body.bold:
        return not (len(p.rows) < 3 and _RUN_IN.match(text) and (filled or ends))
    single = len(p.rows) == 1
    if (filled and single) or ends or len(text) < 4:
        return False
    if text.isupper() or (row.italic and single):
        return True
    other = row.font != body.font and not row.mono
    if other and single and body.has(p.size) and p.step > 1.5 * p.size and text[0].isupper():
        return True
    return (row.italic or other) and vocabulary.NUMBERED.match(text) is not None
