"""The text of a born-digital PDF as paragraphs in reading order, each with its kind, section and place."""

from __future__ import annotations

import functools
import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embtrainer_gui.core.records import Block, BlockKind, ExtractedDocument, FileState
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract import hidden
from embtrainer_gui.extract.page_range import pages_of, part_read
from embtrainer_gui.extract.pdf_furniture import remove_furniture
from embtrainer_gui.extract.pdf_layout import Layout, Region
from embtrainer_gui.extract.pdf_library import MUPDF_ERRORS, Paper, pymupdf
from embtrainer_gui.extract.pdf_lines import FontStyles, PageText, TextLine
from embtrainer_gui.extract.pdf_paragraphs import Paragraph, ends_sentence, split_region
from embtrainer_gui.extract.pdf_reference import own_reference
from embtrainer_gui.extract.pdf_roles import Roles
from embtrainer_gui.extract.pdf_words import Vocabulary, join_rows
from embtrainer_gui.extract.reading import NoMemory, OnPage, PageMemory, Unreadable
from embtrainer_gui.extract.recognised import settle_sizes
from embtrainer_gui.extract.router import Router

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufefc]")
_FLOWS = frozenset({BlockKind.ABSTRACT, BlockKind.BODY, BlockKind.LIST, BlockKind.REFERENCE})
_PROSE = frozenset({BlockKind.ABSTRACT, BlockKind.BODY, BlockKind.LIST})
_BETWEEN = frozenset({BlockKind.CAPTION, BlockKind.TABLE, BlockKind.FOOTNOTE, BlockKind.FRONT, BlockKind.CODE})


def read_pdf(
    path: Path,
    config: ImportConfig,
    on_page: OnPage,
    password: str | None = None,
    extractor: str = "text",
    memory: PageMemory | None = None,
) -> ExtractedDocument:
    """Read ``path`` up to the limits of ``config``; calls ``on_page`` before each page.

    ``extractor`` is text, layout, ocr, or auto: then the router chooses for each page. ``memory`` holds pages that
    were recognised before.

    Raises Unreadable where no text can be had: encrypted, a scan, damaged, not a PDF, too large.
    """
    tools: Any = pymupdf.TOOLS
    tools.mupdf_display_errors(False)  # its messages may hold escape sequences from the file
    tools.mupdf_display_warnings(False)
    tools.set_icc(False)  # colours say nothing here, and their profiles cost a twentieth of the time
    with _no_cycle_search(), _open(path, config, password) as document:
        total = _page_count(document)
        router = Router(config, extractor, on_page, memory or NoMemory())
        pages, notes, partial = _read_pages(document, total, config, router)
        hidden.look_again(document, pages, lambda page: on_page(page, total, config.page_seconds))
        second_look = functools.partial(router.regions, document, total)
        metadata = _metadata(document)
        title, blocks = _blocks(pages, str(metadata.get("title") or ""), second_look)
    blocks += hidden.blocks_of(pages)
    notes.append(hidden.note_of(pages))
    return ExtractedDocument(
        title,
        total,
        tuple(blocks),
        " ".join(filter(None, notes)),
        "",
        partial,
        router.extractor,
        router.why,
        router.score,
        own_reference(metadata, "\n".join(line.text for page in pages[:1] for line in page.lines)),
    )


