"""GROBID TEI: whole paragraphs with all inline elements, sections, the abstract, references apart, rectangles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import Block, BlockKind, Box, ExtractedDocument, FileState, Line
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import Unreadable
from embtrainer_gui.extract.safe_xml import BrokenXml, RefusedXml, parsed
from embtrainer_gui.extract.safe_xml import name_of as _name
from embtrainer_gui.extract.safe_xml import text_of as _text
from embtrainer_gui.extract.tei_header import reference_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from embtrainer_gui.core.config import ImportConfig

LARGEST_MB = 32  # a thousand pages of GROBID take 5 MB, and a tree takes ten times its file
_GOES_ON = frozenset({BlockKind.HEADING, BlockKind.BODY, BlockKind.LIST, BlockKind.FORMULA})
_APART = re.compile(
    r"acknowledg|funding|(competing|conflicts? of) interest|contributions?$|data availab", re.IGNORECASE
)
_DIVISIONS = {
    "acknowledgement": BlockKind.ACKNOWLEDGEMENT,
    "funding": BlockKind.ACKNOWLEDGEMENT,
    "availability": BlockKind.ACKNOWLEDGEMENT,
    "conflict": BlockKind.ACKNOWLEDGEMENT,
    "contribution": BlockKind.ACKNOWLEDGEMENT,
}


def read_tei(path: Path, config: ImportConfig) -> ExtractedDocument:
    """Read a TEI file that GROBID wrote.

    Raises:
        Unreadable: broken XML, entities or depth that no GROBID file has, or no TEI.
    """
    root = _parsed(path, config)
    if _name(root) != "TEI":
        raise Unreadable(FileState.FAILED, mark("It is XML, but no GROBID TEI."))
    title = _text(next((e for e in root.iter() if _name(e) == "title" and e.get("type") == "main"), None))
    blocks = _settled(_blocks(root))
    if not any(block.kind is not BlockKind.REFERENCE for block in blocks):
        raise Unreadable(FileState.EMPTY, mark("There is no text in it."))
    surfaces = sum(_name(e) == "surface" for e in root.iter())
    last = max((line.box[0] for block in blocks for line in block.lines), default=1)
    return ExtractedDocument(
        title or path.name.removesuffix(".xml").removesuffix(".tei"),
        surfaces or last,
        tuple(blocks),
        reference=reference_of(root),
    )


def _parsed(path: Path, config: ImportConfig) -> Element:
    refused = Unreadable(
        FileState.FAILED, mark("It holds XML entities or nesting that no GROBID file has, and was refused.")
    )
    largest = min(config.max_file_mb, LARGEST_MB)
    if path.stat().st_size > largest * 2**20:
        raise Unreadable(FileState.STOPPED, mark("Stopped: it is larger than {number} MB."), number=largest)
    try:
        return parsed(path)
    except RefusedXml as problem:
        raise refused from problem
    except BrokenXml as problem:
        raise Unreadable(FileState.FAILED, mark("It is broken XML ({detail})."), detail=problem) from problem


def _settled(blocks: Iterator[Block]) -> list[Block]:
    """The blocks that have text; what has no page or no section of its own takes it from what stands before."""
    found: list[Block] = []
    page, section = 1, ""
    for block in blocks:
        if not block.text:
            continue
        page = block.page or page
        if block.kind in _GOES_ON:
            section = block.section or section
            block = replace(block, section=section)
        found.append(replace(block, page=page))
    return found


def _blocks(root: Element) -> Iterator[Block]:
    for element in root.iter():
        match _name(element):
            case "abstract":
                for paragraph in _paragraphs(element):
                    yield _block(BlockKind.ABSTRACT, paragraph, "Abstract")
            case "body" | "back":
                for child in element:
                    yield from _division(child, BlockKind.BODY)


def _division(element: Element, kind: BlockKind) -> Iterator[Block]:
    """The blocks of a ``div``, figure or note."""
    name = _name(element)
    if name == "figure":
        yield from _figure(element)
    elif name == "note":
        yield _block(BlockKind.FOOTNOTE, element, "")
    elif name == "p":
        yield _block(kind, element, "")
    elif name == "div":
        yield from _section(element, _DIVISIONS.get(element.get("type", ""), kind))


def _section(division: Element, kind: BlockKind) -> Iterator[Block]:
    section = ""
    for element in division:
        match _name(element):
            case "head":
                number = f"{element.get('n', '')} "
                section = f"{number}{_text(element)}".strip()
                if _APART.search(section):
                    kind = BlockKind.ACKNOWLEDGEMENT
                yield Block(BlockKind.HEADING, section, section, _page(element), _whole_lines(element, section))
            case "p":
                yield _block(kind, element, section)
            case "formula":
                yield _block(BlockKind.FORMULA, element, section)
            case "listBibl":
                for reference in element:
                    yield Block(BlockKind.REFERENCE, _text(reference, " "), section, _page(reference))
            case "list":
                for item in element:
                    yield _block(BlockKind.LIST if kind is BlockKind.BODY else kind, item, section)
            case _:
                yield from _division(element, kind)


def _figure(figure: Element) -> Iterator[Block]:
    caption = " ".join(text for e in figure if _name(e) in ("head", "label", "figDesc") and (text := _text(e)))
    if caption:
        yield Block(BlockKind.CAPTION, caption, "", _page(figure), _whole_lines(figure, caption))
    for table in figure.iter():
        if _name(table) == "table" and (text := _text(table, " ")):
            yield Block(BlockKind.TABLE, text, "", _page(figure))


def _paragraphs(element: Element) -> list[Element]:
    found = [e for e in element.iter() if _name(e) == "p"]
    return found or ([element] if _text(element) else [])


def _block(kind: BlockKind, element: Element, section: str) -> Block:
    """A paragraph with the rectangles of its sentences (``s``) where GROBID gave any, else its own."""
    sentences = [e for e in element if _name(e) == "s"]
    if not sentences:
        text = _text(element)
        return Block(kind, text, section, _page(element), _whole_lines(element, text))
    text, lines = "", list[Line]()
    for sentence in sentences:
        words = _text(sentence)
        start = len(text) + bool(text)
        text = f"{text} {words}".strip()
        lines += [Line(start, start + len(words), box) for box in _boxes(sentence)]
    return Block(kind, text, section, lines[0].box[0] if lines else 0, tuple(lines))


def _whole_lines(element: Element, text: str) -> tuple[Line, ...]:
    return tuple(Line(0, len(text), box) for box in _boxes(element))


def _boxes(element: Element) -> list[Box]:
    """``coords="page,x,y,width,height;..."`` as boxes."""
    boxes: list[Box] = []
    for part in element.get("coords", "").split(";"):
        try:
            page, x, y, width, height = map(float, part.split(","))
        except ValueError:
            continue
        if all(map(isfinite, (page, x, y, width, height))):
            boxes.append((int(page), x, y, round(x + width, 2), round(y + height, 2)))
    return boxes


def _page(element: Element) -> int:
    """The page of the first rectangle in the element, 0 where GROBID gave none."""
    return next((boxes[0][0] for inner in element.iter() if (boxes := _boxes(inner))), 0)
