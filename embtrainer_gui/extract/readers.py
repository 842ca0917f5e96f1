"""The extractors by name. Nothing heavy is loaded before a file is read."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import ExtractedDocument
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import Extractor, OnPage, PageMemory

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig

_PACKAGES = {"ocr": "rapidocr", "layout": "pymupdf.layout", "docling": "docling"}
_CURES = {
    "ocr": mark("Install the program again: rapidocr and onnxruntime belong to it."),
    "layout": mark("Install the program again: pymupdf-layout belongs to it."),
    "docling": mark(
        "In the program's Python: pip install docling, then docling-tools models download. Raise the memory of a"
        " reading process to 8192 MB. Or choose auto."
    ),
}


@dataclass(frozen=True, slots=True)
class PdfReader:
    """``text``, ``layout``, ``ocr`` and ``auto``: all of them through the text reader's paragraphs and kinds."""

    name: str
    memory: PageMemory

    def read(self, path: Path, config: ImportConfig, on_page: OnPage, password: str = "") -> ExtractedDocument:
        from embtrainer_gui.extract.pdf_text import read_pdf

        return read_pdf(path, config, on_page, password, self.name, self.memory)


def is_installed(name: str) -> bool:
    """Whether what this extractor needs is there; asked without loading it."""
    package = _PACKAGES.get(name)
    if package is None:
        return True
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:  # the package that it is in
        return False


def check_installed(name: str) -> None:
    """Raises UserError, with the cure, where this extractor cannot be used on this computer."""
    if not is_installed(name):
        raise UserError(mark("The extractor {name} is not installed."), _CURES[name], name=name)


def reader_of(name: str, memory: PageMemory) -> Extractor:
    """The extractor for one file; ``memory`` is of its pages.

    Raises UserError where it is not installed, or asks a server (grobid, vision: the stage does those).
    """
    check_installed(name)
    if name == "docling":
        from embtrainer_gui.extract.docling_reader import DoclingReader

        return DoclingReader()
    if name not in ("auto", "text", "layout", "ocr"):
        raise UserError(mark("{name} is no reader of files."), name=name)
    return PdfReader(name, memory)
