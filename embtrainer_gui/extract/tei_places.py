"""Places for a TEI that came without coordinates, or with some: its paragraphs are looked for on its PDF's pages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from embtrainer_gui.core.messages import Word
from embtrainer_gui.core.records import SEARCHED_KINDS, Block, ExtractedDocument
from embtrainer_gui.extract.page_picture import words_of
from embtrainer_gui.extract.pdf_library import pymupdf
from embtrainer_gui.extract.word_places import PageWords, plain_word

RUN = 3  # words in a row that tell a page
LEAST_SHARE = 0.15  # of a paragraph's runs, for a neighbour of its page to hold a part of it
MUPDF_ERRORS = (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase)

_Run = tuple[str, ...]


def with_places(
    document: ExtractedDocument, pdf: Path, max_pages: int, on_page: Callable[[int, int], None]
) -> ExtractedDocument:
    """``document`` with lines for the blocks that have none; as it came where its text has all, or the PDF cannot be
    read."""
    if all(block.lines for block in document.blocks if block.kind in SEARCHED_KINDS):
        return document
    try:
        pages, total = _words(pdf, max_pages, on_page)
    except MUPDF_ERRORS:
        return document
    if not any(pages):
        return document
    finder = _Finder(pages)
    knows_pages = any(block.lines for block in document.blocks)
    blocks, page = [], 1
    for block in document.blocks:
        placed = block if block.lines else finder.placed(block)
        if placed.lines:
            page = placed.lines[0].box[0]
        elif knows_pages:
            page = block.page
        blocks.append(replace(placed, page=page))
    return replace(document, blocks=tuple(blocks), pages=total)


def _words(pdf: Path, max_pages: int, on_page: Callable[[int, int], None]) -> tuple[list[list[Word]], int]:
    tools: Any = pymupdf.TOOLS
    tools.mupdf_display_errors(False)  # its messages may hold escape sequences from the file
    tools.mupdf_display_warnings(False)
    open_document: Any = pymupdf.open
    with open_document(pdf, filetype="pdf") as opened:
        if opened.needs_pass:
            return [], 0
        total = len(opened)
        found = []
        for number in range(1, min(total, max_pages) + 1):
            on_page(number, total)
            found.append(words_of(opened[number - 1]))
    return found, total


class _Finder:
    def __init__(self, pages: Sequence[Sequence[Word]]) -> None:
        self._pages = pages
        self._of_run: dict[_Run, set[int]] = defaultdict(set)
        for number, words in enumerate(pages, 1):
            for run in _runs([word[4] for word in words]):
                self._of_run[run].add(number)

    def placed(self, block: Block) -> Block:
        runs = _runs(block.text.split())
        found = [pages for run in runs if (pages := self._of_run.get(run))]
        if not found:
            return block
        best, _ = Counter(page for pages in found for page in sorted(pages)).most_common(1)[0]
        others = Counter(page for pages in found if best not in pages for page in pages)
        near = [page for page in (best - 1, best, best + 1) if page == best or others[page] > LEAST_SHARE * len(runs)]
        words = PageWords((page, word) for page in near for word in self._pages[page - 1])
        return replace(block, lines=words.lines_of(block.text))


def _runs(words: Sequence[str]) -> list[_Run]:
    plain = [found for word in words if (found := plain_word(word))]
    return [tuple(plain[start : start + RUN]) for start in range(len(plain) - RUN + 1)]
