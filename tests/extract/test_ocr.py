"""Recognised pages: the text, and where it stands on the page, whichever way the page is turned or askew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from embtrainer_gui.extract.ocr import MOST_PIXELS, OcrReader, _scale
from embtrainer_gui.extract.pdf_lines import PageText

LINES = [
    "The fungus spreads slowly in warm and humid fields of rice.",
    "Farmers look after the young plants every other morning.",
    "Rain in the early spring helps the spores to travel far.",
]
WIDTH, HEIGHT = 420.0, 200.0


def printed(turn: float = 0) -> Any:
    """The picture of a page, turned right by ``turn`` degrees."""
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    for number, line in enumerate(LINES):
        page.insert_text((40, 60 + 20 * number), line, fontsize=12)
    matrix = pymupdf.Matrix(2.5, 2.5).prerotate(turn)
    return page.get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY)


def scan(pixmap: Any, points_a_pixel: float = 0.4) -> Any:
    document = pymupdf.open()
    page = document.new_page(width=pixmap.width * points_a_pixel, height=pixmap.height * points_a_pixel)
    page.insert_image(page.rect, pixmap=pixmap)
    return document


def recognise(document: Any) -> PageText:
    return OcrReader().read_page(document, 1)


def test_that_words_and_lines_stand_where_they_are_printed() -> None:
    page = recognise(scan(printed()))
    assert [line.text for line in page.lines] == LINES
    for number, line in enumerate(page.lines):
        assert line.x0 == pytest.approx(40, abs=2)
        assert line.base == pytest.approx(60 + 20 * number, abs=1.5)
        assert line.size == pytest.approx(12, rel=0.2)
    assert page.read is not None
    first = page.read.words[0]
    assert first[4] == "The"
    assert first[0] == pytest.approx(40, abs=2)
    assert first[1] < 55 < first[3]
    assert [word[4] for word in page.read.words] == " ".join(LINES).split()
    assert page.read.score is not None
    assert page.read.score > 0.95


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_that_a_page_that_was_scanned_sideways_or_upside_down_is_read(turn: int) -> None:
    document = scan(printed(turn))
    page = recognise(document)
    assert [line.text for line in page.lines] == LINES
    assert page.turn == 360 - turn
    shown = document[0].rect
    for line in page.lines:
        _, x0, y0, x1, y1 = page.box(line)
        assert 0 <= x0 < x1 <= shown.width
        assert 0 <= y0 < y1 <= shown.height
        assert (x1 - x0 > y1 - y0) == (turn == 180)


def test_that_the_lines_of_a_page_askew_are_level_and_their_boxes_are_not() -> None:
    page = recognise(scan(printed(2)))
    assert [line.text for line in page.lines] == LINES
    assert page.skew == pytest.approx(0.035, abs=0.005)
    lefts = [line.x0 for line in page.lines]
    steps = [b.base - a.base for a, b in zip(page.lines, page.lines[1:], strict=False)]
    assert max(lefts) - min(lefts) < 2
    assert steps == pytest.approx([20, 20], abs=1.5)
    _, _, y0, _, y1 = page.box(page.lines[0])
    assert y1 - y0 > 18  # it falls by 12 points over the page


def test_that_a_page_rotated_by_its_file_is_read_as_it_is_shown() -> None:
    document = scan(printed(90))
    document[0].set_rotation(270)
    page = recognise(document)
    assert (page.turn, [line.text for line in page.lines]) == (0, LINES)


def test_that_blank_pages_and_pictures_have_no_text() -> None:
    blank = pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 400, 300))
    blank.clear_with(255)
    noise = pymupdf.Pixmap(pymupdf.csGRAY, 400, 300, os.urandom(400 * 300), False)
    for pixmap in (blank, noise):
        reader = OcrReader()
        assert sum(len(line.text) for line in reader.read_page(scan(pixmap), 1).lines) < 20
    assert reader.score is None or reader.score < 1


def test_that_a_scan_of_one_point_a_pixel_and_a_tiny_page_are_read_alike() -> None:
    for points in (1.0, 0.15):
        assert [line.text for line in recognise(scan(printed(), points)).lines] == LINES


@pytest.mark.parametrize("size", [(595, 842), (3000, 3000), (14_400, 14_400), (1, 14_400), (2, 2)])
@pytest.mark.parametrize("dpi", [0, 600])
def test_that_no_picture_of_a_page_is_larger_than_the_limit(size: tuple[int, int], dpi: int) -> None:
    scale = _scale(*map(float, size), dpi)
    assert 0 < size[0] * scale * size[1] * scale <= MOST_PIXELS * 1.001


def test_that_recognition_downloads_logs_and_writes_nothing(tmp_path: Path) -> None:
    scan(printed()).save(tmp_path / "scan.pdf")
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise SystemExit('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "import pymupdf; from embtrainer_gui.extract.ocr import OcrReader\n"
        "assert OcrReader().read_page(pymupdf.open(sys.argv[1]), 1).lines\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    environment = os.environ | {"HOME": str(home), "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-B", "-c", code, str(tmp_path / "scan.pdf")]
    child = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=home, check=False)
    assert (child.returncode, child.stdout, child.stderr) == (0, "", "")
    assert not list(home.rglob("*"))
