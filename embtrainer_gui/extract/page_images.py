"""How many pixels the images of a page have, told from its resources: nothing is drawn, nothing decoded."""

from __future__ import annotations

from typing import Any

from embtrainer_gui.extract.pdf_library import MUPDF_ERRORS, mupdf, pymupdf

_MOST = 200  # images of a page that are looked at
_NAMES = {name: pymupdf.PDF_NAME(name) for name in ("Width", "Height", "Resources", "XObject")}


def image_pixels(document: Any, number: int) -> int:
    """Of all images of page ``number`` (from 1) together, those in its forms included; 0 where that cannot be told."""
    try:
        page = mupdf.pdf_lookup_page_obj(mupdf.pdf_specifics(document.this), number - 1)
        return _pixels(mupdf.pdf_dict_gets_inheritable(page, "Resources"), forms=True)
    except MUPDF_ERRORS:
        return 0


def _pixels(resources: Any, *, forms: bool) -> int:
    objects = mupdf.pdf_dict_get(resources, _NAMES["XObject"])
    total = 0
    for place in range(min(_MOST, mupdf.pdf_dict_len(objects))):
        found = mupdf.pdf_dict_get_val(objects, place)
        width, height = (mupdf.pdf_dict_get_int(found, _NAMES[name]) for name in ("Width", "Height"))
        total += max(0, width) * max(0, height)
        if forms and not width:
            total += _pixels(mupdf.pdf_dict_get(found, _NAMES["Resources"]), forms=False)
    return total
