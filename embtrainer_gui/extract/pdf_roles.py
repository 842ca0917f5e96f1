"""What each paragraph of a paper is, and the heading it stands under."""

from __future__ import annotations

import re

from embtrainer_gui.core.records import BlockKind
from embtrainer_gui.extract import pdf_vocabulary as vocabulary
from embtrainer_gui.extract.pdf_headings import is_heading, like
from embtrainer_gui.extract.pdf_paragraphs import BULLET, Paragraph, ends_sentence
from embtrainer_gui.extract.pdf_style import BodyStyle, body_style, is_caption, is_formula
from embtrainer_gui.extract.pdf_title import find_title

_SENTENCE = re.compile(r"[^\W\d_]{3,}[.。]\s")
_LABEL = re.compile(r"^(key ?words?|index terms|k ?e ?y ?w ?o ?r ?d ?s)\W*$|^.{3,40}:$", re.I)  # of what follows it
_ARTICLE_TYPE = re.compile(
    r"^((short|brief|rapid|original) (communication|report|article|paper)|(mini[- ]?|systematic )?review( article)?|"
    r"case report|research (article|paper|note)|technical note|letter to the editor)\s+(?=[A-Z])",
    re.I,
)
_TABLE = re.compile(r"tab|cuadro|表|جدول|таб", re.I)
_ASIDE = (BlockKind.CAPTION, BlockKind.TABLE, BlockKind.FOOTNOTE)


