"""Signs that some text of a page may be hidden, from what MuPDF has of the page anyway; ``hidden`` looks closer.

Written as XML its structured text has filled boxes in the order of drawing; written as HTML it has the colour of each
piece, and none where nothing is painted (invisible text, opacity 0). Both take a tenth of the time to read a page, so
this is done for the first pages, for pages with words that are addressed to a machine, and for all pages of a file that
hides something somewhere.
"""

from __future__ import annotations

import re
from typing import Any

from embtrainer_gui.extract.pdf_library import mupdf, printed

_PALE = re.compile(rb'color:#[d-f].[d-f].[d-f].">\s*[^\s<][^<]{3}')  # not the two white letters of a badge
_UNSEEN = re.compile(rb'font-size:[\d.]+pt">\s*[^\s<]')
_COLOUR = re.compile(rb"color:#(......)")
_PLACED = re.compile(
    rb'<(line|vector|image) bbox="(\S+) (\S+) (\S+) (\S+)"(?:( stroke="\d" rectangle="\d")[^>]* argb="(\w+)")?'
)
_DARK = re.compile(rb"ff(?![d-f].[d-f].[d-f].)")
_PAGE = re.compile(rb'<page [^>]*width="(\S+)" height="(\S+)"')
_BLACK = -0x1000000
_COVERS = (b"", b' stroke="0" rectangle="1"')  # an image, a filled box
_TO_MACHINES = (
    "ignore", "instruction", "prompt", "language model", "llm", "gpt", "reviewer", "as an ai", "assistant",
    "do not mention", "praise", "recommend accept", "positive review",
)  # fmt: skip
_BADGE = 60  # times the area of the text in it
_ALIKE = 40  # of 255 in each colour
_Placed = tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes]
_LEAST_HEIGHT = 3.0  # points of a box that covers a line


def speaks_to_machines(text: str) -> bool:
    """Whether it has words of instructions to a language model, as papers seldom have."""
    lower = text.lower()
    return any(word in lower for word in _TO_MACHINES)


def is_suspect(text: mupdf.FzStextPage, blocks: list[dict[str, Any]], scale: int) -> bool:
    """Whether a page needs a closer look; its text must come without images.

    ``blocks`` are of the same text, written as JSON, ``scale`` units a point.
    """
    html = printed(mupdf.fz_print_stext_page_as_html, text, 1)
    if _UNSEEN.search(html):
        return True
    light, (ground, boxes) = _PALE.search(html) is not None, _boxes(blocks)
    if not (light or ground or boxes):
        return False
    xml = _xml(text)
    placed = _PLACED.findall(xml)
    pale = light and _is_pale(placed, html)
    return pale or (ground and _like_ground(placed, xml, html)) or (boxes and _is_covered(placed, scale))


def _boxes(blocks: list[dict[str, Any]]) -> tuple[bool, bool]:
    """Whether a page begins with a shape, and whether a filled box comes after some text; black ones are rules."""
    lines = later = False
    for block in blocks:
        if block["type"] == "text":
            lines = True
        elif lines and block["type"] == "vector" and block["argb"] != _BLACK:
            later |= bool(block["rectangle"] and not block["stroked"])
    return bool(blocks) and blocks[0]["type"] == "vector", later


def is_covered(text: mupdf.FzStextPage, scale: int) -> bool:
    """Whether a filled box or an image is painted over a line of a page whose text comes with its images."""
    return _is_covered(_PLACED.findall(_xml(text)), scale)


def _is_pale(placed: list[_Placed], html: bytes) -> bool:
    """Whether a line with light text has no dark box under it."""
    pieces = html.split(b"<p ")[1:]  # one for each line
    pale = {number for number, piece in enumerate(pieces) if _PALE.search(piece)}
    lines = 0
    boxes: list[tuple[float, float, float, float, bool]] = []
    for kind, left, top, right, foot, vector, argb in placed:
        x0, y0, x1, y1 = float(left), float(top), float(right), float(foot)
        if kind == b"line":
            middle = (y0 + y1) / 2
            if lines in pale:
                on = [box for box in boxes if box[0] <= x0 + 1 and x1 - 1 <= box[2] and box[1] <= middle <= box[3]]
                if not any(box[4] or _is_label(box, (x1 - x0) * (y1 - y0)) for box in on):
                    return True
            lines += 1
        elif vector.startswith(b' stroke="0"') and _DARK.match(argb):
            boxes.append((x0, y0, x1, y1, vector == _COVERS[1]))
    return lines != len(pieces)


def _is_label(box: tuple[float, float, float, float, bool], area: float) -> bool:
    """A shape that is no box, so small that it can only be the ground of this text: a badge, a round button."""
    return (box[2] - box[0]) * (box[3] - box[1]) < _BADGE * area


def _like_ground(placed: list[_Placed], xml: bytes, html: bytes) -> bool:
    """Text in about the colour of a large box that is painted before everything: the page's own colour."""
    _, left, top, right, foot, vector, argb = placed[0]
    size = _PAGE.search(xml)
    if vector != _COVERS[1] or argb[2:] == b"ffffff" or size is None:
        return False
    if (float(right) - float(left)) * (float(foot) - float(top)) < 0.5 * float(size[1]) * float(size[2]):
        return False
    ground = _channels(argb[2:])
    colours = {_channels(colour) for colour in _COLOUR.findall(html)}
    return any(all(abs(a - b) < _ALIKE for a, b in zip(colour, ground, strict=True)) for colour in colours)


def _channels(colour: bytes) -> tuple[int, int, int]:
    value = int(colour, 16)
    return value >> 16, value >> 8 & 255, value & 255


def _is_covered(placed: list[_Placed], scale: int) -> bool:
    lines: list[tuple[float, float, float, float]] = []
    least = _LEAST_HEIGHT * scale
    for kind, left, top, right, foot, vector, _ in placed:
        x0, y0, x1, y1 = float(left), float(top), float(right), float(foot)
        if kind == b"line":
            if x1 - x0 > 2 * (y1 - y0):  # a word or more
                lines.append((x0, y0, x1, y1))
        elif vector in _COVERS and y1 - y0 >= least and x1 - x0 >= least:
            for a0, b0, a1, b1 in lines:
                half = (a1 - a0) / 2
                if x0 <= a0 + half <= x1 and y0 <= (b0 + b1) / 2 <= y1 and min(x1, a1) - max(x0, a0) > half:
                    return True
    return False


def _xml(text: mupdf.FzStextPage) -> bytes:
    """The boxes of lines, filled shapes and images in the order of drawing."""
    return printed(mupdf.fz_print_stext_page_as_xml_with_flags, text, 1, 0)