@contextmanager
def _no_cycle_search() -> Iterator[None]:
    """Reading makes many objects and no cycles: looking for cycles cost a twentieth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _open(path: Path, config: ImportConfig, password: str | None) -> Any:
    if not path.is_file():  # opening a pipe would block
        raise Unreadable(FileState.FAILED, mark("This is not a file."))
    size = path.stat().st_size
    if not size:
        raise Unreadable(FileState.FAILED, mark("The file is empty (0 bytes)."), mark("Download it again."))
    if size > config.max_file_mb * 1_000_000:
        raise Unreadable(
            FileState.FAILED,
            mark("The file has {size} MB; at most {limit} MB are read."),
            mark("Raise the limit in the import settings."),
            size=round(size / 1_000_000),
            limit=config.max_file_mb,
        )
    open_document: Any = Paper
    try:
        document: Any = open_document(path, filetype="pdf")
    except MUPDF_ERRORS:
        raise _damaged() from None
    if document.needs_pass and not document.authenticate("") and not (password and document.authenticate(password)):
        document.close()
        wrong, missing = mark("The password is wrong."), mark("The file is protected by a password.")
        message = wrong if password else missing
        raise Unreadable(FileState.ENCRYPTED, message, mark("Save a copy without a password and import that."))
    if not document.is_pdf:
        document.close()
        hint = mark("Download the paper itself, not a web page.")
        raise Unreadable(FileState.FAILED, mark("This is not a PDF."), hint)
    return document


def _damaged() -> Unreadable:
    return Unreadable(
        FileState.FAILED,
        mark("The file is damaged or not a PDF."),
        mark("Download it again, or open and save it in a PDF viewer."),
    )


def _page_count(document: Any) -> int:
    try:
        pages = int(document.page_count)
    except MUPDF_ERRORS:
        raise _damaged() from None
    if pages < 1:
        message = mark("The file has no pages: it is damaged or cut short.")
        raise Unreadable(FileState.FAILED, message, mark("Download it again."))
    return pages


def _metadata(document: Any) -> dict[str, Any]:
    try:
        return dict(document.metadata or {})
    except MUPDF_ERRORS:
        return {}


def _read_pages(
    document: Any, total: int, config: ImportConfig, router: Router
) -> tuple[list[PageText], list[str], bool]:
    """Pages with text, a sentence for each thing left out, and whether a limit ended the reading."""
    styles = FontStyles()
    pages: list[PageText] = []
    broken: list[int] = []
    notes: list[str] = []
    characters = 0
    wanted = pages_of(config.pages, total)
    if not wanted:
        message = mark("It has {total} page(s), and none of the pages {pages}.")
        raise Unreadable(FileState.FAILED, message, mark("Choose other pages."), total=total, pages=config.pages)
    for place, number in enumerate(wanted[: config.max_pages]):
        try:
            page = router.read_page(document, number, total, styles)
        except MUPDF_ERRORS as problem:
            if "alloc" in str(problem):  # MuPDF reached the limit on memory: the file is stopped, not damaged
                raise MemoryError from None
            broken.append(number)
            continue
        characters += sum([len(line.text) for line in page.lines])
        if characters > config.max_characters:
            limit = mark("Only the first {n} of {pages} pages were read: the limit is {limit} characters.")
            notes.append(limit.format(n=place, pages=len(wanted), limit=config.max_characters))
            break
        pages.append(page)
    partial = bool(notes)
    if len(wanted) < total:
        notes.append(part_read([page.number for page in pages], total))
    if not partial and len(wanted) > config.max_pages:
        partial = True
        limit = mark("Only the first {n} of {pages} pages were read: that is the limit.")
        notes.append(limit.format(n=config.max_pages, pages=len(wanted)))
    if broken:
        left_out = mark("Damaged pages were left out: {pages}.")
        notes.append(left_out.format(pages=", ".join(map(str, broken[:20]))))
    if broken and not pages:
        raise _damaged()
    if not any(page.lines for page in pages):
        pages = [router.drawn(document, page, total) for page in pages]
    if not partial and not any(page.lines for page in pages):
        raise Unreadable(
            FileState.EMPTY,
            mark("{pages} page(s) without text: scanned images or blank pages."),
            mark("Read it again with text recognition (OCR) if it is a scan."),
            pages=total,
        )
    settle_sizes(pages)
    return pages, notes, partial


SecondLook = Callable[[PageText, list[list[TextLine]]], list[Region] | None]


def _blocks(pages: list[PageText], given_title: str, second_look: SecondLook) -> tuple[str, list[Block]]:
    furniture = remove_furniture(pages)
    paragraphs: list[Paragraph] = []
    region = 0
    layout = Layout(_right_to_left(pages))
    kinds: dict[int, BlockKind] = {}  # of regions, where a second look told
    for page in pages:
        ours = layout.order(page)
        for found in second_look(page, ours) or (Region(rows) for rows in ours):
            paragraphs += split_region(found.rows, region)
            if found.kind is not None:
                kinds[region] = found.kind
            region += 1
    if not paragraphs:
        return "", []
    roles = Roles(paragraphs, furniture, given_title)
    roles.run()
    for p in paragraphs:
        p.kind = kinds.get(p.region, p.kind)
    words = Vocabulary(row.text for p in paragraphs for row in p.rows)
    by_number = {page.number: page for page in pages}
    blocks = []
    for p in _flow(paragraphs):
        text, lines = join_rows(p.rows, words, by_number)
        blocks.append(Block(p.kind, text, p.section, p.rows[0].page, lines))
    return roles.title, blocks


def _right_to_left(pages: list[PageText]) -> bool:
    sample = "".join(line.text for page in pages[:10] for line in page.lines)[:20000]
    return len(_RIGHT_TO_LEFT.findall(sample)) * 3 > len(sample)


def _flow(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Join what goes on in the next column or page, over captions, tables and notes that stand between.

    A displayed formula inside a sentence belongs to the sentence's paragraph.
    """
    joined: list[Paragraph] = []
    current: Paragraph | None = None  # the paragraph that may go on
    displayed = False  # its last rows are a displayed formula
    for p in paragraphs:
        if current is not None and p.kind is BlockKind.FORMULA and _inside_sentence(current, displayed):
            current.rows = current.rows + p.rows
            displayed = True
            continue
        if current is not None and _goes_on(current, p, displayed):
            current.rows = current.rows + p.rows
            current.region, displayed = p.region, False
            continue
        joined.append(p)
        if p.kind in _FLOWS:
            current, displayed = p, False
        elif p.kind not in _BETWEEN:
            current = None
    return joined


def _inside_sentence(first: Paragraph, displayed: bool) -> bool:
    return first.kind in _PROSE and (displayed or first.rows[-1].text[-1] not in ".!?")


def _goes_on(first: Paragraph, second: Paragraph, displayed: bool) -> bool:
    after_list = first.kind is BlockKind.LIST and second.kind is BlockKind.BODY
    if second.kind is not first.kind and not after_list:
        return False
    lower = second.text[0].islower()
    if second.region == first.region:
        return displayed and lower
    text = first.rows[-1].text
    return lower or (not ends_sentence(text) and (text[-1] in "-\u2010" or first.full))
