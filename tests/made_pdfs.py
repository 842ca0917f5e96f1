"""Small PDFs for tests of the readers: with text, as a picture of text, in two ragged columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymupdf

SENTENCES = (
    "The fungus spreads slowly in warm and humid fields.",
    "Farmers look after the young plants every morning.",
    "Rain in the early spring helps the spores to travel.",
    "Leaves that stay wet for nine hours are infected first.",
)
WORDS = "the fungus spreads slowly in warm humid fields while farmers look after young plants every morning".split()
WIDTH, HEIGHT = 400, 260


def add_text_page(document: Any, sentences: tuple[str, ...] = SENTENCES) -> None:
    page = document.new_page(width=WIDTH, height=HEIGHT)
    for number, sentence in enumerate(sentences):
        page.insert_text((40, 60 + 18 * number), sentence, fontsize=12)


def add_scan_page(document: Any, sentences: tuple[str, ...] = SENTENCES, dpi: int = 150) -> None:
    """The picture of a text page and nothing else."""
    with pymupdf.open() as draft:
        add_text_page(draft, sentences)
        picture = draft[0].get_pixmap(dpi=dpi)
    page = document.new_page(width=WIDTH, height=HEIGHT)
    page.insert_image(page.rect, pixmap=picture)


def add_drawn_page(document: Any) -> None:
    """Letters as outlines: neither a text layer nor an image."""
    with pymupdf.open() as draft:
        add_text_page(draft)
        picture = draft[0].get_svg_image(text_as_path=True)
    with pymupdf.open(stream=picture.encode(), filetype="svg") as drawing:
        document.insert_pdf(pymupdf.open(stream=drawing.convert_to_pdf(), filetype="pdf"))


def add_ragged_columns(document: Any) -> None:
    """Two columns whose lines begin nowhere in common: no edge shows them."""
    page = document.new_page(width=595, height=842)
    for side, left in (("left", 50), ("right", 330)):
        for number in range(38):
            words = [WORDS[(5 * number + 3 * n) % len(WORDS)] for n in range(4)]
            place = (left + 2.9 * (number * 5 % 19), 80 + 15 * number)
            page.insert_text(place, " ".join([side, *words]), fontsize=10)


def save(path: Path, *adders: Any) -> Path:
    """A PDF with a page by each of ``adders``."""
    with pymupdf.open() as document:
        for add in adders:
            add(document)
        document.save(path)
    return path
