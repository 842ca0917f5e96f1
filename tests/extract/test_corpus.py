"""corpus.jsonl: rows are passages; broken rows are named and cost nothing else."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import ExtractedDocument, FileState
from embtrainer_gui.extract.corpus import read_corpus
from embtrainer_gui.extract.reading import Unreadable
from embtrainer_gui.extract.sniff import Format, recognise


def row(key: object, text: object = "some text", title: object = "") -> bytes:
    return json.dumps({"_id": key, "title": title, "text": text}, ensure_ascii=False).encode() + b"\n"


def read(tmp_path: Path, data: bytes) -> tuple[list[ExtractedDocument], list[str]]:
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(data)
    notes: list[str] = []
    return list(read_corpus(path, ImportConfig(), notes)), notes


def keys(documents: list[ExtractedDocument]) -> list[str]:
    return sorted(block.key for document in documents for block in document.blocks)


def test_that_rows_of_one_title_are_one_document_and_untitled_rows_their_own(tmp_path: Path) -> None:
    documents, notes = read(
        tmp_path, row("a", title="T") + row("b") + row("c", title="T") + row(4) + row("e", title="U")
    )
    assert sorted((d.title, [b.key for b in d.blocks]) for d in documents) == [
        ("", ["4"]), ("", ["b"]), ("T", ["a", "c"]), ("U", ["e"]),
    ]  # fmt: skip
    assert notes == []


def test_that_text_is_kept_as_it_is(tmp_path: Path) -> None:
    text = "  two\n\nparagraphs\u2028and a line separator, 中文 "
    documents, _ = read(tmp_path, row("a", text))
    assert documents[0].blocks[0].text == text


def test_that_a_byte_order_mark_crlf_and_a_missing_last_newline_do_not_matter(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + row("a").replace(b"\n", b"\r\n") + b"\r\n\n" + row("b").rstrip()
    documents, notes = read(tmp_path, data)
    assert keys(documents) == ["a", "b"]
    assert notes == []


@pytest.mark.parametrize(
    "bad",
    [
        b"{not json\n", b"null\n", b"NaN\n", b"5\n", b'["_id", "text"]\n', b'"_id text"\n', b'{"_id": "x"}\n',
        b'{"text": "no id"}\n', row("x", None), row("x", 5), row("x", "  \n"), row(True), row(None), row("good"),
        b'{"_id": ' + b"9" * 5000 + b', "text": "t"}\n', b"[" * 100_000 + b"]" * 100_000 + b"\n",
        b'{"_id":"x","text":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001 + b"\n",
        row("x", "a" * 10_000_000), b'{"_id": "x", "text": "\\ud800 lone"}\n', b'{"_id": "x", "text": "\xff\xfe"}\n',
        b"\x00\x01\x02\n",
    ],
    ids=lambda data: repr(data[:24]),
)  # fmt: skip
def test_that_a_broken_row_is_named_and_the_good_ones_go_in(bad: bytes, tmp_path: Path) -> None:
    documents, notes = read(tmp_path, row("good") + bad + row("last"))
    assert keys(documents) == ["good", "last"]
    assert len(notes) == 1
    assert "1 rows left out (line 2:" in notes[0]


def test_that_five_broken_rows_are_named_and_all_are_counted(tmp_path: Path) -> None:
    _, notes = read(tmp_path, row("a") + b"bad\n" * 9)
    assert "9 rows" in notes[0]
    assert notes[0].count("no JSON") == 5
    assert "line 2:" in notes[0]
    assert "line 6:" in notes[0]


def test_that_a_file_without_a_good_row_fails_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="line 1: no text") as problem:
        read(tmp_path, row("a", ""))
    assert problem.value.state is FileState.FAILED


def test_that_a_compressed_file_is_told_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(gzip.compress(row("a")))
    with pytest.raises(Unreadable, match="gzip"):
        recognise(path, ImportConfig())
    path.write_bytes(row("a"))
    assert recognise(path, ImportConfig()) is Format.CORPUS


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.binary(max_size=60) | st.sampled_from([row("a"), row("b", title="T"), b"{}", b"\n", b"\r\n"])))
def test_that_no_bytes_crash_the_reader(lines: list[bytes], tmp_path: Path) -> None:
    try:
        documents, _ = read(tmp_path, b"\n".join(lines))
        assert documents
    except Unreadable:
        pass


def test_that_a_real_corpus_keeps_every_id(shared_data: Path) -> None:
    path = shared_data / "qa" / "covidqa" / "corpus.jsonl"
    documents = list(read_corpus(path, ImportConfig(), []))
    ids = [json.loads(line)["_id"] for line in path.read_text(encoding="utf-8").splitlines() if line]
    assert keys(documents) == sorted(ids)
    assert len(documents) < len(ids)
