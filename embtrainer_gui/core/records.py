"""Frozen records that travel between the layers, and their enumerations."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from embtrainer_gui.core.reference import NOTHING_KNOWN, Reference

Box = tuple[int, float, float, float, float]
"""``(page, x0, y0, x1, y1)``: page is 1-based, PDF points, origin top left, page rotation applied."""


class BlockKind(StrEnum):
    """What a block of a paper is; only TITLE, ABSTRACT, BODY and LIST make passages by default."""

    TITLE = "title"
    HEADING = "heading"
    ABSTRACT = "abstract"
    BODY = "body"
    LIST = "list"
    FRONT = "front"  # authors, affiliations, dates, licence, keywords
    CAPTION = "caption"
    TABLE = "table"
    FORMULA = "formula"
    CODE = "code"
    FOOTNOTE = "footnote"
    ACKNOWLEDGEMENT = "acknowledgement"  # with funding, contributions, declarations
    REFERENCE = "reference"
    HIDDEN = "hidden"  # text that no reader of the page sees
    EARLIER = "earlier"  # of an earlier reading of the file: kept for its questions


SEARCHED_KINDS = frozenset({BlockKind.ABSTRACT, BlockKind.BODY, BlockKind.LIST})
"""Kinds whose passages are searched and trained on unless a switch adds others."""


class Line(NamedTuple):  # a frozen dataclass takes twice the time to make, and a paper has thousands
    """``text[start:end]`` of a block stands in ``box`` on the page."""

    start: int
    end: int
    box: Box


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph (or heading, caption, reference...) in reading order."""

    kind: BlockKind
    text: str
    section: str = ""  # nearest heading above it
    page: int = 1
    lines: tuple[Line, ...] = ()
    key: str = ""  # the id of a row that is a passage as it stands (corpus.jsonl)


@dataclass(frozen=True, slots=True)
class ExtractedDocument:
    """All blocks of one document in reading order; ``note`` says what was left out and why."""

    title: str
    pages: int
    blocks: tuple[Block, ...]
    note: str = ""
    key: str = ""  # the document's own identifier, where the source gives one
    partial: bool = False  # a limit was hit: what was read is kept
    extractor: str = ""  # of a PDF: what read it, such as "text" or "text+ocr"
    why: str = ""  # why that one, in words
    score: float | None = None  # how well it could be read, 0 to 1, where the extractor tells
    reference: Reference = NOTHING_KNOWN  # what it says of its authors, its year and its DOI


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as a slow reader (text recognition, a vision model) has read it.

    ``text`` has a line for each line of the page; ``words`` are those of ``text`` in the same order, each with its box
    ``(x0, y0, x1, y1, text)`` on the page as it is shown, and empty where their places are not known. ``score``: how
    well the page could be read, 0 to 1.
    """

    page: int  # from 1
    text: str
    words: tuple[tuple[float, float, float, float, str], ...] = ()
    score: float | None = None


@dataclass(frozen=True, slots=True)
class HowRead:
    """What the user wanted a file to be read by, and what came of it (see ExtractedDocument)."""

    wanted: str = "auto"
    page_range: str = ""
    why: str = ""
    score: float | None = None


class FileState(StrEnum):
    """The outcome of importing one file."""

    DONE = "done"
    PARTIAL = "partial"  # read up to a limit
    EMPTY = "empty"  # opened, but holds no text (a scan, a blank page)
    ENCRYPTED = "encrypted"
    DUPLICATE = "duplicate"
    FAILED = "failed"
    STOPPED = "stopped"  # a limit on time or memory ended it


class Split(StrEnum):
    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """A passage before it has a row: never longer than the model's limit, never across sections."""

    text: str
    kind: BlockKind
    section: str
    page: int
    boxes: tuple[Box, ...]
    tokens: int
    key: str = ""  # the source's own id (``_id`` of corpus.jsonl)
    language: str = ""  # ISO 639-1; "" where it cannot be told
    marks: str = ""  # "maths" or "table": no questions are made of it


@dataclass(frozen=True, slots=True)
class Document:
    """A row of the project: one paper."""

    id: int
    hash: str
    file_name: str
    title: str
    pages: int
    state: FileState
    reason: str
    extractor: str
    split: Split | None
    group: int  # near-duplicate papers share a group


@dataclass(frozen=True, slots=True)
class Passage:
    """A row of the project: one passage; ``number`` counts from 1 inside its document."""

    id: int
    key: str
    document_id: int
    number: int
    kind: BlockKind
    section: str
    page: int
    text: str
    boxes: tuple[Box, ...]
    tokens: int
    language: str = ""
    marks: str = ""


class QuestionKind(StrEnum):
    DEFINITION = "definition"
    CAUSE = "cause"
    METHOD = "method"
    QUANTITY = "quantity"
    COMPARISON = "comparison"
    FACT = "fact"
    KEYWORD = "keyword"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a check flagged a pair (numbers of features.md, section 3)."""

    QUOTE_MISSING = "quote-missing"  # 1
    NEEDS_PAPER = "needs-paper"  # 2
    COPIED = "copied"  # 3
    MALFORMED = "malformed"  # 4
    DUPLICATE = "duplicate"  # 5
    NOT_FOUND = "not-found"  # 6
    AMBIGUOUS = "ambiguous"  # 7
    BAD_PASSAGE = "bad-passage"  # 8
    JUDGED_LOW = "judged-low"  # 9


class PairState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class MadeQuestion:
    """What a generator makes of one passage; ``answer`` occurs verbatim in the passage's text."""

    question: str
    answer: str
    kind: QuestionKind


@dataclass(frozen=True, slots=True)
class QAPair:
    """A row of the project: a question, its answer and the passage that holds it."""

    id: int
    uid: str
    passage_id: int
    question: str
    answer: str
    kind: QuestionKind
    source: str  # builtin, import, hand or the model's name
    state: PairState
    reasons: tuple[Reason, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)  # keys of an imported record that are not ours


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result; ``score`` is the cosine for dense models and the BM25 score for the lexical one."""

    rank: int
    score: float
    passage: Passage
    document: str  # file name
    pair: QAPair | None = None  # whose answer was found, where answers are searched
