"""The text of a born-digital PDF as paragraphs in reading order, each with its kind, section and place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymupdf

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import Block, BlockKind, ExtractedDocument, FileState
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.pdf_furniture import remove_furniture
from embtrainer_gui.extract.pdf_layout import Layout
from embtrainer_gui.extract.pdf_lines import FontStyles, PageText, read_page
from embtrainer_gui.extract.pdf_paragraphs import END, Paragraph, split_region
from embtrainer_gui.extract.pdf_roles import Roles
from embtrainer_gui.extract.pdf_words import Vocabulary, join_rows
from embtrainer_gui.extract.reading import OnPage, Unreadable

_FLOWS = frozenset({BlockKind.ABSTRACT, BlockKind.BODY, BlockKind.LIST, BlockKind.REFERENCE})
_BETWEEN = frozenset({BlockKind.CAPTION, BlockKind.TABLE, BlockKind.FOOTNOTE, BlockKind.FRONT, BlockKind.CODE})


def read_pdf(path: Path, config: ImportConfig, on_page: OnPage, password: str | None = None) -> ExtractedDocument:
    """Read ``path`` up to the limits of ``config``; calls ``on_page`` before each page.

    Raises Unreadable where no text can be had: encrypted, a scan, damaged, not a PDF, too large.
    """
    with _open(path, config, password) as document:
        pages, notes, partial = _read_pages(document, config, on_page)
        total = document.page_count
        given = str((document.metadata or {}).get("title") or "")
    if not any(page.lines for page in pages):
        raise Unreadable(
            FileState.EMPTY,
            mark("{pages} pages, but no text: probably a scan."),
            mark("Scanned pages need text recognition (OCR) first."),
            pages=total,
        )
    title, blocks = _blocks(pages, given)
    return ExtractedDocument(title, total, tuple(blocks), " ".join(notes), partial=partial)


def _open(path: Path, config: ImportConfig, password: str | None) -> Any:
    pymupdf.TOOLS.mupdf_display_errors(False)  # its messages may hold escape sequences of the file
    pymupdf.TOOLS.mupdf_display_warnings(False)
    return pymupdf.open(path)


def _read_pages(document: Any, config: ImportConfig, on_page: OnPage) -> tuple[list[PageText], list[str], bool]:
    styles = FontStyles()
    pages: list[PageText] = []
    total = document.page_count
    for number in range(min(total, config.max_pages)):
        on_page(number + 1, total)
        pages.append(read_page(document[number], styles))
    return pages, [], False


def _blocks(pages: list[PageText], given_title: str) -> tuple[str, list[Block]]:
    furniture = remove_furniture(pages)
    paragraphs: list[Paragraph] = []
    region = 0
    layout = Layout()
    for page in pages:
        for rows in layout.order(page):
            paragraphs += split_region(rows, region)
            region += 1
    if not paragraphs:
        return "", []
    roles = Roles(paragraphs, furniture, given_title)
    roles.run()
    words = Vocabulary(row.text for p in paragraphs for row in p.rows)
    by_number = {page.number: page for page in pages}
    blocks = []
    for p in _flow(paragraphs):
        text, lines = join_rows(p.rows, words, by_number)
        blocks.append(Block(p.kind, text, p.section, p.rows[0].page, lines))
    return roles.title, blocks


def _flow(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Join what goes on in the next column or page, over captions, tables and notes that stand between."""
    joined: list[Paragraph] = []
    open_one: Paragraph | None = None
    for p in paragraphs:
        if open_one is not None and p.kind is open_one.kind and p.region != open_one.region and _goes_on(open_one, p):
            open_one.rows = open_one.rows + p.rows
            open_one.region = p.region
            continue
        joined.append(p)
        if p.kind in _FLOWS:
            open_one = p
        elif p.kind not in _BETWEEN:
            open_one = None
    return joined


def _goes_on(first: Paragraph, second: Paragraph) -> bool:
    text, below = first.rows[-1].text, second.rows[0].text
    if END.search(text):
        return below[:1].islower()
    return below[:1].islower() or text[-1] in "-\u2010" or first.full
