"""Text files with one paragraph a line, as the predecessor's extraction wrote them."""

from __future__ import annotations

import re
from pathlib import Path

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import Block, BlockKind, ExtractedDocument, FileState
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import Unreadable

_LABEL = re.compile(r"^(abstract|conclusions?)\s*:\s*", re.IGNORECASE)
_APART = re.compile(
    r"^(acknowledge?ments?|funding|data availability( statement)?|author contributions|declarations?)\s*:",
    re.IGNORECASE,
)
_REFERENCES = re.compile(r"^references\s*:", re.IGNORECASE)
_UNREAD_PAGE = re.compile(r"^\[Page \d+ - Not yet processed\]$")  # left in the text by the predecessor
_NOTE = mark("It is not UTF-8 and was read as Windows-1252.")


def read_text(path: Path, config: ImportConfig) -> ExtractedDocument:
    """One block a line; a leading ``Abstract:`` or ``Conclusions:`` becomes the section.

    Raises:
        Unreadable: no text in it.
    """
    text, note = _decoded(path.read_bytes())
    partial = len(text) > config.max_characters
    if partial:
        text = text[: config.max_characters]
        limit = mark("Only the first {number} characters were read.").format(number=config.max_characters)
        note = f"{note} {limit}".strip()
    lines = (line.strip() for line in re.split(r"\r\n|\n|\r", text))
    blocks = tuple(_block(line) for line in lines if line and not _UNREAD_PAGE.match(line))
    if not blocks:
        raise Unreadable(FileState.EMPTY, mark("There is no text in it."))
    return ExtractedDocument(path.stem, 1, blocks, note, partial=partial)


def _decoded(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), _NOTE


def _block(line: str) -> Block:
    label = _LABEL.match(line)
    if label:
        name = label.group(1).capitalize()
        kind = BlockKind.ABSTRACT if name == "Abstract" else BlockKind.BODY
        return Block(kind, line[label.end() :] or line, name)
    if _APART.match(line):
        return Block(BlockKind.ACKNOWLEDGEMENT, line)
    return Block(BlockKind.REFERENCE if _REFERENCES.match(line) else BlockKind.BODY, line)
