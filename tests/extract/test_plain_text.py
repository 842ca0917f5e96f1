"""Text files as the predecessor wrote them, and telling formats apart without blocking."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import BlockKind, ExtractedDocument, FileState
from embtrainer_gui.extract.plain_text import read_text
from embtrainer_gui.extract.reading import Unreadable
from embtrainer_gui.extract.sniff import Format, recognise


def read(tmp_path: Path, data: bytes, **limits: int) -> ExtractedDocument:
    path = tmp_path / "A paper.txt"
    path.write_bytes(data)
    return read_text(path, ImportConfig(**limits))


def test_that_a_line_is_a_paragraph_and_labels_are_sections(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        b"Abstract: We did it.\r\n\r\nFirst paragraph.\nConclusions: It worked.\nAfter it.\n"
        b"Acknowledgments: Thanks.\nReferences:\n[1] A.\n[2] B.\n",
    )
    assert (document.title, document.pages, document.note) == ("A paper", 1, "")
    assert [(b.kind.value, b.section, b.text) for b in document.blocks] == [
        ("abstract", "Abstract", "We did it."),
        ("body", "", "First paragraph."),
        ("body", "Conclusions", "It worked."),
        ("body", "", "After it."),
        ("acknowledgement", "Acknowledgments", "Thanks."),
        ("heading", "References", "References"),
        ("reference", "References", "[1] A."),
        ("reference", "References", "[2] B."),
    ]


def test_that_a_label_alone_is_a_heading_and_an_abstract_one_paragraph(tmp_path: Path) -> None:
    document = read(tmp_path, b"Abstract:\nShort.\nBody.\nConclusions:\nOne.\nTwo.\n")
    assert [(b.kind.value, b.section) for b in document.blocks if b.kind is not BlockKind.HEADING] == [
        ("abstract", "Abstract"), ("body", ""), ("body", "Conclusions"), ("body", "Conclusions"),
    ]  # fmt: skip


def test_that_pages_that_were_never_read_are_left_out_and_told(tmp_path: Path) -> None:
    document = read(tmp_path, b"One.\n[Page 2 - Not yet processed]\n[Page 3 - Not yet processed]\n")
    assert [block.text for block in document.blocks] == ["One."]
    assert document.note.startswith("2 pages")


def test_that_the_encoding_is_found_and_told(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeffcafé".encode()).blocks[0].text == "café"
    document = read(tmp_path, "café – “x”".encode("cp1252"))
    assert document.blocks[0].text == "café – “x”"
    assert "Windows-1252" in document.note


def test_that_a_limit_on_characters_keeps_the_beginning_and_says_so(tmp_path: Path) -> None:
    document = read(tmp_path, b"word " * 1000, max_characters=1000)
    assert document.partial
    assert len(document.blocks[0].text) <= 1000
    assert "1000" in document.note


@pytest.mark.parametrize("data", [b" \n\n", b"[Page 1 - Not yet processed]\n", b"References:\n"])
def test_that_a_file_without_text_is_empty(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as problem:
        read(tmp_path, data)
    assert problem.value.state is FileState.EMPTY


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", b"%PDF-1.7\n\xe2\xe3", Format.PDF),
        ("a.pdf", b"HTTP/1.1 200 OK\r\n" * 20 + b"%PDF-1.4\n", Format.PDF),
        ("a.pdf", b"\xe2\xe3\xcf\xd3\n1 0 obj header lost", Format.PDF),
        ("a.xml", b'<?xml version="1.0"?>\n<TEI xmlns="http://www.tei-c.org/ns/1.0">', Format.TEI),
        ("a.dat", b'{"_id": "1", "title": "", "text": "x"}\n', Format.CORPUS),
        ("a.jsonl", b'{"broken": \n', Format.CORPUS),
        ("a.txt", "Ein Absatz über Reis.".encode("cp1252"), Format.TEXT),
    ],
)
def test_that_content_decides_before_the_name(name: str, data: bytes, expected: Format, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert recognise(tmp_path / name, ImportConfig()) is expected


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", b"<!DOCTYPE html><html><script>var obj</script>Log in", "web page"),
        ("a.pdf", b"just words", "no PDF"),
        ("a.txt", bytes(range(256)), "no PDF"),
        ("a.txt", b"PK\x03\x04rest", "ZIP"),
        ("a.pdf", b"", "empty"),
    ],
)
def test_that_what_is_no_paper_is_refused_by_name(name: str, data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Unreadable, match=words) as problem:
        recognise(tmp_path / name, ImportConfig())
    assert problem.value.state is FileState.FAILED


def test_that_what_is_no_file_never_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "folder.pdf").mkdir()
    (tmp_path / "dangling.pdf").symlink_to(tmp_path / "nowhere")
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.pdf")
        for name, words in [
            ("pipe.pdf", "pipe"), ("folder.pdf", "folder"), ("dangling.pdf", "link"), ("socket.pdf", "socket"),
            ("none.pdf", "no such file"), ("/dev/zero", "device"), ("nul\0.pdf", "cannot be opened"),
        ]:  # fmt: skip
            with pytest.raises(Unreadable, match=words) as problem:
                recognise(Path(name), ImportConfig())
            assert problem.value.state is FileState.FAILED


def test_that_a_file_over_the_limit_is_stopped_unread(tmp_path: Path) -> None:
    with (tmp_path / "big.pdf").open("wb") as file:
        file.truncate(3 * 2**20)
    with pytest.raises(Unreadable, match="larger than 2 MB") as problem:
        recognise(tmp_path / "big.pdf", ImportConfig(max_file_mb=2))
    assert problem.value.state is FileState.STOPPED