class Roles:
    """Walks the paragraphs once in reading order and gives each its kind and section."""

    def __init__(self, paragraphs: list[Paragraph], furniture: set[str], given_title: str = "") -> None:
        self.title = ""
        self._paragraphs = paragraphs
        self._body: BodyStyle = body_style(paragraphs)
        self._furniture = furniture
        self._given_title = given_title
        self._section = ""
        self._zone = BlockKind.FRONT  # what the last heading opened
        self._reference_heading: Paragraph | None = None
        self._reference_style: tuple[str, float] | None = None

    def run(self) -> None:
        start = self._start()
        front = self._paragraphs[: max(start, 1)]
        titled = find_title(front, self._body, self._furniture, self._given_title)
        self.title = _ARTICLE_TYPE.sub("", " ".join(self._paragraphs[n].text for n in sorted(titled)))
        before: Paragraph | None = None
        for number, p in enumerate(self._paragraphs):
            if number in titled:
                p.kind = BlockKind.TITLE
            else:
                if self._zone is BlockKind.FRONT and number >= start:
                    self._zone = BlockKind.BODY
                p.kind = self._kind(p, before)
                p.section = self._section
            before = p
        if self._reference_heading is None:
            self._mark_references()

    def _start(self) -> int:
        """Where the front matter ends at the latest: the abstract, the introduction, or the first real paragraph."""
        last_page = self._paragraphs[0].rows[0].page + 2
        for number, p in enumerate(self._paragraphs):
            if p.rows[0].page > last_page:
                break
            openings = (vocabulary.ABSTRACT, vocabulary.INTRODUCTION, vocabulary.ABSTRACT_RUN_IN)
            if any(words.match(p.text) for words in openings):
                return number
        numbered = enumerate(self._paragraphs)
        return next((n for n, p in numbered if self._is_prose(p) or self._opens_list(n)), len(self._paragraphs))

    def _opens_list(self, number: int) -> bool:
        """A sentence that three marked points follow, as no front matter has."""
        p, points = self._paragraphs[number], self._paragraphs[number + 1 : number + 4]
        marked = len(points) == 3 and all(point.text[0] in "•●▪■◦‣∙" for point in points)
        return marked and p.text.endswith(":") and len(p.text) > 100 and self._body.has(p.size)

    def _is_prose(self, p: Paragraph) -> bool:
        if len(p.rows) < 3 or len(p.text) < 200 or not self._body.has(p.size) or vocabulary.FRONT.match(p.text):
            return False
        return not vocabulary.LICENCE.search(p.text[:200]) and (ends_sentence(p.text) or p.full)

    def _kind(self, p: Paragraph, before: Paragraph | None) -> BlockKind:
        """Kinds that show in the type or the words of ``p`` first, then what the last heading says."""
        text, page = p.text, p.rows[0].page
        if is_caption(p, self._body) or self._continues_caption(p, before):
            return BlockKind.CAPTION
        if not self._body.mono and p.rows[0].mono and all(row.mono for row in p.rows):
            return BlockKind.CODE
        if is_heading(p, before, self._body, self._zone) and self._may_open(p):
            return self._open(p)
        if self._zone is BlockKind.REFERENCE or (p.font, p.size) == self._reference_style:
            return self._reference(p)
        in_table = before is not None and before.kind in (BlockKind.TABLE, BlockKind.CAPTION)
        if not in_table and "=" in text and is_formula(p):
            return BlockKind.FORMULA
        if self._is_table(p, before):
            return BlockKind.TABLE
        if self._zone is BlockKind.FRONT:
            return BlockKind.ABSTRACT if self._is_abstract(p) else BlockKind.FRONT
        if page <= 3 and vocabulary.ABSTRACT_RUN_IN.match(text):
            return BlockKind.ABSTRACT
        if vocabulary.BACK_RUN_IN.match(text):
            return BlockKind.ACKNOWLEDGEMENT
        if page <= 2 and self._is_front(p, before):
            return BlockKind.FRONT
        if is_formula(p):
            return BlockKind.FORMULA
        return self._by_zone(p, before)

    def _by_zone(self, p: Paragraph, before: Paragraph | None) -> BlockKind:
        if self._zone is BlockKind.ABSTRACT and p.rows[0].page <= 3:
            return BlockKind.ABSTRACT
        if not self._body.has(p.size):
            return self._small(p, before)
        if self._zone is BlockKind.ACKNOWLEDGEMENT:
            return BlockKind.ACKNOWLEDGEMENT
        if BULLET.match(p.text):
            return BlockKind.LIST
        return BlockKind.BODY if self._body.reads(p) else BlockKind.TABLE

    def _small(self, p: Paragraph, before: Paragraph | None) -> BlockKind:
        """Text in a size that the running text does not have."""
        if before is not None and before.kind in _ASIDE and p.rows[0].page == before.rows[0].page:
            return before.kind
        if self._zone is BlockKind.ACKNOWLEDGEMENT:
            return BlockKind.ACKNOWLEDGEMENT
        if not self._body.reads(p):
            return BlockKind.TABLE
        return BlockKind.BODY if p.size > self._body.size else BlockKind.FOOTNOTE

    def _may_open(self, p: Paragraph) -> bool:
        """Among references only a heading in the type of theirs is believed."""
        heading = self._reference_heading
        if self._zone is not BlockKind.REFERENCE or heading is None:
            return True
        return vocabulary.BACK.match(p.text) is not None or like(p, heading, self._body)

    def _open(self, p: Paragraph) -> BlockKind:
        """A heading: what follows belongs to it."""
        text = p.text
        if vocabulary.REFERENCES.match(text):
            self._zone, self._reference_heading = BlockKind.REFERENCE, p
        elif vocabulary.ABSTRACT.match(text) and p.rows[0].page <= 4:
            self._zone = BlockKind.ABSTRACT
        elif vocabulary.BACK.match(text):
            if self._zone is not BlockKind.FRONT:
                self._zone = BlockKind.ACKNOWLEDGEMENT
        elif self._zone is not BlockKind.ABSTRACT or not self._is_abstract_part(text):
            self._zone = BlockKind.BODY
        self._section = text
        return BlockKind.HEADING

    def _is_abstract_part(self, text: str) -> bool:
        return vocabulary.ABSTRACT_PART.match(text) is not None and not vocabulary.NUMBERED.match(text)

    def _reference(self, p: Paragraph) -> BlockKind:
        if self._reference_style is None and len(p.text) > 30:
            self._reference_style = ("", 0.0) if self._body.has(p.size) else (p.font, p.size)
        return BlockKind.REFERENCE

    def _mark_references(self) -> None:
        """A list of references without a heading: many numbered or named entries with a year in the second half."""
        half = self._paragraphs[len(self._paragraphs) // 2 :]
        entries = [p for p in half if vocabulary.REFERENCE_ITEM.match(p.text) and vocabulary.YEAR.search(p.text)]
        if len(entries) >= 8:
            for p in entries:
                p.kind = BlockKind.REFERENCE

    def _continues_caption(self, p: Paragraph, before: Paragraph | None) -> bool:
        """Text below a label such as "Figure 1" that stands alone, until the style of the body comes back."""
        if before is None or before.kind is not BlockKind.CAPTION or before.region != p.region:
            return False
        label = vocabulary.CAPTION.match(before.text)
        alone = label is not None and len(before.text) - label.end() < 3
        return (alone or before.font == p.font) and (p.font != self._body.font or not self._body.has(p.size))

    def _is_table(self, p: Paragraph, before: Paragraph | None) -> bool:
        split = sum([row.cells > 1 for row in p.rows])
        usual = self._body.has(p.size)
        if split * 2 >= len(p.rows) and not (usual and split == 1 and len(p.rows) > 1):
            return True
        if before is None or before.rows[0].page != p.rows[0].page:
            return False
        if usual:
            return self._body.narrow(p) and len(p.rows) < 12
        near = before.kind is BlockKind.TABLE or (before.kind is BlockKind.CAPTION and _TABLE.match(before.text))
        return bool(near) and not self._body.wide(p)

    def _is_front(self, p: Paragraph, before: Paragraph | None) -> bool:
        if before is not None and before.kind is BlockKind.FRONT and _LABEL.match(before.text):
            return True
        found = vocabulary.FRONT.match(p.text)
        if found:
            label = p.text[found.end() : found.end() + 2]
            return not self._is_long(p) or ":" in label or "." in label
        return p.size < self._body.size - 0.3 and vocabulary.LICENCE.search(p.text) is not None

    def _is_long(self, p: Paragraph) -> bool:
        return len(p.rows) >= 4 and self._body.has(p.size) and not vocabulary.LICENCE.search(p.text)

    def _is_abstract(self, p: Paragraph) -> bool:
        """A long paragraph of prose in the front matter, where no heading says what it is."""
        text = p.text
        if len(p.rows) < 4 or len(text) < 350 or vocabulary.FRONT.match(text) or vocabulary.LICENCE.search(text[:250]):
            return False
        return len(_SENTENCE.findall(text)) >= 2
