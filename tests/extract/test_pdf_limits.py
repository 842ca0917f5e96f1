"""Files that cannot be read, or only in part, and what is said about them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pymupdf
import pytest

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import ExtractedDocument, FileState
from embtrainer_gui.extract.pdf_text import read_pdf
from embtrainer_gui.extract.reading import Unreadable

SENTENCE = "The sample of page {n} was stored in the cold."
AES_256 = 5  # pymupdf.PDF_ENCRYPT_AES_256


def make(path: Path, pages: int = 1, text: str = SENTENCE, **options: object) -> Path:
    document = pymupdf.open()
    for number in range(1, pages + 1):
        page = document.new_page()
        if text:
            page.insert_text((72, 300), text.format(n=number))
    document.save(path, **options)
    return path


def read(path: Path, config: ImportConfig | None = None, password: str | None = None) -> ExtractedDocument:
    return read_pdf(path, config or ImportConfig(), lambda page, pages: None, password)


def refused(path: Path, config: ImportConfig | None = None, password: str | None = None) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(path, config, password)
    return caught.value


def test_that_each_page_is_announced_before_it_is_read(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    read_pdf(make(tmp_path / "a.pdf", 3), ImportConfig(), lambda page, pages: seen.append((page, pages)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_that_reading_stops_at_the_page_limit_and_says_so(tmp_path: Path) -> None:
    found = read(make(tmp_path / "a.pdf", 5), ImportConfig(max_pages=2))
    assert found.partial
    assert found.pages == 5
    assert "first 2 of 5 pages" in found.note
    assert max(block.page for block in found.blocks) == 2


def test_that_reading_stops_at_the_limit_of_characters_and_says_so(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pdf", 40, "Words " * 15 + "{n}")
    found = read(path, ImportConfig(max_characters=1000))
    assert found.partial
    assert "1000 characters" in found.note
    assert 0 < sum(len(block.text) for block in found.blocks) <= 1000


def test_that_a_protected_file_is_refused_and_opens_with_its_password(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pdf", encryption=AES_256, user_pw="open sesame", owner_pw="owner")
    assert refused(path).state is FileState.ENCRYPTED
    assert refused(path, password="wrong").state is FileState.ENCRYPTED
    assert "stored in the cold" in read(path, password="open sesame").blocks[0].text


def test_that_a_file_protected_against_changes_only_is_read(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pdf", encryption=AES_256, user_pw="", owner_pw="owner")
    assert "stored in the cold" in read(path).blocks[0].text


def test_that_pages_without_text_are_called_so_with_their_number(tmp_path: Path) -> None:
    error = refused(make(tmp_path / "a.pdf", 3, text=""))
    assert error.state is FileState.EMPTY
    assert "3 page" in str(error)
    assert "OCR" in str(error)


@pytest.mark.parametrize("content", [b"", b"plain text", b"<html><body>Log in</body></html>", b"%PDF-1.7\n%%EOF"])
def test_that_what_is_no_pdf_fails_with_a_reason(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    error = refused(path)
    assert error.state is FileState.FAILED
    assert error.hint


def test_that_a_file_over_the_size_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with path.open("wb") as file:
        file.truncate(2_000_000)
    assert refused(path, ImportConfig(max_file_mb=1)).state is FileState.FAILED


def test_that_a_pipe_or_folder_named_pdf_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "folder.pdf").mkdir()
    for name in ("pipe.pdf", "folder.pdf"):
        assert refused(tmp_path / name).state is FileState.FAILED


def test_that_a_broken_page_is_left_out_and_named_and_the_rest_is_read(tmp_path: Path) -> None:
    document = pymupdf.open(make(tmp_path / "a.pdf", 3))
    first, _, third = (document.page_xref(number) for number in range(3))
    root = int(document.xref_get_key(document.pdf_catalog(), "Pages")[1].split()[0])
    document.xref_set_key(root, "Kids", f"[{first} 0 R {root} 0 R {third} 0 R]")
    document.save(tmp_path / "b.pdf")
    found = read(tmp_path / "b.pdf")
    assert found.blocks[0].page == 1
    assert "Damaged pages were left out" in found.note


def test_that_messages_of_the_library_are_not_echoed(tmp_path: Path) -> None:
    whole = make(tmp_path / "a.pdf").read_bytes()
    path = tmp_path / "b.pdf"
    path.write_bytes(b"\x1b[31mjunk\n" + whole[: whole.rindex(b"startxref")])  # MuPDF warns and repairs it
    command = (
        "import sys; from pathlib import Path; from embtrainer_gui.core.config import ImportConfig;"
        "from embtrainer_gui.extract.pdf_text import read_pdf;"
        "read_pdf(Path(sys.argv[1]), ImportConfig(), lambda page, pages: None)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    child = subprocess.run([sys.executable, "-c", command, str(path)], capture_output=True, env=environment, check=True)
    assert child.stdout + child.stderr == b""
