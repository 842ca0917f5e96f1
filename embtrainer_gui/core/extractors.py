"""The extractors of PDFs: which are on this computer, without loading one."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark

_PACKAGES = {"ocr": "rapidocr", "layout": "pymupdf/layout", "docling": "docling"}
_CURES = {
    "ocr": mark("Install the program again: rapidocr and onnxruntime belong to it."),
    "layout": mark("Install the program again: pymupdf-layout belongs to it."),
    "docling": mark(
        "In the program's Python: pip install docling, then docling-tools models download. Raise the memory of a"
        " reading process to 8192 MB. Or choose auto."
    ),
}


@cache
def is_installed(name: str) -> bool:
    """Whether what this extractor needs is there."""
    package, _, part = _PACKAGES.get(name, "").partition("/")
    if not package:
        return True
    found = importlib.util.find_spec(package)
    places = (found.submodule_search_locations or ()) if found is not None else ()
    return any(Path(place, part).is_dir() for place in places)


def check_installed(name: str) -> None:
    """Raises UserError, with the cure, where this extractor cannot be used on this computer."""
    if not is_installed(name):
        raise UserError(mark("The extractor {name} is not installed."), _CURES[name], name=name)
