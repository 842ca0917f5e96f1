"""What the extractors are called in the window."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.translate import mark

LABELS: Mapping[str, str] = {
    "auto": mark("Automatic, page by page"),
    "text": mark("PDF text"),
    "layout": mark("Layout network"),
    "ocr": mark("Text recognition (OCR)"),
    "grobid": mark("GROBID server"),
    "vision": mark("Vision model on a server"),
    "docling": mark("docling"),
}
_ALONE: Mapping[str, str] = {
    "text": mark("PDF text"),
    "layout": mark("Layout"),
    "ocr": mark("OCR"),
    "grobid": mark("GROBID"),
    "vision": mark("Vision"),
    "docling": mark("docling"),
}
_JOINED: Mapping[str, str] = {"text": mark("Text"), "layout": mark("layout"), "ocr": mark("OCR")}


def extractor_label(name: str) -> str:
    """Of what can be chosen."""
    return QCoreApplication.translate("core", LABELS.get(name, name))


def read_by_label(extractor: str) -> str:
    """Of what read a paper: ``text+ocr`` as "Text + OCR"."""
    names = extractor.split("+")
    words = [_JOINED.get(name, name) if len(names) > 1 else _ALONE.get(name, name) for name in names]
    return " + ".join(QCoreApplication.translate("core", word) for word in words)
