"""A TEI that was joined with its PDF has pages to look at, and is not offered to be read by another extractor."""

from __future__ import annotations

import pytest

from embtrainer_gui.core.store.document_list import DocumentRow
from embtrainer_gui.gui.widgets.paper_words import can_be_read_again, has_pages


@pytest.mark.parametrize(
    ("extractor", "stored", "pages", "again"),
    [
        ("tei", "ab.xml", False, False),
        ("tei", "ab.pdf", True, False),
        ("grobid", "ab.pdf", True, True),
        ("vision", "ab.pdf", True, True),
    ],
)
def test_that_pages_are_shown_where_a_pdf_is_kept(extractor: str, stored: str, pages: bool, again: bool) -> None:
    row = DocumentRow(1, 1, "T", "t.tei.xml", 3, 9, extractor, "done", "", stored)
    assert (has_pages(row), can_be_read_again(row)) == (pages, again)
