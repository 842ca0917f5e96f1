"""GROBID TEI: whole paragraphs with all inline elements, sections, the abstract, references apart, rectangles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import defusedxml
from defusedxml import ElementTree

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import Block, BlockKind, Box, ExtractedDocument, FileState, Line
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import Unreadable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DEEPEST = 200  # GROBID's own trees stay under 20; Python recurses when a tree is freed
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
    blocks = list(_blocks(root))
    if not any(block.kind is not BlockKind.REFERENCE for block in blocks):
        raise Unreadable(FileState.EMPTY, mark("There is no text in it."))
    surfaces = sum(_name(e) == "surface" for e in root.iter())
    last = max((line.box[0] for block in blocks for line in block.lines), default=1)
    return ExtractedDocument(
        title or path.name.removesuffix(".xml").removesuffix(".tei"), surfaces or last, tuple(blocks)
    )


def _parsed(path: Path, config: ImportConfig) -> Element:
    refused = Unreadable(
        FileState.FAILED, mark("It holds XML entities or nesting that no GROBID file has, and was refused.")
    )
    if path.stat().st_size > config.max_file_mb * 2**20:
        raise Unreadable(FileState.FAILED, mark("It is larger than {number} MB."), number=config.max_file_mb)
    depth = 0
    root: Element | None = None
    try:
        for event, element in ElementTree.iterparse(path, events=("start", "end"), forbid_dtd=False):
            depth += 1 if event == "start" else -1
            root = element if root is None else root
            if depth > DEEPEST:
                raise refused
    except defusedxml.DefusedXmlException as problem:
        raise refused from problem
    except (ElementTree.ParseError, LookupError, ValueError) as problem:
        raise Unreadable(FileState.FAILED, mark("It is broken XML ({detail})."), detail=problem) from problem
    assert root is not None  # an empty file does not get here
    return root


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
    return Block(kind, text, section, lines[0].box[0] if lines else 1, tuple(lines))


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
        boxes.append((int(page), x, y, round(x + width, 2), round(y + height, 2)))
    return boxes


def _page(element: Element) -> int:
    boxes = _boxes(element)
    return boxes[0][0] if boxes else 1


def _text(element: Element | None, between: str = "") -> str:
    """All text inside, inline elements included, white space collapsed."""
    return "" if element is None else " ".join(between.join(element.itertext()).split())


def _name(element: Element) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""
