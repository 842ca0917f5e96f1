"""No bytes crash the reader of pair files: good rows go in, each bad one is listed with its line and the reason."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange import PairFile, json_rows, read_pairs

GOOD = json.dumps({"question": "What melts first?", "answer": "Olivine."})


def written(folder: Path, content: str | bytes, name: str = "pairs.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def reasons(found: PairFile) -> dict[int, str]:
    return {row.line: row.reason for row in found.rejected}


def test_that_nothing_in_a_hostile_file_costs_a_good_row(tmp_path: Path) -> None:
    long = "x" * 10_000_000
    lines = [
        b"\xef\xbb\xbf" + GOOD.encode(),  # 1: a BOM must not cost row 1
        b"null",
        b"NaN",
        b"5",
        b'["question", "answer"]',  # 5
        b'"a question and an answer"',
        b'{"question": "Q?", "answer": null}',
        b'{"question": "Q?", "answer": NaN}',
        b'{"question": "Q?", "answer": "A", "n": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,  # 10
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"question": "Q?", "answer": "A", "deep": ' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"question": "Half \\ud83d?", "answer": "A"}',
        b'{"question": "A NUL \\u0000?", "answer": "A"}',
        b'{"question": "raw NUL \x00?", "answer": "A"}',  # 15
        b'{"question": "Latin-1 \xe9?", "answer": "A"}',
        b'{"question": "Q?", "answer": "cut',
        b'{"answer": "A"}',
        b'{"question": " \\t", "answer": "A"}',
        b'{"question": "Twice?", "question": "Really?", "answer": "A"}',  # 20: good
        json.dumps({"question": "Long?", "answer": long}).encode(),  # 21: good
        '{"question": "Line\u2028separator \u2029\x85?", "answer": "A"}'.encode(),  # 22: good
        b'{"question": "Smile \\ud83d\\ude00?", "answer": "A", "score": NaN, "big": 1e999}',  # 23: good
        b'{"question": "No line end?", "answer": "A"}',  # 24: good
    ]
    found = read_pairs(written(tmp_path, b"\r\n".join(lines)))
    assert [pair.uid for pair in found.records] == ["1", "20", "21", "22", "23", "24"]
    assert [row.line for row in found.rejected] == list(range(2, 20))
    assert all(row.reason and len(row.text) <= 200 for row in found.rejected)
    why = reasons(found)
    assert why[2] == "not a record but null"
    assert why[5] == "not a record but a list"
    assert why[7] == why[8] == "the answer is not text but null"
    assert "digits" in why[9]
    assert "nested" in why[10]
    assert "nested" in why[11]
    assert "nested" in why[12]
    assert "Unicode" in why[13]
    assert "UTF-8" in why[16]
    assert found.records[1].question == "Really?"
    assert [(note.line, "question" in note.text) for note in found.notes] == [(20, True)]
    assert found.records[3].question == "Line\u2028separator \u2029\x85?"
    assert found.records[4].raw["score"] is None
    assert found.records[4].raw["big"] is None


def test_that_bad_elements_of_an_array_cost_themselves_alone(tmp_path: Path) -> None:
    bad = ['{"question": "odd " quote?", "answer": "A"}', "[" * 2000 + "]" * 2000, '{"question": "Q?"', "7"]
    elements = [GOOD, *(element for row in bad for element in (row, GOOD))]
    found = read_pairs(written(tmp_path, "[\n" + ",\n".join(elements) + "\n]", "a.json"))
    assert [pair.uid for pair in found.records] == ["1", "3", "5", "7", "9"]
    assert [row.line for row in found.rejected] == [3, 5, 7, 9]


def test_that_an_array_that_was_cut_off_keeps_what_is_whole(tmp_path: Path) -> None:
    text = json.dumps([json.loads(GOOD)] * 5, indent=1)
    found = read_pairs(written(tmp_path, text[: text.rindex("Olivine")], "cut.json"))
    assert len(found.records) == 4
    assert len(found.rejected) == 1


def test_that_lines_behind_a_list_or_an_array_are_still_read(tmp_path: Path) -> None:
    first_is_list = read_pairs(written(tmp_path, f"[1, 2]\n{GOOD}\n"))
    assert [pair.uid for pair in first_is_list.records] == ["2"]
    assert [row.line for row in first_is_list.rejected] == [1]
    deep = read_pairs(written(tmp_path, f"{'[' * 50_000}\n{GOOD}\n"))
    assert [pair.uid for pair in deep.records] == ["2"]
    behind = read_pairs(written(tmp_path, f"\ufeff[{GOOD}] é\n{GOOD.replace('first', 'last')}\n"))
    assert [pair.question for pair in behind.records] == ["What melts first?", "What melts last?"]
    assert [(row.line, row.text) for row in behind.rejected] == [(1, "é")]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (gzip.compress(GOOD.encode(), mtime=0), "gzip"),
        (b"PK\x03\x04rest", "workbook"),
        (GOOD.encode("utf-16"), "UTF-16"),
        (b"%PDF-1.7\n", "PDF"),
    ],
)
def test_that_a_file_of_another_kind_is_named_as_such(tmp_path: Path, content: bytes, word: str) -> None:
    for name in ("a.jsonl", "a.csv"):
        found = read_pairs(written(tmp_path, content, name))
        assert not found.records
        assert word in found.rejected[0].reason


@pytest.mark.timeout(20)
def test_that_a_flood_of_tags_or_broken_elements_takes_no_time(tmp_path: Path) -> None:
    tags = json.dumps({"question": "Q?", "answer": "<think>" * 300_000})
    keys = '{"question": "Q?", ' + '"a": 1, "b": 2, ' * 100_000 + '"answer": "A"}'
    assert len(read_pairs(written(tmp_path, f"{tags}\n{keys}\n")).records) == 1
    broken = "[\n" + '{"question": "Q " ?", "answer": "A"},\n' * 20_000 + GOOD + "\n]"
    assert len(read_pairs(written(tmp_path, broken, "a.json")).records) == 1


def test_that_a_line_over_the_limit_is_one_bad_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MAX_LINE", 100)
    found = read_pairs(written(tmp_path, f"{GOOD}\n{'x' * 1000}\n{GOOD}\n{'y' * 100}"))
    assert [pair.uid for pair in found.records] == ["1", "3"]
    assert [(row.line, row.text) for row in found.rejected] == [(2, "x" * 100), (4, "y" * 100)]


def test_that_a_huge_header_is_only_a_table_without_its_columns(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        read_pairs(written(tmp_path, "x" * 300_000 + ",y\n1,2\n", "a.csv"))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["id", "question", "answer"]), inner),
    max_leaves=8,
)
_RECORD = st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "question", "answer", "context"), _JSON))
_LINE = st.one_of(
    st.binary(),
    st.builds(lambda value: json.dumps(value).encode(), _JSON | _RECORD),
    st.just(GOOD.encode()),
    st.builds(
        lambda at, byte: GOOD.encode()[:at] + bytes([byte]) + GOOD.encode()[at + 1 :],
        st.integers(0, len(GOOD) - 1),
        st.integers(0, 255),
    ),
).filter(lambda line: b"\n" not in line)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_LINE, max_size=8))
def test_that_every_line_is_either_a_record_or_rejected(tmp_path: Path, lines: list[bytes]) -> None:
    lines = [b'{"question": "First?", "answer": "A"}', *lines]  # so that the file is one of lines
    found = read_pairs(written(tmp_path, b"\n".join(lines)))
    expected = [number for number, line in enumerate(lines, 1) if line.strip()]
    assert len(found.records) + len(found.rejected) == len(expected)
    assert {row.line for row in found.rejected} <= set(expected)
    json.dumps([pair.raw for pair in found.records], allow_nan=False, ensure_ascii=False).encode("utf-8")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary()
    | st.builds(b"".join, st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b",", b'"', b"\n", b"1", GOOD.encode()]))),
    st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.tsv"]),
)
def test_that_no_bytes_crash_the_reader(tmp_path: Path, content: bytes, name: str) -> None:
    try:
        found = read_pairs(written(tmp_path, content, name))
    except UserError:
        assert name.endswith("sv")  # a table without its columns
    else:
        assert all(row.line >= 1 and len(row.text) <= 200 for row in found.rejected)
        assert len({pair.uid for pair in found.records}) == len(found.records)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_JSON | _RECORD, max_size=6), st.integers(0, 400))
def test_that_a_cut_array_keeps_its_whole_records(tmp_path: Path, rows: list[Any], cut: int) -> None:
    texts = [json.dumps(row) for row in [*rows, json.loads(GOOD)]]
    whole = "[" + ", ".join(texts)
    found = read_pairs(written(tmp_path, whole + "]", "a.json"))
    assert len(found.records) + len(found.rejected) == len(texts)
    assert len(read_pairs(written(tmp_path, whole[: max(1, len(whole) - cut)], "a.json")).records) <= len(found.records)
