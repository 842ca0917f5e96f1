"""Real papers against their truth texts, and damaged files, in the way that import reads them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pymupdf
import pytest

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import SEARCHED_KINDS, BlockKind, ExtractedDocument
from embtrainer_gui.extract.pdf_text import read_pdf

ROOT = Path(__file__).resolve().parents[2]
READ = """
import sys
from pathlib import Path
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.extract.pdf_text import read_pdf
from embtrainer_gui.extract.reading import Unreadable
for name in sys.argv[1:]:
    try:
        found = read_pdf(Path(name), ImportConfig(), lambda page, pages, seconds=0.0: None)
        print("read", sum(len(block.text) for block in found.blocks))
    except Unreadable as error:
        print("unreadable", error.state)
"""


def read(path: Path) -> ExtractedDocument:
    return read_pdf(path, ImportConfig(), lambda page, pages, seconds=0.0: None)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("PMC4889806", 0.97),  # two columns, chemistry tables
        ("PMC5860693", 0.95),  # side column on the first pages
        ("PMC6024997", 0.97),  # one column, long bibliography
        ("PMC6093152", 0.95),  # two and three columns, tables across
        ("PMC5758638", 0.96),  # running header and footer on every page
        ("jose.00184", 0.94),  # side column, tables in the text
    ],
)
def test_that_the_searched_text_of_a_paper_is_nearly_its_truth(
    shared_data: Path, tmp_path: Path, name: str, least: float
) -> None:
    found = read(shared_data / "papers" / f"{name}.pdf")
    passages = tmp_path / "passages.jsonl"
    rows = [{"document": f"{name}.pdf", "text": block.text} for block in found.blocks if block.kind in SEARCHED_KINDS]
    passages.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    tool = [sys.executable, str(shared_data.parent / "tools" / "text_f1.py"), str(passages), str(shared_data / "truth")]
    scores = json.loads(subprocess.run(tool, capture_output=True, text=True, check=True).stdout)
    assert scores["documents"][name]["f1"] >= least


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("PMC1397864", "Effect of Curcuma longa and Ocimum sanctum on myocardial apoptosis"),
        ("PMC4911752", "Natural Therapeutic Options in Endodontics - A Review"),
        ("2020.acl-main.207", "SPECTER: Document-level Representation Learning using Citation-informed Transformers"),
        ("GeoTopo-de", "Einführung in die Geometrie und Topologie"),
    ],
)
def test_that_the_title_is_the_papers_and_not_the_journals(shared_data: Path, name: str, title: str) -> None:
    assert read(shared_data / "papers" / f"{name}.pdf").title.startswith(title)


def test_that_every_line_lies_inside_its_text_and_in_order(shared_data: Path) -> None:
    for block in read(shared_data / "papers" / "PMC4558530.pdf").blocks:
        assert block.lines[0].start == 0
        assert block.lines[-1].end == len(block.text)
        for line, after in zip(block.lines, block.lines[1:], strict=False):
            assert line.start < line.end <= after.start


def test_that_references_do_not_reach_the_searched_text(shared_data: Path) -> None:
    found = read(shared_data / "papers" / "PMC5981179.pdf")
    searched = " ".join(block.text for block in found.blocks if block.kind in SEARCHED_KINDS)
    assert sum(block.kind is BlockKind.REFERENCE for block in found.blocks) > 50
    assert "doi: 10." not in searched


@pytest.mark.parametrize("name", ["lshort-zh-cn", "lshort-es", "arabic-rtl"])
def test_that_other_languages_keep_their_text(shared_data: Path, name: str) -> None:
    path = shared_data / "papers" / f"{name}.pdf"
    document = pymupdf.open(path)
    pages = [str(document[number].get_text()) for number in range(document.page_count)]
    plain = sum(len("".join(text.split())) for text in pages)
    found = sum(len("".join(block.text.split())) for block in read(path).blocks)
    assert found > 0.9 * plain


def test_that_every_damaged_file_ends_in_a_result(shared_data: Path) -> None:
    paths = sorted(str(path) for path in (shared_data / "hostile").glob("*.pdf"))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    child = subprocess.run(
        [sys.executable, "-c", READ, *paths], capture_output=True, text=True, timeout=120, env=environment, check=False
    )
    assert child.returncode == 0, child.stderr[-2000:]
    lines = child.stdout.splitlines()
    assert len(lines) == len(paths)
    assert sum(line.startswith("read") for line in lines) >= 30
