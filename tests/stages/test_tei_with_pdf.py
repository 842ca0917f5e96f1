"""TEI files and the PDFs that they were made of: one paper, with the text of the one on the pages of the other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from fake_grobid import tei_of
from server_import import Importer, importer, text_of, write_pdf


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Importer]:
    with importer(tmp_path / "project") as made:
        yield made


def plain_tei(topic: str) -> bytes:
    """As GROBID answers without being asked for coordinates."""
    head = tei_of(topic).split(b"<profileDesc>")[0] + b"</teiHeader>"
    return head + b"<text><body><div><p>" + text_of(topic).encode() + b"</p></div></body></text></TEI>"


def test_that_a_tei_without_coordinates_gets_pages_and_places_from_the_pdf_beside_it(
    project: Importer, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "farms.tei.xml").write_bytes(plain_tei("rice blast"))
    write_pdf(folder / "farms.pdf", "moss", "rice blast", "fern")
    rows = project.run([folder])
    assert (rows["farms.tei.xml"]["state"], rows["farms.tei.xml"]["pages"]) == ("done", 3)
    assert rows["farms.pdf"]["state"] == "duplicate"
    assert rows["farms.pdf"]["reason"] == "Its text comes from farms.tei.xml, and its pages are shown with that."
    body = next(p for p in project.passages() if "counted in spring" in p.text)
    assert body.page == body.boxes[0][0] == 2
    assert 60 < body.boxes[0][1] < 80
    assert (project.project.papers / project.source("farms.tei.xml").stored).read_bytes().startswith(b"%PDF")


def test_that_a_pdf_is_read_itself_where_its_tei_cannot_be(
    project: Importer, tmp_path: Path, three_papers: list[Path]
) -> None:
    broken = tmp_path / "farms.tei.xml"
    broken.write_bytes(plain_tei("moss")[:400])
    rows = project.run([broken, Path(shutil.copy(three_papers[0], tmp_path / "farms.pdf"))])
    assert (rows["farms.tei.xml"]["state"], rows["farms.pdf"]["state"]) == ("failed", "done")
    assert project.source("farms.pdf").extractor.startswith("text")


def test_that_a_pdf_of_the_project_lends_its_pages(project: Importer, tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    scan = write_pdf(tmp_path / "scans" / "farms.pdf", "")
    rows = project.run([scan], extractor="text")
    assert rows["farms.pdf"]["state"] == "empty"
    tei = tmp_path / "farms.grobid.tei.xml"
    tei.write_bytes(tei_of("rice blast"))
    assert project.run([tei])["farms.grobid.tei.xml"]["state"] == "done"
    assert project.source("farms.grobid.tei.xml").stored == project.source("farms.pdf").stored


@pytest.mark.parametrize("kind", ["junk", "locked"])
def test_that_a_pdf_that_cannot_be_opened_takes_nothing_from_the_tei(
    kind: str, project: Importer, tmp_path: Path
) -> None:
    tei = tmp_path / "farms.tei.xml"
    tei.write_bytes(plain_tei("rice blast"))
    if kind == "junk":
        (tmp_path / "farms.pdf").write_bytes(b"%PDF-1.4 nothing more")
    else:
        document = pymupdf.open()
        document.new_page()
        document.save(tmp_path / "farms.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="key", owner_pw="owner")
    assert project.run([tei])["farms.tei.xml"]["state"] == "done"
    assert all(passage.boxes == () for passage in project.passages())


@pytest.mark.parametrize("name", ["N18-3011", "springer-0046d83a"])
def test_that_real_tei_files_are_placed_on_their_real_pages(
    name: str, project: Importer, shared_data: Path, tmp_path: Path
) -> None:
    for folder, ending in (("tei", "tei.xml"), ("papers", "pdf")):
        shutil.copy(shared_data / folder / f"{name}.{ending}", tmp_path)
    project.run([tmp_path / f"{name}.tei.xml"])
    passages = project.passages()
    placed = [passage for passage in passages if passage.boxes]
    assert len(placed) >= 0.95 * len(passages)
    with pymupdf.open(tmp_path / f"{name}.pdf") as document:
        for passage in placed:
            shown = " ".join(
                document[box[0] - 1].get_text(clip=pymupdf.Rect(box[1:]) + (-1, -1, 1, 1)) for box in passage.boxes
            )
            words = {word.strip(".,;()") for word in passage.text.split()}
            assert len(words & {word.strip(".,;()") for word in shown.split()}) > 0.6 * len(words)
