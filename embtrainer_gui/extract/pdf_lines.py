"""Lines of text of a PDF page, with their style and place, as cheaply as MuPDF can give them.

Source: MuPDF's structured text written as JSON (``fz_print_stext_page_as_json``): about 1.05 times the CPU of
``page.get_text()``, where ``get_text("dict")`` costs 1.4. JSON holds whole numbers, so the page is run at ten
times its size; and it holds one font per line, that of the line's first character.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from embtrainer_gui.core.records import Box, ReadPage
from embtrainer_gui.extract.hidden_signs import is_covered, is_suspect, speaks_to_machines
from embtrainer_gui.extract.pdf_library import mupdf, printed, pymupdf

_decode = json.JSONDecoder(strict=False).decode
_SCALE = 10
_UNIT = 1 / _SCALE
_MATRIX = mupdf.FzMatrix(_SCALE, 0, 0, _SCALE, 0, 0)
_FIRST = 2  # pages, where hidden text is looked for in any case
# without images; ligatures come apart; what lies outside the page or its clips stays away
_PLAIN: int = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
# shapes as well, for the look for hidden text: a tenth of what a page costs, and lazy ones leave the lines as they are
_SHAPES: int = _PLAIN | mupdf.FZ_STEXT_COLLECT_VECTORS | mupdf.FZ_STEXT_LAZY_VECTORS
_BOLD = re.compile(r"bold|black|heavy|semibold|demi|medi\b|-bd|\bbd|bd(it|cn)?$|cmbx|\.b$|-b$", re.I)
_ITALIC = re.compile(r"ital|obli|slant|cmti|cmmi|cmsl|-it$|lti?it$|\.i$|-i$", re.I)
_MONO = re.compile(r"courier|mono|typewriter|consol|cmtt|menlo|inconsolata|code", re.I)
# presentation forms (Latin ligatures, Arabic shapes), radicals and full-width ASCII; NFKC of everything would
# turn 10³ into 103
_COMPATIBLE = re.compile(r"[\uFB00-\uFDFB\uFE70-\uFEFC\u2F00-\u2FD5\uFF01-\uFF5E]+")
_DAMAGED = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_UNMAPPED = " \ufffd"  # glyphs without a meaning: no text where a line has nothing else
_SPACES = dict.fromkeys((0x09, 0x0A, 0xA0, *range(0x2000, 0x200B), 0x202F), " ")
_REMOVED = dict.fromkeys((*range(0x09), *range(0x0B, 0x20), 0x7F, 0xAD, 0xFEFF, *range(0x200B, 0x200E)), "")
_CLEAN = str.maketrans({chr(code): text for code, text in (_SPACES | _REMOVED).items()})
_UNCLEAN = re.compile(f"[{re.escape(''.join(map(chr, _CLEAN)))}{_COMPATIBLE.pattern[1:-2]}]")  # told faster than mended


@dataclass(slots=True)
class TextLine:
    """Text on one baseline, in points along the reading direction (see PageText.turn).

    A piece as MuPDF gives it at first; ``pdf_layout`` joins the pieces that stand side by side in a column.
    """

    text: str
    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    size: float
    font: str
    bold: bool
    italic: bool
    mono: bool
    cells: int = 1  # pieces with wide gaps between: the cells of a table
    left: float = 0.0  # edges of the column
    right: float = 0.0


@dataclass(frozen=True, slots=True)
class Hidden:
    """A piece of text that no reader sees, where it is on the page as it is shown, and how it was hidden."""

    text: str
    box: Box
    way: str


@dataclass(slots=True)
class PageText:
    """The lines of a page; ``turn`` is 0, or 90 (reads upwards), 180 or 270 where the text itself is turned.

    A recognised page (``read``) may be askew: ``skew`` is how far its lines fall on the way right.
    """

    number: int
    width: float
    height: float
    lines: list[TextLine]
    turn: int = 0
    skew: float = 0.0
    read: ReadPage | None = None
    damaged: int = 0  # characters without a meaning
    picture: float = 0.0  # share of the page that its images cover, where ``read_page`` was asked
    looked_at: bool = False  # for hidden text
    suspect: bool = False  # some of its text may be hidden: ``hidden.take_out`` looks closer
    hidden: list[Hidden] = field(default_factory=list)

    def box(self, line: TextLine) -> Box:
        """The line's box on the page as it is shown."""
        x0, y0, x1, y1 = line.x0, line.y0, line.x1, line.y1
        if not self.turn and not self.skew:
            return (self.number, x0, y0, x1, y1)
        if self.skew:
            shift = self.skew * ((y0 + y1) / 2 - self.height / 2)
            falls = [self.skew * (x - self.width / 2) for x in (x0, x1)]
            x0, y0, x1, y1 = x0 - shift, y0 + min(falls), x1 - shift, y1 + max(falls)
        return (self.number, *turned((x0, y0, x1, y1), 360 - self.turn, self.width, self.height))


def turned(
    box: tuple[float, float, float, float], turn: int, width: float, height: float
) -> tuple[float, float, float, float]:
    """``box`` of a page of ``width`` by ``height`` after the page is turned right by ``turn`` degrees."""
    x0, y0, x1, y1 = box
    if turn == 90:
        return height - y1, x0, height - y0, x1
    if turn == 180:
        return width - x1, height - y1, width - x0, height - y0
    if turn == 270:
        return y0, width - x1, y1, width - x0
    return box


def clean(text: str) -> str:
    """Plain spaces, no control characters, no soft hyphens inside, ligatures and Arabic shapes as letters."""
    if text.endswith("\xad"):
        text = text[:-1] + "-"
    if _UNCLEAN.search(text):
        text = text.translate(_CLEAN)
        text = _COMPATIBLE.sub(lambda m: unicodedata.normalize("NFKC", m.group()), text)
    return unicodedata.normalize("NFC", text)


