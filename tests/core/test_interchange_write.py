"""What is imported comes out again: keys, order, unknown keys; ours in one object; nothing that tells a user's name."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.interchange import (
    ExportPair,
    ImportedPair,
    document_name,
    export_pair,
    passage_text,
    read_pairs,
    write_json,
    write_jsonl,
)
from embtrainer_gui.core.records import (
    BlockKind,
    Document,
    FileState,
    PairState,
    Passage,
    QAPair,
    QuestionKind,
    Reason,
    Split,
)

NOW = datetime(2026, 3, 4, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=1)))
RECORD: dict[str, Any] = {
    "id": "0b7e2c9e-3b4e-4c55-9d8f-6a1f6f1d2c11",
    "run_id": "20251104T081530Z",
    "created_at": "2025-11-04T08:15:31.123456Z",
    "model": "deepseek-r1:1.5b",
    "file_name": "smith2020.txt",
    "line_number": 7,
    "context": "Basalt melts\u2028at about 1,200 °C.",
    "question": "At what temperature does basalt melt?",
    "answer": "about 1,200 °C",
    "usage": {"total_tokens": 310, "prompt_tokens": 250, "completion_tokens": 60},
    "zeta": [1, {"b": None, "a": 2.5}],
    "alpha": "kept",
}


def stored(record: ImportedPair, state: PairState = PairState.ACCEPTED) -> ExportPair:
    """The pair after it has been through a project."""
    document = Document(1, "h", document_name(record), "", 1, FileState.DONE, "", "pairs", Split.TRAIN, 1)
    passage = Passage(5, "k5", 1, 2, BlockKind.BODY, "", 3, passage_text(record), ((3, 1.0, 2.0, 3.0, 4.0),), 9)
    extra = json.loads(json.dumps(record.extra))
    pair = QAPair(
        8, record.uid, 5, record.question, record.answer, record.kind, "import", state, (Reason.COPIED,), extra
    )
    return export_pair(pair, passage, document)


def generated(**changes: Any) -> ExportPair:
    document = Document(1, "h", "jones.pdf", "", 1, FileState.DONE, "", "text", None, 1)
    passage = Passage(5, "k5", 1, 2, BlockKind.BODY, "", 3, "Olivine melts last.", (), 9)
    pair = QAPair(8, "u8", 5, "What melts last?", "Olivine", QuestionKind.FACT, "builtin", PairState.ACCEPTED)
    return export_pair(pair, passage, document, **changes)


def exported(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def round_trip(folder: Path, record: dict[str, Any]) -> dict[str, Any]:
    source, target = folder / "in.jsonl", folder / "out.jsonl"
    source.write_text(json.dumps(record), encoding="utf-8")
    assert write_jsonl(target, map(stored, read_pairs(source).records), now=NOW) == 1
    return exported(target)[0]


def test_that_a_record_comes_out_with_its_keys_order_and_unknown_keys(tmp_path: Path) -> None:
    out = round_trip(tmp_path, RECORD)
    ours = out.pop("embtrainer")
    assert json.dumps(out) == json.dumps(RECORD)  # the order too
    assert ours == {
        "kind": "unknown",
        "state": "accepted",
        "reasons": ["copied"],
        "passage": "k5",
        "page": 3,
        "boxes": [[3, 1.0, 2.0, 3.0, 4.0]],
        "split": "train",
    }


def test_that_the_later_dialect_comes_out_in_v1_order_with_its_keys_behind(tmp_path: Path) -> None:
    later = {"question_type": "causal", "doc_id": "d", **dict(reversed(RECORD.items())), "paragraph_index": 4}
    out = round_trip(tmp_path, later)
    v1 = list(RECORD)[:10]
    assert list(out) == [*v1, "question_type", "doc_id", "alpha", "zeta", "paragraph_index", "embtrainer"]
    assert out["embtrainer"]["kind"] == "cause"


def test_that_a_second_round_trip_changes_nothing_and_keeps_a_newer_programs_keys(tmp_path: Path) -> None:
    once = round_trip(tmp_path, {**RECORD, "embtrainer": {"kind": "method", "page": 99, "future": [1]}})
    assert once["embtrainer"]["kind"] == "method"
    assert once["embtrainer"]["page"] == 3
    assert once["embtrainer"]["future"] == [1]
    assert json.dumps(round_trip(tmp_path, once)) == json.dumps(once)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/home/someone/a.txt", False),
        ("C:\\Users\\someone\\a.txt", False),
        ("C:a.txt", False),
        ("\\\\server\\share\\a.txt", False),
        ("~/a.txt", False),
        ("file:///home/someone/a.txt", False),
        ("", False),
        (5, False),
        ("texts/a.txt", True),
    ],
)
def test_that_only_a_relative_file_path_is_written(tmp_path: Path, path: object, *, kept: bool) -> None:
    out = round_trip(tmp_path, {**RECORD, "file_path": path})
    assert ("file_path" in out) is kept
    assert not kept or list(out).index("file_path") == 5


def test_that_a_pair_of_ours_gets_every_v1_key_and_the_dates_of_its_run(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write_jsonl(path, [generated(), generated(created_at="2026-01-01T00:00:00.000001Z", run_id="R")], now=NOW)
    first, second = exported(path)
    assert {key: first[key] for key in list(first)[:-1]} == {
        "id": "u8",
        "run_id": "20260304T050708Z",
        "created_at": "2026-03-04T05:07:08.000009Z",
        "model": "builtin",
        "file_name": "jones.txt",
        "line_number": 2,
        "context": "Olivine melts last.",
        "question": "What melts last?",
        "answer": "Olivine",
    }
    assert (second["created_at"], second["run_id"]) == ("2026-01-01T00:00:00.000001Z", "R")
    write_jsonl(path, [generated()])
    out = exported(path)[0]
    assert re.fullmatch(r"\d{8}T\d{6}Z", out["run_id"])
    assert abs(datetime.fromisoformat(out["created_at"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_that_only_accepted_pairs_are_written_unless_asked(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(RECORD), encoding="utf-8")
    (record,) = read_pairs(source).records
    pairs = [stored(record, state) for state in PairState]
    assert write_jsonl(tmp_path / "out.jsonl", pairs) == 1
    assert write_jsonl(tmp_path / "out.jsonl", pairs, states=tuple(PairState)) == 3


def test_that_text_is_not_ascii_escaped(tmp_path: Path) -> None:
    round_trip(tmp_path, RECORD)
    assert "°C".encode() in (tmp_path / "out.jsonl").read_bytes()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_that_the_array_export_is_one_json_array_that_is_read_back(tmp_path: Path, count: int) -> None:
    path = tmp_path / "out.json"
    pairs = [generated() for _ in range(count)]
    assert write_json(path, pairs, now=NOW) == count
    assert len(json.loads(path.read_text(encoding="utf-8"))) == count
    assert len(read_pairs(path).records) == min(count, 1)  # the same pair again is a duplicate


def test_that_a_failing_export_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("earlier work\n", encoding="utf-8")

    def pairs() -> Any:
        yield generated()
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        write_jsonl(path, pairs())
    assert path.read_text(encoding="utf-8") == "earlier work\n"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(EnvironmentProblem, match="no-such-folder"):
        write_jsonl(tmp_path / "no-such-folder" / "out.jsonl", [generated()])
