"""A paper from the texts that a vision model gave of its pages: paragraphs, headings, and their places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embtrainer_gui.core.records import Block, BlockKind, ExtractedDocument, FileState, Line
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import Unreadable
from embtrainer_gui.extract.word_places import PageWords

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig

_HEADING = re.compile(r"#{1,6}[ \t]+(.+?)[ \t#]*")
_ITEM = re.compile(r"(?:[-*•–]|\(?\d{1,2}[.)])[ \t]+\S")
_TABLE = re.compile(r"\|.*\|[ \t]*")
_FORMULA = re.compile(r"\$\$.*\$\$|\\\[.*\\\]", re.DOTALL)
_MARKUP = re.compile(r"!\[[^\]]*\]\([^)]*\)|(?<!\w)(\*\*|__)(?=\S)|(?<=\S)(\*\*|__)(?!\w)")
_SECTIONS = {
    "abstract": BlockKind.ABSTRACT,
    "summary": BlockKind.ABSTRACT,
    "references": BlockKind.REFERENCE,
    "bibliography": BlockKind.REFERENCE,
    "literature cited": BlockKind.REFERENCE,
    "acknowledgements": BlockKind.ACKNOWLEDGEMENT,
    "acknowledgments": BlockKind.ACKNOWLEDGEMENT,
    "funding": BlockKind.ACKNOWLEDGEMENT,
}
_NUMBER = re.compile(r"^[\dIVX]+(\.\d+)*\.?[ \t]+")
_LINE_END = re.compile(r"([^\W\d_])-\n(?=[^\W\d_])")
_ENDS = re.compile(r"[.!?:;][\"'”’)\]]*$")


def read_vision_pages(path: Path, config: ImportConfig) -> ExtractedDocument:
    """Read what ``stages.vision_papers`` wrote: ``{"name", "pages", "texts": [[page, text, words]]}``.

    Raises:
        Unreadable: there is no text on any page.
    """
    content: dict[str, Any] = json.loads(path.read_bytes())
    blocks: list[Block] = []
    partial, left = False, config.max_characters
    for page, text, words in content["texts"]:
        left -= len(text)
        if left < 0:
            partial = True
            break
        _append(blocks, _page_blocks(page, text, PageWords((page, word) for word in words)))
    if all(block.kind in (BlockKind.HEADING, BlockKind.TITLE) for block in blocks):
        raise Unreadable(FileState.EMPTY, mark("The model found no text on its pages."))
    note = mark("Only the first {number} characters were read.").format(number=config.max_characters) if partial else ""
    title = next((b.text for b in blocks[:3] if b.kind is BlockKind.TITLE), content["name"])
    return ExtractedDocument(title, content["pages"], tuple(_in_sections(blocks)), note, partial=partial)


def _append(blocks: list[Block], page: Iterator[Block]) -> None:
    """Add the blocks of the next page; a paragraph that goes on there stays one."""
    for number, block in enumerate(page):
        if not blocks and block.kind is BlockKind.HEADING:
            block = replace(block, kind=BlockKind.TITLE)
        last = blocks[-1] if blocks else None
        if number == 0 and last and last.kind is block.kind is BlockKind.BODY and _goes_on(last.text, block.text):
            start = len(last.text) + 1
            lines = tuple(Line(line.start + start, line.end + start, line.box) for line in block.lines)
            blocks[-1] = replace(last, text=f"{last.text} {block.text}", lines=last.lines + lines)
        else:
            blocks.append(block)


def _goes_on(before: str, after: str) -> bool:
    return after[:1].islower() or not _ENDS.search(before)


def _page_blocks(page: int, text: str, words: PageWords) -> Iterator[Block]:
    for part in paragraphs(text):
        kind, content = _kind_of(part)
        content = " ".join(_MARKUP.sub("", content).split())
        if content:
            yield Block(kind, content, "", page, words.lines_of(content))


def _kind_of(part: str) -> tuple[BlockKind, str]:
    heading = _HEADING.fullmatch(part)
    if heading:
        return BlockKind.HEADING, heading[1]
    if _TABLE.match(part):
        return BlockKind.TABLE, part.replace("|", " ")
    if _FORMULA.fullmatch(part):
        return BlockKind.FORMULA, part.strip("$")
    return (BlockKind.LIST if _ITEM.match(part) else BlockKind.BODY), part


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a page: parted by blank lines, else by where lines end early; headings and items apart."""
    found: list[str] = []
    chunks = [chunk for chunk in re.split(r"\n[ \t]*\n", _LINE_END.sub(r"\1", text)) if chunk.strip()]
    for chunk in chunks:
        lines = [line.strip() for line in chunk.split("\n") if line.strip()]
        width = max(map(len, lines))
        early = len(chunks) == 1  # the model left no blank lines anywhere
        current: list[str] = []
        for line in lines:
            if current and _begins(line, current[-1], width, early):
                found.append(" ".join(current))
                current = []
            current.append(line)
        found.append(" ".join(current))
    return found


def _begins(line: str, above: str, width: int, early: bool) -> bool:
    """Whether ``line`` begins a paragraph of its own under ``above``."""
    if _HEADING.fullmatch(line) or _HEADING.fullmatch(above) or _ITEM.match(line):
        return True
    if bool(_TABLE.match(line)) != bool(_TABLE.match(above)):
        return True
    long_lines = width > 200  # a whole paragraph each
    return early and bool(_ENDS.search(above)) and (long_lines or len(above) < 0.8 * width)


def _in_sections(blocks: Sequence[Block]) -> Iterator[Block]:
    """Each block with the heading above it, and its kind where that heading tells it."""
    section, own = "", BlockKind.BODY
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            section = block.text
            own = _SECTIONS.get(_NUMBER.sub("", section).strip(" .:").lower(), BlockKind.BODY)
        kind = own if block.kind in (BlockKind.BODY, BlockKind.LIST) and own is not BlockKind.BODY else block.kind
        yield replace(block, section=section, kind=kind)
