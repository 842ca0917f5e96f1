"""What the states and readers of a paper are called in the window."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.records import BlockKind, FileState
from embtrainer_gui.core.reference import BETWEEN
from embtrainer_gui.core.store.document_list import DocumentRow
from embtrainer_gui.gui.extractor_words import read_by_label

_GOOD = (FileState.DONE, FileState.PARTIAL, FileState.DUPLICATE)
_WITHOUT_PAGES = frozenset({"txt", "tei", "corpus", "pairs", "test-set"})


@dataclass(frozen=True, slots=True)
class StateWords:
    """Never colour alone: ``text`` and ``icon`` say the same."""

    text: str
    icon: str
    token: str


def _tr(text: str) -> str:
    return QCoreApplication.translate("papers", text)


def state_words(state: str) -> StateWords:
    words = {
        FileState.DONE: StateWords(_tr("Read"), "check", "good"),
        FileState.PARTIAL: StateWords(_tr("Partly read"), "warning", "warn"),
        FileState.DUPLICATE: StateWords(_tr("Duplicate"), "copy", "text-2"),
        FileState.EMPTY: StateWords(_tr("No text"), "info", "warn"),
        FileState.ENCRYPTED: StateWords(_tr("Locked"), "lock", "warn"),
        FileState.FAILED: StateWords(_tr("Failed"), "cross", "bad"),
        FileState.STOPPED: StateWords(_tr("Stopped"), "clock", "bad"),
    }
    return words.get(FileState(state), words[FileState.FAILED])


def reader_words(extractor: str) -> str:
    """Who read the file: "Read by" in the table."""
    words = {
        "pdf": _tr("PDF text"),
        "txt": _tr("Text file"),
        "tei": _tr("GROBID file"),
        "corpus": _tr("Corpus file"),
        "pairs": _tr("Question file"),
        "test-set": _tr("Test set"),
    }
    return words.get(extractor) or read_by_label(extractor)


def how_read(row: DocumentRow) -> str:
    """Who read the paper and why; "" for what is no PDF."""
    if not row.document or not row.why:
        return ""
    text = _tr("Read by {reader}. {why}").format(reader=reader_words(row.extractor), why=row.why)
    return text if row.score is None else text + " " + _tr("Quality: {share} %.").format(share=round(100 * row.score))


def about_words(row: DocumentRow, *, short: bool = False) -> str:
    """Its authors, year and DOI as far as they are known; "" where nothing is. ``short``: as a text cites them."""
    authors = _cited(row.authors) if short else row.authors
    return " · ".join(filter(None, (authors, str(row.year or ""), row.doi and f"doi:{row.doi}")))


def _cited(authors: str) -> str:
    last = [name.split(",")[0] for name in authors.split(BETWEEN)]
    return " & ".join(last) if len(last) <= 2 else _tr("{author} et al.").format(author=last[0])


def can_be_read_again(row: DocumentRow) -> bool:
    """A PDF that was read and of which the project has its copy."""
    return has_pages(row) and row.extractor not in _WITHOUT_PAGES and bool(row.stored) and not has_failed(row)


def kind_words(kind: BlockKind) -> str:
    words = {
        BlockKind.TITLE: _tr("title"),
        BlockKind.HEADING: _tr("heading"),
        BlockKind.ABSTRACT: _tr("abstract"),
        BlockKind.BODY: _tr("text"),
        BlockKind.LIST: _tr("list"),
        BlockKind.FRONT: _tr("authors and dates"),
        BlockKind.CAPTION: _tr("caption"),
        BlockKind.TABLE: _tr("table"),
        BlockKind.FORMULA: _tr("formula"),
        BlockKind.CODE: _tr("code"),
        BlockKind.FOOTNOTE: _tr("footnote"),
        BlockKind.ACKNOWLEDGEMENT: _tr("acknowledgement"),
        BlockKind.REFERENCE: _tr("reference"),
        BlockKind.HIDDEN: _tr("hidden text"),
        BlockKind.EARLIER: _tr("of an earlier reading"),
    }
    return words[kind]


def has_failed(row: DocumentRow) -> bool:
    return row.state not in _GOOD


def is_locked(row: DocumentRow) -> bool:
    return row.state == FileState.ENCRYPTED


def has_pages(row: DocumentRow) -> bool:
    """Whether there are pages to look at; text files and tables have none."""
    return bool(row.document) and (row.extractor not in _WITHOUT_PAGES or row.stored.endswith(".pdf"))
