"""Small PDFs made here: columns, paragraphs, hyphens, furniture, kinds and boxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import Block, BlockKind, ExtractedDocument
from embtrainer_gui.extract.pdf_lines import clean
from embtrainer_gui.extract.pdf_text import read_pdf

LEFT = [
    "Enzymes of the liver break down many substances",
    "that enter the blood, and their activity changes with",
    "age. We measured it in forty volunteers over long-",
    "term treatment and compared the plasma concen-",
    "trations of both groups at regular intervals during",
    "the whole of the first year after they were enrolled",
]
RIGHT = [
    "into the study. The long-term values were stable",
    "in nearly all of them, which agrees with earlier work",
    "on smaller groups. No concentrations above the limit",
    "were seen in any sample that was taken in the morning.",
]


class Sheet:
    """A page to write on, line by line, in points from its top."""

    def __init__(self, document: pymupdf.Document) -> None:
        self.page = document.new_page(width=595, height=842)

    def write(self, lines: Sequence[str], x: float, y: float, size: float = 10, font: str = "tiro") -> float:
        """Write ``lines`` below each other from ``y``; returns where the next line would stand."""
        for line in lines:
            self.page.insert_text((x, y), line, fontsize=size, fontname=font)
            y += 12
        return y


@pytest.fixture
def document() -> pymupdf.Document:
    return pymupdf.open()


def read(document: pymupdf.Document, folder: Path, config: ImportConfig | None = None) -> ExtractedDocument:
    path = folder / "paper.pdf"
    document.save(path)
    return read_pdf(path, config or ImportConfig(), lambda page, pages: None)


def kind(found: ExtractedDocument, wanted: BlockKind) -> list[Block]:
    return [block for block in found.blocks if block.kind is wanted]


def two_columns(document: pymupdf.Document) -> None:
    sheet = Sheet(document)
    sheet.write(["Liver enzymes of ageing volunteers"], 150, 80, 18, "tibo")
    sheet.write(["1 Introduction"], 50, 120, 12, "tibo")
    sheet.write(LEFT, 50, 140)
    sheet.write(RIGHT, 310, 140)


def test_that_two_columns_are_read_one_after_the_other_and_their_paragraph_joined(
    document: pymupdf.Document, tmp_path: Path
) -> None:
    two_columns(document)
    body = kind(read(document, tmp_path), BlockKind.BODY)
    assert len(body) == 1
    assert "after they were enrolled into the study." in body[0].text


def test_that_a_hyphen_of_the_line_break_goes_and_a_real_one_stays(document: pymupdf.Document, tmp_path: Path) -> None:
    two_columns(document)
    text = kind(read(document, tmp_path), BlockKind.BODY)[0].text
    assert "plasma concentrations of both" in text
    assert "over long-term treatment" in text


def test_that_title_and_section_are_found(document: pymupdf.Document, tmp_path: Path) -> None:
    two_columns(document)
    found = read(document, tmp_path)
    assert found.title == "Liver enzymes of ageing volunteers"
    assert kind(found, BlockKind.BODY)[0].section == "1 Introduction"


def test_that_each_line_says_where_it_stands_in_the_text_and_on_the_page(
    document: pymupdf.Document, tmp_path: Path
) -> None:
    two_columns(document)
    body = kind(read(document, tmp_path), BlockKind.BODY)[0]
    assert [body.text[line.start : line.end].strip("- ") for line in body.lines] == [
        line.removesuffix("-") for line in LEFT + RIGHT
    ]
    page, x0, y0, x1, y1 = body.lines[len(LEFT)].box
    assert page == 1
    assert x0 == pytest.approx(310, abs=1)
    assert y0 < 140 < y1
    assert 400 < x1 < 595


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_that_boxes_follow_the_rotation_of_the_page(document: pymupdf.Document, tmp_path: Path, rotation: int) -> None:
    two_columns(document)
    page = document[0]
    upright = pymupdf.Rect(page.search_for("Enzymes of the liver")[0])
    page.set_rotation(rotation)
    found = read(document, tmp_path)
    lines = [(block.text[line.start : line.end], line) for block in found.blocks for line in block.lines]
    line = next(line for text, line in lines if "Enzymes" in text)
    box = pymupdf.Rect(line.box[1:])
    assert box.intersects(upright * page.rotation_matrix)
    assert pymupdf.Rect(0, 0, page.rect.width, page.rect.height).contains(box)


def test_that_text_standing_on_its_side_is_read_in_order_with_boxes_on_the_page(
    document: pymupdf.Document, tmp_path: Path
) -> None:
    page = document.new_page(width=595, height=842)
    for number, line in enumerate(LEFT + RIGHT):
        page.insert_text((100 + 12 * number, 700), line, fontsize=10, fontname="tiro", rotate=90)
    found = read(document, tmp_path)
    text = " ".join(block.text for block in found.blocks)
    assert "after they were enrolled into the study." in text
    box = found.blocks[0].lines[0].box
    assert box[1] == pytest.approx(90, abs=6)
    assert box[4] == pytest.approx(700, abs=2)


def test_that_running_headers_and_page_numbers_go_and_the_text_flows_over_the_page(
    document: pymupdf.Document, tmp_path: Path
) -> None:
    for number, lines in enumerate((LEFT, RIGHT, LEFT, RIGHT), 1):
        sheet = Sheet(document)
        sheet.write([f"Journal of Hepatic Studies 12 (2020) {number}-9"], 50, 40, 8)
        sheet.write(lines, 50, 100)
        sheet.write([str(number)], 290, 815, 8)
    found = read(document, tmp_path)
    text = " ".join(block.text for block in found.blocks)
    assert "Hepatic" not in text
    assert text.count("enrolled into the study.") == 2
    assert not any(block.text.strip().isdigit() for block in found.blocks)


def test_that_margin_line_numbers_are_not_read(document: pymupdf.Document, tmp_path: Path) -> None:
    sheet = Sheet(document)
    for number, line in enumerate(LEFT + RIGHT):
        sheet.write([str(number + 1)], 30, 100 + 14 * number, 7)
        sheet.write([line], 80, 100 + 14 * number)
    text = " ".join(block.text for block in read(document, tmp_path).blocks)
    assert not any(character.isdigit() for character in text)


def test_that_captions_tables_references_and_thanks_are_told_from_the_body(
    document: pymupdf.Document, tmp_path: Path
) -> None:
    sheet = Sheet(document)
    sheet.write(["Introduction"], 50, 60, 13, "tibo")
    y = sheet.write(LEFT + RIGHT, 50, 80)
    y = sheet.write([label := "Table 1. Activity of the enzymes in both groups."], 50, y + 20, 8)
    for row in (("Group", "Mean", "SD"), ("Old", "1.25", "0.30"), ("Young", "2.75", "0.10")):
        for cell, x in zip(row, (50, 200, 350), strict=True):
            sheet.write([cell], x, y, 8)
        y += 10
    y = sheet.write(["Acknowledgements"], 50, y + 30, 13, "tibo")
    y = sheet.write(["We thank all the volunteers of the study."], 50, y + 6)
    y = sheet.write(["References"], 50, y + 20, 13, "tibo")
    sheet.write(["[1] Smith A, Jones B. Enzymes in old age. J Liver. 2001;3:1-9."], 50, y + 6, 8)
    found = read(document, tmp_path)
    assert [block.text for block in kind(found, BlockKind.CAPTION)] == [label]
    assert "1.25" in " ".join(block.text for block in kind(found, BlockKind.TABLE))
    assert kind(found, BlockKind.ACKNOWLEDGEMENT)[0].section == "Acknowledgements"
    assert kind(found, BlockKind.REFERENCE)[0].text.startswith("[1] Smith")
    body = " ".join(block.text for block in kind(found, BlockKind.BODY))
    assert body.startswith("Enzymes of the liver")
    assert body.endswith("in the morning.")


def test_that_a_sentence_about_a_figure_is_no_caption(document: pymupdf.Document, tmp_path: Path) -> None:
    sheet = Sheet(document)
    sheet.write(["Results"], 50, 60, 13, "tibo")
    y = sheet.write(LEFT + RIGHT, 50, 80)
    sheet.write(["Figure 1 shows that the activity fell in both groups", "until the end of the study."], 50, y + 12)
    assert not kind(read(document, tmp_path), BlockKind.CAPTION)


def test_that_ligatures_come_apart_and_powers_stay(document: pymupdf.Document, tmp_path: Path) -> None:
    sheet = Sheet(document)
    font = pymupdf.Font("tiro")
    writer = pymupdf.TextWriter(sheet.page.rect)
    writer.append((50, 100), "the \ufb01rst \ufb02ow of 10\u00b3 cells in the vessel was normal.", font, 10)
    writer.write_text(sheet.page)
    text = " ".join(block.text for block in read(document, tmp_path).blocks)
    assert "the first flow of 10³ cells" in text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("e\ufb03cient \uff21", "efficient A"),
        ("\ufefb", "\u0644\u0627"),  # an Arabic ligature is its two letters
        ("in\u00adfor\u00ad", "infor-"),  # a soft hyphen counts at the line's end only
        ("a\u00a0b\x00\x1b[31m", "a b[31m"),
        ("10\u00b3", "10\u00b3"),
    ],
)
def test_that_letters_are_what_a_reader_would_type(raw: str, text: str) -> None:
    assert clean(raw) == text
