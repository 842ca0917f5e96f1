"""The extractors by name. Nothing heavy is loaded before a file is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.extractors import check_installed
from embtrainer_gui.core.records import ExtractedDocument
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import Extractor, OnPage, PageMemory

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig


@dataclass(frozen=True, slots=True)
class PdfReader:
    """``text``, ``layout``, ``ocr`` and ``auto``: all of them through the text reader's paragraphs and kinds."""

    name: str
    memory: PageMemory

    def read(self, path: Path, config: ImportConfig, on_page: OnPage, password: str = "") -> ExtractedDocument:
        from embtrainer_gui.extract.pdf_text import read_pdf

        return read_pdf(path, config, on_page, password, self.name, self.memory)


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
