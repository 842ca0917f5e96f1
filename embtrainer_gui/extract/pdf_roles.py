"""What each paragraph of a paper is, and the heading it stands under."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from embtrainer_gui.core.records import BlockKind
from embtrainer_gui.extract import pdf_vocabulary as vocabulary
from embtrainer_gui.extract.pdf_furniture import pattern
from embtrainer_gui.extract.pdf_paragraphs import BULLET, END, Paragraph

_SAME = 0.36  # points: sizes that count as one
_WORD = re.compile(r"[^\W\d_]{3,}")
_SENTENCE = re.compile(r"[^\W\d_]{3,}[.。]\s")
_RUN_IN = re.compile(r"^[^.:]{3,60}[.:]\s+[A-Z]\w*\s+[a-z]")
_KEYWORDS = re.compile(r"^(key ?words?|index terms|k e y ?w o r d s)\W*$", re.I)
_LETTER = re.compile(r"[^\W\d_]")
_MATH = re.compile(r"[=≈≤≥±∑∫∏√∂∞→⇒×÷+∈∀∃⊂∪∩^]")
_MATH_FONT = re.compile(r"^(cm(mi|sy|ex)|msam|msbm|.*math|symbol|mtsy|mtmi|rm?tmi|euclid)", re.I)


@dataclass(frozen=True, slots=True)
class BodyStyle:
    """What the running text of the document looks like."""

    sizes: tuple[float, ...]
    font: str
    bold: bool
    width: float

    def has(self, size: float) -> bool:
        return any(abs(size - known) <= _SAME for known in self.sizes)

    @property
    def size(self) -> float:
        return self.sizes[0]


def body_style(paragraphs: list[Paragraph]) -> BodyStyle:
    """The size that holds most prose before the references, and further sizes that hold a sixth as much."""
    chars: Counter[float] = Counter()
    fonts: Counter[tuple[str, bool]] = Counter()
    widths: Counter[int] = Counter()
    for p in paragraphs:
        if vocabulary.REFERENCES.match(p.text) and chars:
            break
        if len(p.rows) < 3 or any(row.cells > 1 for row in p.rows):
            continue
        for row in p.rows[:-1]:
            if row.x1 - row.x0 > 0.75 * (row.right - row.left):
                chars[round(row.size * 2) / 2] += len(row.text)
                fonts[row.font, row.bold] += len(row.text)
                widths[round(row.right - row.left)] += len(row.text)
    if not chars:
        for p in paragraphs:
            for row in p.rows:
                chars[round(row.size * 2) / 2] += len(row.text)
                fonts[row.font, row.bold] += len(row.text)
                widths[round(row.x1 - row.x0)] += len(row.text)
    (main, most), = chars.most_common(1)
    font, bold = fonts.most_common(1)[0][0]
    others = tuple(size for size, n in chars.items() if size != main and n > most / 6 and main - 1.6 < size < main + 1.6)
    return BodyStyle((main, *others), font, bold, float(widths.most_common(1)[0][0]))


class Roles:
    """Walks the paragraphs once in reading order and gives each its kind and section."""

    def __init__(self, paragraphs: list[Paragraph], furniture: set[str], title: str = "") -> None:
        self.paragraphs = paragraphs
        self.body = body_style(paragraphs)
        self.furniture = furniture
        self.title = ""
        self.section = ""
        self.zone = BlockKind.FRONT
        self.heading_size = 0.0
        self.reference_heading: Paragraph | None = None
        self._given_title = title

    def run(self) -> None:
        start = self._start()
        titled = self._find_title(start)
        for number, p in enumerate(self.paragraphs):
            before = self.paragraphs[number - 1] if number else None
            if number in titled:
                p.kind = BlockKind.TITLE
                continue
            if self.zone is BlockKind.FRONT and number >= start:
                self.zone = BlockKind.BODY
            p.kind = self._kind(p, before)
            if before is not None and _KEYWORDS.match(before.text) and p.kind in (BlockKind.ABSTRACT, BlockKind.BODY):
                p.kind = BlockKind.FRONT
            p.section = self.section

    # -- beginning ---------------------------------------------------------

    def _start(self) -> int:
        """Where the front matter ends at the latest: the abstract, the introduction, or the first real paragraph."""
        first = next((n for n, p in enumerate(self.paragraphs) if self._prose(p)), len(self.paragraphs))
        last_page = self.paragraphs[0].rows[0].page + 2 if self.paragraphs else 1
        for number, p in enumerate(self.paragraphs):
            if p.rows[0].page > last_page:
                break
            text = p.text
            if vocabulary.ABSTRACT.match(text) or vocabulary.INTRODUCTION.match(text) or vocabulary.ABSTRACT_RUN_IN.match(text):
                return number
        return first

    def _prose(self, p: Paragraph) -> bool:
        text = p.text
        return (
            len(p.rows) >= 3 and len(text) > 200 and self.body.has(p.size) and not vocabulary.FRONT.match(text)
            and not vocabulary.LICENCE.search(text[:200]) and bool(END.search(text) or p.full)
        )  # fmt: skip

    def _find_title(self, start: int) -> set[int]:
        paragraphs = [(n, p) for n, p in enumerate(self.paragraphs[: max(start, 1)]) if p.rows[0].page <= 2]
        candidates = [
            (n, p) for n, p in paragraphs
            if p.size > self.body.size - 0.5 and len(_WORD.findall(p.text)) >= 2 and len(p.text) < 400
            and not vocabulary.FRONT.match(p.text) and not vocabulary.CAPTION.match(p.text)
        ]  # fmt: skip
        if not candidates:
            return set()
        wanted = set(_WORD.findall(self._given_title.lower()))
        if len(wanted) > 2:
            for n, p in candidates:
                words = set(_WORD.findall(p.text.lower()))
                if len(words & wanted) > 0.7 * max(len(wanted), len(words)):
                    self.title = p.text
                    return {n}
        fresh = [(n, p) for n, p in candidates if not self._is_masthead(p.text)] or candidates
        largest = max(p.size for _, p in fresh)
        number, best = next((n, p) for n, p in fresh if p.size > largest - 0.3)
        if largest < self.body.size + 0.8 and not best.bold and best.rows[0].page > 1:
            return set()
        chosen = {number}
        for n, p in fresh:  # a title of several pieces
            if n == max(chosen) + 1 and abs(p.size - best.size) < 0.3 and p.step < 1.7 * p.size:
                chosen.add(n)
        self.title = " ".join(self.paragraphs[n].text for n in sorted(chosen))
        return chosen

    def _is_masthead(self, text: str) -> bool:
        plain = pattern(text).strip()
        return any(plain in known for known in self.furniture)

    # -- each paragraph ----------------------------------------------------

    def _kind(self, p: Paragraph, before: Paragraph | None) -> BlockKind:
        text = p.text
        if self._is_caption(p, text) or self._continues_caption(p, before):
            return BlockKind.CAPTION
        if self._is_heading(p, text):
            return self._enter(p, text)
        if self.zone is BlockKind.REFERENCE:
            return BlockKind.REFERENCE
        if self._is_table(p, text, before):
            return BlockKind.TABLE
        if all(row.mono for row in p.rows):
            return BlockKind.CODE
        if self.zone is BlockKind.FRONT:
            return BlockKind.ABSTRACT if self._is_abstract(p, text) else BlockKind.FRONT
        if vocabulary.ABSTRACT_RUN_IN.match(text):
            return BlockKind.ABSTRACT
        if vocabulary.BACK_RUN_IN.match(text):
            return BlockKind.ACKNOWLEDGEMENT
        if p.rows[0].page <= 2 and self._is_front(p, text):
            return BlockKind.FRONT
        if self._is_formula(p, text):
            return BlockKind.FORMULA
        if self.zone is BlockKind.ABSTRACT and p.rows[0].page <= 3:
            return BlockKind.ABSTRACT
        if not self.body.has(p.size):
            return self._small(p, text, before)
        if self.zone is BlockKind.ACKNOWLEDGEMENT:
            return BlockKind.ACKNOWLEDGEMENT
        if BULLET.match(text):
            return BlockKind.LIST
        if not self._reads(p, text):
            return BlockKind.TABLE
        return BlockKind.BODY

    def _continues_caption(self, p: Paragraph, before: Paragraph | None) -> bool:
        """Text below a label such as "Figure 1" that stands alone, until the style of the body comes back."""
        if before is None or before.kind is not BlockKind.CAPTION or before.region != p.region:
            return False
        label = vocabulary.CAPTION.match(before.text)
        alone = label is not None and len(before.text) - label.end() < 3
        return (alone or before.font == p.font) and (p.font != self.body.font or not self.body.has(p.size))

    def _is_caption(self, p: Paragraph, text: str) -> bool:
        found = vocabulary.CAPTION.match(text)
        if not found:
            return False
        rest = text[found.end() :].strip()
        if not self.body.has(p.size) or p.rows[0].bold or p.rows[0].font != self.body.font:
            return True
        if found["mark"] or not rest:
            return found["mark"] != "(" or not END.search(text)
        return not rest[0].islower() and len(p.rows) < 8 and not re.match(r"(shows?|presents?|lists?|gives?|and)\b", rest)

    def _is_heading(self, p: Paragraph, text: str) -> bool:
        if len(p.rows) > 4 or len(text) > 220 or not _LETTER.search(text) or any(row.cells > 1 for row in p.rows):
            return False
        known = self._known_heading(text)
        row = p.rows[0]
        if row.right - row.left < 0.62 * self.body.width and self.zone is not BlockKind.FRONT:
            return False  # the head of a table's column
        if known and len(p.rows) <= 2 and p.size > self.body.size - 2.6:
            return True
        words = _WORD.findall(text)
        if self.zone is BlockKind.FRONT or not words or p.size < self.body.size - 1.1:
            return False
        if vocabulary.FRONT.match(text) or text[0].islower() or re.search(r"[,;]$|@", text) or (END.search(text) and text[-1] in ".;!" and not self._shaped(p, text)):
            return False
        if self.zone is BlockKind.REFERENCE:
            heading = self.reference_heading
            return heading is not None and abs(p.size - heading.size) < 0.3 and p.font == heading.font and (p.size > self.body.size or p.bold) and p.rows[0].font != self.body.font and not vocabulary.YEAR.search(text)
        return self._shaped(p, text)

    def _shaped(self, p: Paragraph, text: str) -> bool:
        """Set like a heading: larger, or bold, or italic or numbered or in capitals and alone."""
        if p.size > self.body.size + 0.8:
            return True
        row = p.rows[-1]
        if p.bold and not self.body.bold:
            run_in = len(p.rows) < 3 and _RUN_IN.match(text) and (row.x1 - row.x0 > 0.85 * (row.right - row.left) or END.search(text))
            return not run_in
        short = row.x1 - row.x0 < 0.85 * (row.right - row.left) or len(p.rows) > 1
        if not short or END.search(text):
            return False
        if text.isupper() and len(text) > 4:
            return True
        return bool((row.italic or row.font != self.body.font) and vocabulary.NUMBERED.match(text)) or (row.italic and len(p.rows) == 1 and len(text) > 3)

    def _known_heading(self, text: str) -> bool:
        return len(text) < 90 and any(
            words.match(text)
            for words in (vocabulary.ABSTRACT, vocabulary.INTRODUCTION, vocabulary.REFERENCES, vocabulary.BACK)
        )

    def _enter(self, p: Paragraph, text: str) -> BlockKind:
        """A heading: what follows belongs to it."""
        if vocabulary.REFERENCES.match(text):
            self.zone, self.reference_heading = BlockKind.REFERENCE, p
        elif vocabulary.ABSTRACT.match(text) and p.rows[0].page <= 4:
            self.zone = BlockKind.ABSTRACT
        elif self.zone is BlockKind.ABSTRACT and vocabulary.ABSTRACT_PART.match(text) and not vocabulary.NUMBERED.match(text):
            pass
        elif vocabulary.BACK.match(text):
            self.zone = BlockKind.ACKNOWLEDGEMENT
        else:
            self.zone = BlockKind.BODY
        self.section = text
        return BlockKind.HEADING

    def _is_table(self, p: Paragraph, text: str, before: Paragraph | None) -> bool:
        split = sum(row.cells > 1 for row in p.rows)
        if split * 2 >= len(p.rows) and not (self.body.has(p.size) and split == 1 and len(p.rows) > 1):
            return True
        if before is None or before.rows[0].page != p.rows[0].page:
            return False
        if self._narrow(p):
            return True
        near = before.kind is BlockKind.TABLE or (before.kind is BlockKind.CAPTION and re.match("tab", before.text, re.I))
        return bool(near) and not self.body.has(p.size) and not self._wide(p)

    def _narrow(self, p: Paragraph) -> bool:
        """In a column that the document's text does not have: cells that were read as columns."""
        row = p.rows[0]
        return row.right - row.left < 0.62 * self.body.width and self.body.has(p.size) and len(p.rows) < 12

    def _wide(self, p: Paragraph) -> bool:
        return any(row.x1 - row.x0 > 0.8 * self.body.width for row in p.rows)

    def _is_front(self, p: Paragraph, text: str) -> bool:
        if vocabulary.FRONT.match(text):
            return True
        return p.size < self.body.size - 0.3 and bool(vocabulary.LICENCE.search(text))

    def _is_abstract(self, p: Paragraph, text: str) -> bool:
        """A long paragraph of prose in the front matter, where no heading says what it is."""
        return (
            len(p.rows) >= 4 and len(text) > 350 and not vocabulary.FRONT.match(text)
            and not vocabulary.LICENCE.search(text[:250]) and len(_SENTENCE.findall(text)) >= 2
        )  # fmt: skip

    def _is_formula(self, p: Paragraph, text: str) -> bool:
        if len(p.rows) > 4 or len(text) > 160:
            return False
        words = len(_WORD.findall(text))
        return words <= 2 and (bool(_MATH.search(text)) or bool(_MATH_FONT.match(p.font)))

    def _small(self, p: Paragraph, text: str, before: Paragraph | None) -> BlockKind:
        """Text in a size that the running text does not have."""
        if before is not None and before.kind in (BlockKind.CAPTION, BlockKind.TABLE, BlockKind.FOOTNOTE) and p.rows[0].page == before.rows[0].page:
            return before.kind
        if self.zone is BlockKind.ACKNOWLEDGEMENT:
            return BlockKind.ACKNOWLEDGEMENT
        if p.size > self.body.size:
            return BlockKind.BODY if self._reads(p, text) else BlockKind.TABLE
        return BlockKind.FOOTNOTE if self._reads(p, text) else BlockKind.TABLE

    def _reads(self, p: Paragraph, text: str) -> bool:
        """Prose and not a label: words make up most of it, and it is a line or more long."""
        words = _WORD.findall(text)
        if not text.isascii() and len(words) * 20 < len(text):
            return len(_LETTER.findall(text)) > 0.5 * len(text)
        if len(p.rows) > 1 and self._wide(p):
            return len(words) >= 3
        if words and text[0].islower() and END.search(text):
            return True
        return len(words) >= 2 and sum(map(len, words)) > (0.2 if len(words) > 3 else 0.4) * len(text) and (len(p.rows) > 1 or bool(END.search(text)) or len(text) > 40)