class FontStyles:
    """(family, bold, italic, mono) of each font name, worked out once for a document."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, bool, bool, bool]] = {}

    def learn(self, font: dict[str, Any]) -> tuple[str, bool, bool, bool]:
        plain = font["name"].split("+", 1)[-1]
        self.known[font["name"]] = style = (
            plain,
            font.get("weight") == "bold" or bool(_BOLD.search(plain)),
            font.get("style") == "italic" or bool(_ITALIC.search(plain)),
            bool(_MONO.search(plain)),
        )
        return style


def read_page(
    document: mupdf.FzDocument, number: int, styles: FontStyles, *, images: bool = False, look: bool = False
) -> PageText:
    """All lines of page ``number`` (from 1) in the order of its content stream.

    ``images``: measure them too. ``look``: for hidden text, as on the first pages.

    Raises what MuPDF raises for a broken page, ValueError for text that cannot be decoded.
    """
    page = mupdf.fz_load_page(document, number - 1)
    bounds = mupdf.fz_bound_page(page)
    look = look or number <= _FIRST
    text = _structured(page, bounds, (_SHAPES if look else _PLAIN) | (pymupdf.TEXT_PRESERVE_IMAGES if images else 0))
    blocks = _blocks(text)
    found = _page_text(blocks, number, bounds.x1 - bounds.x0, bounds.y1 - bounds.y0, styles)
    found.looked_at = look or speaks_to_machines("\n".join([line.text for line in found.lines]))
    if found.looked_at:
        if images or not look:
            text = _structured(page, bounds, _SHAPES)  # HTML would hold the images, and take seconds
            blocks = _blocks(text)
        found.suspect = is_suspect(text, blocks, _SCALE)
    return found


def is_under_image(document: mupdf.FzDocument, number: int) -> bool:
    """Whether an image of page ``number`` (from 1) is painted over some text."""
    page = mupdf.fz_load_page(document, number - 1)
    text = _structured(page, mupdf.fz_bound_page(page), _SHAPES | pymupdf.TEXT_PRESERVE_IMAGES)
    return is_covered(text, _SCALE)


def _structured(page: mupdf.FzPage, bounds: mupdf.FzRect, flags: int) -> mupdf.FzStextPage:
    text = mupdf.FzStextPage(mupdf.fz_transform_rect(bounds, _MATRIX))
    device = text.fz_new_stext_device(_options(flags))
    mupdf.fz_run_page_contents(page, device, _MATRIX, mupdf.FzCookie())
    mupdf.fz_close_device(device)
    return text


@cache
def _options(flags: int) -> mupdf.FzStextOptions:
    options = mupdf.FzStextOptions()
    options.flags = flags
    return options


def _blocks(text: mupdf.FzStextPage) -> list[dict[str, Any]]:
    parsed = _decode(printed(mupdf.fz_print_stext_page_as_json, text, 1.0).decode("utf-8", "replace"))
    blocks: list[dict[str, Any]] = parsed["blocks"]
    return blocks


def _page_text(blocks: list[dict[str, Any]], number: int, width: float, height: float, styles: FontStyles) -> PageText:
    level: list[TextLine] = []
    upright: list[TextLine] = []
    downward: list[TextLine] = []
    known = styles.known
    damaged, picture = 0, 0.0
    for block in blocks:
        if block["type"] == "image":
            picture = min(1.0, picture + _share(block["bbox"], width, height))
        for raw in block.get("lines", ()):
            content = raw["text"].strip()
            if not (content.isascii() and content.isprintable()):
                damaged += len(_DAMAGED.findall(content))
                content = clean(content).strip(_UNMAPPED)
            if not content:
                continue
            box, font = raw["bbox"], raw["font"]
            x0, y0, w, h = box["x"] * _UNIT, box["y"] * _UNIT, box["w"] * _UNIT, box["h"] * _UNIT
            base, size = raw["y"] * _UNIT, font["size"] * _UNIT
            style = known.get(font["name"]) or styles.learn(font)
            if h > 2 * w and h > 1.6 * size and len(content) > 2:
                if base > y0 + h / 2:
                    place = (height - y0 - h, x0, height - y0, x0 + w, x0 + w)
                    upright.append(TextLine(content, number, *place, size, *style))
                else:
                    place = (y0, width - x0 - w, y0 + h, width - x0, width - x0)
                    downward.append(TextLine(content, number, *place, size, *style))
            else:
                level.append(TextLine(content, number, x0, y0, x0 + w, y0 + h, base, size, *style))
    if upright or downward:
        share = [sum([len(line.text) for line in lines]) for lines in (level, upright, downward)]
        if share[1] > 2 * (share[0] + share[2]):
            return PageText(number, height, width, upright, 90, damaged=damaged, picture=picture)
        if share[2] > 2 * (share[0] + share[1]):
            return PageText(number, height, width, downward, 270, damaged=damaged, picture=picture)
    return PageText(number, width, height, level, damaged=damaged, picture=picture)


def _share(box: dict[str, int], width: float, height: float) -> float:
    """Of the page, what of a box lies on it."""
    x0, y0 = max(0.0, box["x"] * _UNIT), max(0.0, box["y"] * _UNIT)
    x1 = min(width, (box["x"] + box["w"]) * _UNIT)
    y1 = min(height, (box["y"] + box["h"]) * _UNIT)
    return max(0.0, x1 - x0) * max(0.0, y1 - y0) / max(1.0, width * height)
