"""What no reader of a paper's pages sees is set apart in its TEI too: GROBID writes hidden text down like any other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import Block, BlockKind, ExtractedDocument, Line
from embtrainer_gui.extract.pdf_library import MUPDF_ERRORS
from embtrainer_gui.extract.pdf_text import read_pdf
from embtrainer_gui.extract.reading import OnPage, Unreadable

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig

LEAST = 12  # letters and digits: shorter pieces are found by chance
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def without_hidden(document: ExtractedDocument, pdf: Path, config: ImportConfig, on_page: OnPage) -> ExtractedDocument:
    """``document`` without the pieces that the PDF's own reader finds hidden, which become blocks of their own; as it
    came where the PDF cannot be read."""
    try:
        seen = read_pdf(pdf, config, on_page, extractor="text")
    except (Unreadable, *MUPDF_ERRORS):
        return document
    hidden = [block for block in seen.blocks if block.kind is BlockKind.HIDDEN]
    if not hidden:
        return document
    visible = "".join(_plain(block.text) for block in seen.blocks if block.kind is not BlockKind.HIDDEN)
    pieces = [piece for block in hidden for piece in _pieces(block.text) if piece not in visible]
    blocks = [cut for block in document.blocks if (cut := _without(block, pieces)).text]
    return replace(document, blocks=(*blocks, *hidden), note=f"{document.note} {seen.note}".strip())


def _pieces(text: str) -> list[str]:
    """The whole first, then its sentences: a TEI may divide it otherwise."""
    found = [_plain(part) for part in (text, *_SENTENCE_END.split(text))]
    return [piece for piece in found if len(piece) >= LEAST]


def _without(block: Block, pieces: Sequence[str]) -> Block:
    plain = _plain(block.text)
    for piece in pieces:
        if piece in plain:  # most blocks hold none of them
            for start, end in _places(block.text, piece):
                block = _cut(block, start, end)
            plain = _plain(block.text)
    return block


def _places(text: str, piece: str) -> Iterator[tuple[int, int]]:
    """Where ``piece`` stands, the last place first, whatever spaces, hyphens and marks are between its letters."""
    letters = [(place, letter) for place, each in enumerate(text) for letter in _plain(each)]
    plain = "".join(letter for _, letter in letters)
    at = plain.rfind(piece)
    while at >= 0:
        end = letters[at + len(piece) - 1][0] + 1
        while end < len(text) and not text[end].isalnum():  # its full stop, and the space behind it
            end += 1
        yield letters[at][0], end
        at = plain.rfind(piece, 0, at)


def _cut(block: Block, start: int, end: int) -> Block:
    def moved(place: int) -> int:
        return place if place <= start else max(start, place - (end - start))

    text = block.text[:start] + block.text[end:]
    length = len(text.rstrip())
    lines = [Line(moved(line.start), min(moved(line.end), length), line.box) for line in block.lines]
    return replace(block, text=text.rstrip(), lines=tuple(line for line in lines if line.start < line.end))


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
