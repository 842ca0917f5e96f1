"""Labelled sets from tables and BEIR folders: what is right, what is wrong, and what is left out with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.beir_in import is_beir, read_beir, whole_set
from embtrainer_gui.core.interchange.json_rows import Row
from embtrainer_gui.core.interchange.labelled import labelled_of, relevance_of, right_pairs
from embtrainer_gui.core.interchange.records_in import PairFile, read_pairs


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2, 2), ("0", 0), ("0,4", 1), ("-1", 0), ("1e9", 100), ("ja", 1), ("Wrong", 0), (True, 1), (False, 0),
        (None, 1), ("", 1), ("perhaps", None), ("nan", None),
    ],
)  # fmt: skip
def test_that_relevance_is_read_as_people_write_it(value: object, expected: int | None) -> None:
    assert relevance_of(value) == expected


def table(tmp_path: Path, *rows: tuple[str, str, str]) -> PairFile:
    path = tmp_path / "t.csv"
    path.write_text("x")
    records = [
        Row(line, line - 1, "", {"question": q, "answer": p, "context": p, "relevance": r})
        for line, (q, p, r) in enumerate(rows, 2)
    ]
    return read_pairs(path, rows=lambda _path, _file: records)


def test_that_rows_of_one_question_come_together_and_the_higher_relevance_counts(tmp_path: Path) -> None:
    file = table(tmp_path, ("Q?", "one", "2"), ("Q? ", "two", "1"), ("Q?", "one", "0"), ("R?", "three", "0"))
    found = labelled_of(file)
    assert [(one.question, one.judged) for one in found.questions] == [
        ("Q?", {"one": 2, "two": 1}),
        ("R?", {"three": 0}),
    ]
    assert [one.question for one in found.without_unanswered().questions] == ["Q?"]


def test_that_a_relevance_that_is_none_is_left_out_with_its_line(tmp_path: Path) -> None:
    file = table(tmp_path, ("Q?", "one", "1"), ("Q?", "two", "maybe"), ("R?", "one", "no"))
    assert [(row.line, row.reason) for row in labelled_of(file).rejected] == [(3, "the relevance is not a number")]
    kept, left = right_pairs(file)
    assert [record.context for record in kept] == ["one"]
    assert [row.line for row in left] == [3, 4]
    assert "wrong" in left[1].reason


def beir(folder: Path, qrels: str) -> Path:
    folder.mkdir()
    corpus = [{"_id": "a", "title": "Paper", "text": "First."}, {"_id": 2, "text": "Second."}, {"_id": "c"}]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in corpus) + "not JSON\n")
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "Q?"}\n{"_id": "r", "text": "Unjudged?"}\n')
    (folder / "qrels.tsv").write_text(qrels)
    return folder


@pytest.mark.parametrize("header", ["", "query-id\tcorpus-id\tscore\n"])
def test_that_a_beir_folder_is_read_with_and_without_a_header(tmp_path: Path, header: str) -> None:
    found = read_beir(beir(tmp_path / "set", f"{header}q\ta\t1\nq\t2\t0\nq\tnone\t1\nnobody\ta\t1\nq\ta\n"))
    assert [(one.question, one.judged) for one in found.questions] == [("Q?", {"a": 1, "2": 0})]
    assert {key: (one.paper, one.text) for key, one in found.passages.items()} == {
        "a": ("Paper", "First."),
        "2": ("", "Second."),
    }
    reasons = [(row.file, row.reason.partition(":")[0]) for row in found.rejected]
    assert reasons == [
        ("corpus.jsonl", "no _id or no text"),
        ("corpus.jsonl", "not JSON"),
        ("qrels.tsv", "there is no such passage"),
        ("qrels.tsv", "there is no such question"),
        ("qrels.tsv", "not a question, a passage and a number"),
    ]


def test_that_the_layout_of_beir_itself_is_known_and_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = beir(tmp_path / "set", "q\ta\t1\n")
    (folder / "qrels").mkdir()
    (folder / "qrels.tsv").rename(folder / "qrels" / "test.tsv")
    assert is_beir(folder)
    assert len(read_beir(folder).questions) == 1
    for file in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        assert whole_set(folder / file) == folder
    other = folder / "other.csv"
    assert [whole_set(other), whole_set(folder)] == [other, folder]
    (folder / "qrels" / "test.tsv").unlink()
    assert whole_set(folder / "queries.jsonl") == folder / "queries.jsonl"
    with pytest.raises(UserError, match="qrels.tsv"):
        read_beir(folder)
