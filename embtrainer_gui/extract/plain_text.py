"""Text files with one paragraph a line, as the predecessor's extraction wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import Block, BlockKind, ExtractedDocument, FileState
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import Unreadable

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig

_LABEL = re.compile(
    r"(abstract|summary|introduction|background|methods|results|discussion|conclusions?|references"
    r"|acknowledge?ments?|funding|data availability(?: statement)?|author contributions|declarations?)\s*:\s*",
    re.IGNORECASE,
)
_APART = ("acknowledg", "funding", "data", "author", "declaration")
_UNREAD_PAGE = re.compile(r"\[Page \d+ - Not yet processed\]")  # left in the text by the predecessor


def read_text(path: Path, config: ImportConfig) -> ExtractedDocument:
    """One block a line; a leading label such as ``Abstract:`` becomes the section of its line.

    A label that is alone on its line is a heading: of one paragraph when it is ``Abstract:``, else of all up to the
    next label.

    Raises:
        Unreadable: no text in it.
    """
    text, notes = _decoded(path.read_bytes())
    partial = len(text) > config.max_characters
    if partial:
        text = text[: config.max_characters]
        notes.append(mark("Only the first {number} characters were read.").format(number=config.max_characters))
    lines = [line for line in map(str.strip, re.split(r"[\r\n\f]+", text)) if line]
    read = [line for line in lines if not _UNREAD_PAGE.fullmatch(line)]
    if len(read) < len(lines):
        notes.append(
            mark("{number} pages were never read by the earlier program.").format(number=len(lines) - len(read))
        )
    blocks = tuple(_blocks(read))
    if not any(block.kind is not BlockKind.HEADING for block in blocks):
        raise Unreadable(FileState.EMPTY, mark("There is no text in it."))
    return ExtractedDocument(path.stem, 1, blocks, " ".join(notes), partial=partial)


def _decoded(data: bytes) -> tuple[str, list[str]]:
    try:
        return data.decode("utf-8-sig").replace("\0", ""), []
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace").replace("\0", "")
        return text, [mark("It is not UTF-8 and was read as Windows-1252.")]


def _blocks(lines: list[str]) -> Iterator[Block]:
    kind, section = BlockKind.BODY, ""
    for line in lines:
        label = _LABEL.match(line)
        if label and label.end() == len(line):
            section = label[1].capitalize()
            kind = _kind(section)
            yield Block(BlockKind.HEADING, section, section)
        elif label:
            own = label[1].capitalize()
            kind, section = BlockKind.BODY, ""
            yield Block(_kind(own), line[label.end() :], own)
        else:
            yield Block(kind, line, section)
            if kind is BlockKind.ABSTRACT:
                kind, section = BlockKind.BODY, ""


def _kind(section: str) -> BlockKind:
    if section == "Abstract":
        return BlockKind.ABSTRACT
    if section == "References":
        return BlockKind.REFERENCE
    return BlockKind.ACKNOWLEDGEMENT if section.lower().startswith(_APART) else BlockKind.BODY
