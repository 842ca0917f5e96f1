"""Signs that some text of a page may be hidden, from what MuPDF has of the page anyway; ``hidden`` looks closer.

Written as XML its structured text has filled boxes in the order of drawing; written as HTML it has the colour of each
piece, and none where nothing is painted (invisible text, opacity 0). Both take a tenth of the time to read a page, so
this is done for the first pages, for pages with words that are addressed to a machine, and for all pages of a file that
hides something somewhere.
"""

from __future__ import annotations

import re
from typing import Any

from embtrainer_gui.extract.pdf_library import MUPDF_ERRORS, mupdf, printed

_PALE = re.compile(rb'color:#[d-f].[d-f].[d-f].">\s*[^\s<][^<]{3}')  # not the two white letters of a badge
_UNSEEN = re.compile(rb'font-size:[\d.]+pt">\s*[^\s<]')
_COLOUR = re.compile(rb"color:#(......)")
_PLACED = re.compile(
    rb'<(line|vector|image) bbox="(\S+) (\S+) (\S+) (\S+)"(?:( stroke="\d" rectangle="\d")[^>]* argb="(\w+)")?'
)
_DARK = re.compile(rb"ff(?![d-f].[d-f].[d-f].)")
_PAGE = re.compile(rb'<page [^>]*width="(\S+)" height="(\S+)"')
_COVERS = (b"", b' stroke="0" rectangle="1"')  # an image, a filled box
_BLACK = -0x1000000  # rules and the bars of fractions
_TO_MACHINES = (
    "ignore", "instruction", "prompt", "language model", "llm", "gpt", "reviewer", "as an ai", "assistant",
    "do not mention", "praise", "recommend accept", "positive review",
)  # fmt: skip
_BADGE = 60  # times the area of the text in it
_ALIKE = 40  # of 255 in each colour
_LEAST_HEIGHT = 3.0  # points of a box that covers a line


def speaks_to_machines(text: str) -> bool:
    """Whether it has words of instructions to a language model, as papers seldom have."""
    lower = text.lower()
    return any(word in lower for word in _TO_MACHINES)


def is_suspect(text: mupdf.FzStextPage, blocks: list[dict[str, Any]], scale: int) -> bool:
    """Whether a page needs a closer look.

    ``blocks`` are of the same text, written as JSON, ``scale`` units a point.
    """
    lines = later = False
    for block in blocks:
        kind = block["type"]
        if kind == "text":
            lines = True
        elif lines and not later:
            later = kind == "image" or (block["rectangle"] and not block["stroked"] and block["argb"] != _BLACK)
    if not lines:
        return False
    if later and _is_covered(text, _LEAST_HEIGHT * scale):
        return True
    try:
        html = printed(mupdf.fz_print_stext_page_as_html, text, 1)
    except MUPDF_ERRORS:  # an image of the page cannot be drawn
        return True
    seen = not _UNSEEN.search(html) and not (_PALE.search(html) and _is_pale(text, html))
    return not seen or _like_ground(text, html, blocks[0])


def _is_pale(text: mupdf.FzStextPage, html: bytes) -> bool:
    """Whether a line with light text has no dark box under it."""
    pieces = html.split(b"<p ")[1:]  # one for each line
    pale = {number for number, piece in enumerate(pieces) if _PALE.search(piece)}
    lines = 0
    boxes: list[tuple[float, float, float, float, bool]] = []
    for kind, left, top, right, foot, vector, argb in _PLACED.findall(_xml(text)):
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


def _like_ground(text: mupdf.FzStextPage, html: bytes, first: dict[str, Any]) -> bool:
    """Text in about the colour of a large box that is painted before everything: the page's own colour."""
    if first["type"] != "vector" or not first["rectangle"] or first["argb"] & 0xFFFFFF == 0xFFFFFF:
        return False
    ground = _channels(first["argb"] & 0xFFFFFF)
    colours = {_channels(int(colour, 16)) for colour in _COLOUR.findall(html)}
    if not any(all(abs(a - b) < _ALIKE for a, b in zip(colour, ground, strict=True)) for colour in colours):
        return False
    xml = _xml(text)
    width, height = (float(size) for size in _PAGE.search(xml).groups())  # type: ignore[union-attr]
    _, left, top, right, foot, *_ = _PLACED.search(xml).groups()  # type: ignore[union-attr]
    return (float(right) - float(left)) * (float(foot) - float(top)) > 0.5 * width * height


def _xml(text: mupdf.FzStextPage) -> bytes:
    """The boxes of lines, filled shapes and images in the order of drawing."""
    return printed(mupdf.fz_print_stext_page_as_xml_with_flags, text, 1, 0)


def _channels(colour: int) -> tuple[int, int, int]:
    return colour >> 16, colour >> 8 & 255, colour & 255


def _is_covered(text: mupdf.FzStextPage, least: float) -> bool:
    """Whether a filled box or an image is painted over a line."""
    lines: list[tuple[float, float, float, float]] = []
    for kind, left, top, right, foot, vector, _ in _PLACED.findall(_xml(text)):
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
