"""Docling, where it is installed: its items become blocks.

Written from docling's documentation (``DocumentConverter.convert``, ``DoclingDocument.iterate_items``) and UNTRIED:
the package brings torch models of its own, which nobody had at hand. It never loads anything from the network here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embtrainer_gui.core.records import Block, BlockKind, Box, ExtractedDocument, FileState, Line
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.page_range import pages_of
from embtrainer_gui.extract.reading import OnPage, Unreadable

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig

_KINDS = {
    "title": BlockKind.TITLE,
    "section_header": BlockKind.HEADING,
    "list_item": BlockKind.LIST,
    "caption": BlockKind.CAPTION,
    "table": BlockKind.TABLE,
    "formula": BlockKind.FORMULA,
    "code": BlockKind.CODE,
    "footnote": BlockKind.FOOTNOTE,
    "reference": BlockKind.REFERENCE,
}
_LEFT_OUT = frozenset({"page_header", "page_footer", "picture", "document_index"})


class DoclingReader:
    name = "docling"

    def read(self, path: Path, config: ImportConfig, on_page: OnPage, password: str = "") -> ExtractedDocument:
        """See ``reading.Extractor``. Docling reads the whole file in one call, so the page limit holds for all."""
        os.environ["HF_HUB_OFFLINE"] = "1"
        from docling.document_converter import DocumentConverter

        on_page(1, 1, config.recognition_seconds)
        document = DocumentConverter().convert(path, page_range=(1, config.max_pages)).document
        pages = len(document.pages)
        wanted = set(pages_of(config.pages, pages))
        blocks = _blocks(document, wanted)
        if not blocks:
            raise Unreadable(FileState.EMPTY, mark("docling found no text in it."))
        title = next((block.text for block in blocks if block.kind is BlockKind.TITLE), "")
        return ExtractedDocument(title, pages, tuple(blocks), extractor=self.name, why=mark("As you chose."))


def _blocks(document: Any, wanted: set[int]) -> list[Block]:
    found: list[Block] = []
    section = ""
    for item, _level in document.iterate_items():
        label = str(getattr(item.label, "value", item.label))
        place = item.prov[0] if getattr(item, "prov", None) else None
        page = int(place.page_no) if place is not None else 1
        if label in _LEFT_OUT or page not in wanted:
            continue
        text = item.export_to_markdown(document) if label == "table" else getattr(item, "text", "")
        text = " ".join(str(text).split())
        if not text:
            continue
        kind = _kind(label, section)
        if kind is BlockKind.HEADING:
            section = text
        lines = (Line(0, len(text), _box(document, place)),) if place is not None else ()
        found.append(Block(kind, text, section, page, lines))
    return found


def _kind(label: str, section: str) -> BlockKind:
    kind = _KINDS.get(label, BlockKind.BODY)
    if kind in (BlockKind.BODY, BlockKind.LIST):
        heading = section.lower().strip(" .:0123456789")
        if heading == "abstract":
            return BlockKind.ABSTRACT
        if heading in ("references", "bibliography", "literature cited"):
            return BlockKind.REFERENCE
    return kind


def _box(document: Any, place: Any) -> Box:
    page = int(place.page_no)
    box = place.bbox.to_top_left_origin(page_height=document.pages[page].size.height)
    return (page, float(box.l), float(box.t), float(box.r), float(box.b))
