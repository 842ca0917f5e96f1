"""The BEIR folder holds plain records that any loader reads, whole or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import BlockKind, PairState, Passage, QAPair, QuestionKind
from embtrainer_gui.export.beir import write_beir

PASSAGES = [Passage(n, f"k{n}", n // 2, n, BlockKind.BODY, "s", 1, f"Text {n} µ.", (), 4) for n in range(4)]


def pair(uid: str, passage_id: int, question: str) -> QAPair:
    return QAPair(1, uid, passage_id, question, "A", QuestionKind.FACT, "builtin", PairState.ACCEPTED)


PAIRS = [pair("u1", 0, "Q1?"), pair("u\t2", 3, "Q2?"), pair("u3", 2, "Q1?"), pair("u4", 0, "Q1?")]


def rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def test_that_records_are_plain_and_a_question_asked_twice_is_one_query(tmp_path: Path) -> None:
    out = tmp_path / "set"
    assert write_beir(out, iter(PASSAGES), {0: "Title"}, iter(PAIRS)) == 2
    assert sorted(path.name for path in out.iterdir()) == ["corpus.jsonl", "qrels.tsv", "queries.jsonl"]
    assert rows(out / "corpus.jsonl")[0] == {"_id": "k0", "title": "Title", "text": "Text 0 µ."}
    assert rows(out / "corpus.jsonl")[3] == {"_id": "k3", "title": "", "text": "Text 3 µ."}
    assert rows(out / "queries.jsonl") == [{"_id": "u1", "text": "Q1?"}, {"_id": "u\t2", "text": "Q2?"}]
    with (out / "qrels.tsv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file, delimiter="\t")) == [
            ["query-id", "corpus-id", "score"],
            ["u1", "k0", "1"],
            ["u1", "k2", "1"],
            ["u\t2", "k3", "1"],
        ]
    assert b"\r" not in (out / "qrels.tsv").read_bytes()


def test_that_a_question_on_a_passage_that_is_not_searched_is_left_out(tmp_path: Path) -> None:
    assert write_beir(tmp_path / "set", PASSAGES[:2], {}, PAIRS) == 1
    assert rows(tmp_path / "set" / "queries.jsonl") == [{"_id": "u1", "text": "Q1?"}]


def test_that_a_fault_in_the_middle_leaves_no_folder(tmp_path: Path) -> None:
    def broken() -> Iterator[QAPair]:
        yield PAIRS[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_beir(tmp_path / "set", PASSAGES, {}, broken())
    assert not list(tmp_path.iterdir())


def test_that_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mine").touch()
    with pytest.raises(UserError, match="set"):
        write_beir(tmp_path / "set", PASSAGES, {}, PAIRS)
    assert [path.name for path in tmp_path.rglob("*")] == ["set", "mine"]
