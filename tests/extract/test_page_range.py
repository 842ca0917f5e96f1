"""Page ranges: only the pages that were asked for are read, and the outcome says which."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import ExtractedDocument, FileState
from embtrainer_gui.extract.page_range import pages_of
from embtrainer_gui.extract.pdf_text import read_pdf
from embtrainer_gui.extract.reading import Unreadable

PAGES = 6


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    document = pymupdf.open()
    for number in range(1, PAGES + 1):
        document.new_page().insert_text((72, 100), f"This is what stands on page {number} of the paper and no other.")
    path = tmp_path / "paper.pdf"
    document.save(path)
    return path


def read(paper: Path, pages: str) -> ExtractedDocument:
    return read_pdf(paper, ImportConfig(pages=pages), lambda page, pages, seconds=0.0: None)


@pytest.mark.parametrize(
    ("wanted", "found", "note"),
    [
        ("", [1, 2, 3, 4, 5, 6], ""),
        ("1-", [1, 2, 3, 4, 5, 6], ""),
        ("2-3, 5", [2, 3, 5], "Pages 2-3, 5 of 6 were read."),
        ("5-90", [5, 6], "Pages 5-6 of 6 were read."),
        ("4,4,4-4", [4], "Page 4 of 6 was read."),
    ],
)
def test_that_the_pages_asked_for_are_read_and_told(paper: Path, wanted: str, found: list[int], note: str) -> None:
    document = read(paper, wanted)
    assert [block.page for block in document.blocks] == found
    assert document.note == note
    assert document.pages == PAGES  # the viewer shows them all
    assert not document.partial


def test_that_a_range_outside_the_file_is_its_failure(paper: Path) -> None:
    with pytest.raises(Unreadable, match=r"It has 6 page\(s\), and none of the pages 7-\.") as caught:
        read(paper, "7-")
    assert caught.value.state is FileState.FAILED


def test_that_a_wide_range_of_a_short_file_costs_nothing() -> None:
    assert pages_of("1-1000000,999999-", 3) == [1, 2, 3]
