"""Lines of text of a PDF page, with their style and place, as cheaply as MuPDF can give them.

Source: MuPDF's structured text written as JSON (``fz_print_stext_page_as_json``): about 1.05 times the CPU of
``page.get_text()``, where ``get_text("dict")`` costs 1.4. JSON holds whole numbers, so the page is run at ten
times its size; and it holds one font per line, that of the line's first character.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import pymupdf
from pymupdf import mupdf

from embtrainer_gui.core.records import Box

_SCALE = 10
_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP  # without images; ligatures come apart
_BOLD = re.compile(r"bold|black|heavy|semibold|demi|medi\b|-bd|\bbd|bd(it|cn)?$|cmbx|\.b$|-b$", re.I)
_ITALIC = re.compile(r"ital|obli|slant|cmti|cmmi|cmsl|-it$|lti?it$|\.i$|-i$", re.I)
_MONO = re.compile(r"courier|mono|typewriter|consol|cmtt|menlo|inconsolata|code", re.I)
# presentation forms (Latin ligatures, Arabic shapes), radicals and full-width ASCII; NFKC of everything would
# turn 10³ into 103
_COMPATIBLE = re.compile(r"[\uFB00-\uFDFB\uFE70-\uFEFC\u2F00-\u2FD5\uFF01-\uFF5E]+")
_CLEAN = {code: None for code in (*range(0x00, 0x09), *range(0x0B, 0x20), 0x7F, 0xAD, 0xFEFF, 0x200B, *range(0xE000, 0xE100))}
_CLEAN |= {0x09: " ", 0x0A: " ", 0xA0: " ", 0x2002: " ", 0x2003: " ", 0x2009: " ", 0x202F: " "}
_DEL_HYPHEN = 0xAD


@dataclass(slots=True)
class TextLine:
    """A run of text on one baseline. Coordinates in points along the reading direction (see PageText.turn)."""

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
    mono: bool = False
    gaps: int = 0  # wide gaps inside: a row of table cells


@dataclass(slots=True)
class PageText:
    """The lines of a page; ``turn`` is 0, or 90 / 270 where the text itself stands on its side."""

    number: int
    width: float
    height: float
    lines: list[TextLine]
    turn: int = 0

    def box(self, line: TextLine) -> Box:
        """The line's box on the page as it is shown."""
        if self.turn == 90:  # reads upwards
            x0, y0, x1, y1 = line.y0, self.width - line.x1, line.y1, self.width - line.x0
        elif self.turn == 270:
            x0, y0, x1, y1 = self.height - line.y1, line.x0, self.height - line.y0, line.x1
        else:
            x0, y0, x1, y1 = line.x0, line.y0, line.x1, line.y1
        return (self.number, round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1))


def clean(text: str) -> str:
    """Plain spaces, no control characters, no soft hyphens inside, ligatures and Arabic shapes as letters."""
    if text.isascii() and text.isprintable():
        return text
    if text.endswith("\xad"):
        text = text[:-1] + "-"
    text = text.translate(_CLEAN)
    text = _COMPATIBLE.sub(lambda m: unicodedata.normalize("NFKC", m.group()), text)
    return unicodedata.normalize("NFC", text)


class FontStyles:
    """(family, bold, italic, mono) of each font name, worked out once for a document."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, bool, bool, bool]] = {}

    def of(self, font: dict[str, Any]) -> tuple[str, bool, bool, bool]:
        name = font["name"]
        known = self._known.get(name)
        if known is None:
            plain = name.split("+", 1)[-1]
            known = (
                plain,
                font.get("weight") == "bold" or bool(_BOLD.search(plain)),
                font.get("style") == "italic" or bool(_ITALIC.search(plain)),
                bool(_MONO.search(plain)),
            )
            self._known[name] = known
        return known


def read_page(page: pymupdf.Page, styles: FontStyles) -> PageText:
    """All lines of ``page`` in the order of its content stream. Raises what MuPDF raises for a broken page."""
    matrix = mupdf.FzMatrix(_SCALE, 0, 0, _SCALE, 0, 0)
    bounds = mupdf.fz_bound_page(page.this)
    options = mupdf.FzStextOptions()
    options.flags = _FLAGS
    text = mupdf.FzStextPage(mupdf.fz_transform_rect(bounds, matrix))
    device = text.fz_new_stext_device(options)
    mupdf.fz_run_page_contents(page.this, device, matrix, mupdf.FzCookie())
    mupdf.fz_close_device(device)
    buffer = mupdf.FzBuffer(16384)
    output = mupdf.FzOutput(buffer)
    mupdf.fz_print_stext_page_as_json(output, text, 1.0)
    output.fz_close_output()
    parsed = json.loads(buffer.fz_buffer_extract().decode("utf-8", "replace"), strict=False)
    width, height = bounds.x1 - bounds.x0, bounds.y1 - bounds.y0
    return _page_text(parsed, page.number + 1, width, height, styles)


def _page_text(parsed: dict[str, Any], number: int, width: float, height: float, styles: FontStyles) -> PageText:
    level: list[TextLine] = []
    upright: list[TextLine] = []
    downward: list[TextLine] = []
    for block in parsed["blocks"]:
        for raw in block.get("lines", ()):
            content = clean(raw["text"].strip()).strip()
            if not content:
                continue
            box = raw["bbox"]
            x0, y0 = box["x"] / _SCALE, box["y"] / _SCALE
            w, h = box["w"] / _SCALE, box["h"] / _SCALE
            family, bold, italic, mono = styles.of(raw["font"])
            size = raw["font"]["size"] / _SCALE
            if h > 2 * w and len(content) > 2 and h > 1.6 * size:
                if raw["y"] / _SCALE > y0 + h / 2:
                    upright.append(TextLine(content, number, height - y0 - h, x0, height - y0, x0 + w, x0 + w, size, family, bold, italic, mono))
                else:
                    downward.append(TextLine(content, number, y0, width - x0 - w, y0 + h, width - x0, width - x0, size, family, bold, italic, mono))
                continue
            level.append(TextLine(content, number, x0, y0, x0 + w, y0 + h, raw["y"] / _SCALE, size, family, bold, italic, mono))
    share = [sum(len(line.text) for line in lines) for lines in (level, upright, downward)]
    if share[1] > 2 * (share[0] + share[2]):
        return PageText(number, height, width, upright, 90)
    if share[2] > 2 * (share[0] + share[1]):
        return PageText(number, height, width, downward, 270)
    return PageText(number, width, height, level)
