"""Every shape of pair file goes in; what cannot is listed with its line and the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange import PairFile, document_name, passage_text, read_pairs
from embtrainer_gui.core.records import QuestionKind

V1: dict[str, Any] = {
    "id": "0b7e2c9e-3b4e-4c55-9d8f-6a1f6f1d2c11",
    "run_id": "20251104T081530Z",
    "created_at": "2025-11-04T08:15:31.123456Z",
    "model": "deepseek-r1:1.5b",
    "file_name": "smith2020.txt",
    "file_path": "/home/someone/texts/smith2020.txt",
    "line_number": 7,
    "context": "Basalt melts at about 1,200 °C in the upper mantle.",
    "question": "At what temperature does basalt melt?",
    "answer": "about 1,200 °C",
    "usage": {"total_tokens": 310, "prompt_tokens": 250, "completion_tokens": 60},
}
GOOD = json.dumps({"question": "What melts first?", "answer": "Olivine."})


def written(folder: Path, content: str | bytes, name: str = "pairs.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def reasons(found: PairFile) -> dict[int, str]:
    return {row.line: row.reason for row in found.rejected}


def test_that_every_key_of_a_v1_record_is_read(tmp_path: Path) -> None:
    found = read_pairs(written(tmp_path, json.dumps(V1, ensure_ascii=False) + "\n"))
    (pair,) = found.records
    assert (pair.uid, pair.run_id, pair.created_at) == (V1["id"], V1["run_id"], V1["created_at"])
    assert (pair.question, pair.answer, pair.context) == (V1["question"], V1["answer"], V1["context"])
    assert (pair.model, pair.file_name, pair.line_number) == ("deepseek-r1:1.5b", "smith2020.txt", 7)
    assert pair.kind is QuestionKind.UNKNOWN
    assert list(pair.raw) == list(V1)
    assert not found.rejected
    assert not found.notes


@pytest.mark.parametrize(
    ("question_type", "kind"),
    [
        ("factual", QuestionKind.FACT),
        ("definition", QuestionKind.DEFINITION),
        ("method", QuestionKind.METHOD),
        ("causal", QuestionKind.CAUSE),
        ("comparison", QuestionKind.COMPARISON),
        ("numeric", QuestionKind.QUANTITY),
        ("unknown", QuestionKind.UNKNOWN),
        ("something else", QuestionKind.UNKNOWN),
    ],
)
def test_that_the_consolidated_files_question_types_become_kinds(
    tmp_path: Path, question_type: str, kind: QuestionKind
) -> None:
    record = {**V1, "paragraph_index": 3, "doc_id": "d1", "quality_score": 0.8, "question_type": question_type}
    (pair,) = read_pairs(written(tmp_path, json.dumps(record), "consolidated_qa.jsonl")).records
    assert pair.kind is kind
    assert pair.extra["paragraph_index"] == 3
    assert pair.extra["quality_score"] == 0.8


def test_that_a_row_needs_only_question_and_answer_and_gets_its_line_as_id(tmp_path: Path) -> None:
    (first, second) = read_pairs(written(tmp_path, f"\n{GOOD}\n\n{GOOD.replace('first', 'last')}")).records
    assert (first.uid, second.uid) == ("2", "4")
    assert (first.context, first.file_name, first.line_number, first.model) == ("", "", None, "")
    assert passage_text(first) == "Olivine."
    assert document_name(first) == document_name(second)  # the same passage, so the same document
    assert len(document_name(first)) == 12


@pytest.mark.parametrize("name", ["qa.json", "qa.txt", "qa.jsonl"])
@pytest.mark.parametrize("indent", [None, 2])
def test_that_an_array_is_read_under_any_name_and_layout(tmp_path: Path, name: str, indent: int | None) -> None:
    rows = [
        {"context": "C one.", "question": "Q one?", "answer": "A one."},
        {"question": "Q [two], {three}?", "answer": 'A "quoted" \\ two.'},
        {"question": "", "answer": "A three."},
    ]
    found = read_pairs(written(tmp_path, json.dumps(rows, indent=indent), name))
    assert [(pair.uid, pair.question, pair.answer) for pair in found.records] == [
        ("1", "Q one?", "A one."),
        ("2", "Q [two], {three}?", 'A "quoted" \\ two.'),
    ]
    assert [row.reason for row in found.rejected] == ["the question is empty"]
    assert found.rejected[0].line == (1 if indent is None else 11)


def test_that_model_answers_give_a_pair_for_each_model_without_its_thoughts(tmp_path: Path) -> None:
    answers = {
        "deepseek-r1:70b": "<think>\nWell, olivine or {spinel}...\n</think>\n\nOlivine.",
        "headless": "so it must be olivine</think>Olivine!",
        "plain": "Olivine, mostly.",
        "twice": "Hm.<think>a</think>b</think>Spinel.",
        "cut-off": "<think>Let me see",
        "broken": None,
    }
    rows = [{"context": "Olivine melts last.", "question": "What melts last?", "model_answers": answers, "note": 1}]
    found = read_pairs(written(tmp_path, json.dumps(rows), "compare.json"))
    assert [(pair.uid, pair.model, pair.answer) for pair in found.records] == [
        ("1-1", "deepseek-r1:70b", "Olivine."),
        ("1-2", "headless", "Olivine!"),
        ("1-3", "plain", "Olivine, mostly."),
        ("1-4", "twice", "Spinel."),
    ]
    assert [row.reason for row in found.rejected] == [
        "the answer holds nothing but a model's thoughts",
        "the answer is not text but null",
    ]
    assert all(pair.context == "Olivine melts last." and pair.raw["note"] == 1 for pair in found.records)
    assert all("model_answers" not in pair.raw for pair in found.records)


def test_that_model_results_give_a_pair_for_each_of_their_pairs(tmp_path: Path) -> None:
    rows = [
        {
            "context": "C.",
            "model_results": [
                {"model_name": "a", "qa_pairs": [{"question": "Q1?", "answer": "A1"}, {"question": "Q2?"}]},
                {"model_name": "b", "qa_pairs": [{"question": "Q3?", "answer": "A3"}, "text"]},
                "not a result",
                {"model_name": "c", "qa_pairs": None},
            ],
        },
        {"context": "C.", "model_results": []},
    ]
    found = read_pairs(written(tmp_path, json.dumps(rows), "v2.json"))
    assert [(pair.uid, pair.model, pair.question) for pair in found.records] == [
        ("1-1", "a", "Q1?"),
        ("1-3", "b", "Q3?"),
    ]
    assert [row.reason for row in found.rejected] == ["no answer", "no question", "no question"]


def test_that_the_folder_of_files_by_paper_is_read_as_one(tmp_path: Path) -> None:
    for stem in ("jones", "adams"):
        (tmp_path / "qa_by_file" / stem).mkdir(parents=True)
        written(tmp_path / "qa_by_file" / stem, GOOD + "\n5\n", "qa.jsonl")
        written(tmp_path / "qa_by_file" / stem, '{"file_name": "x"}\n', "failed.jsonl")
    for folder in (tmp_path, tmp_path / "qa_by_file"):
        found = read_pairs(folder)
        assert [(pair.uid, pair.file_name) for pair in found.records] == [
            ("adams:1", "adams.txt"),
            ("jones:1", "jones.txt"),
        ]
        assert [(row.file, row.line) for row in found.rejected] == [("adams/qa.jsonl", 2), ("jones/qa.jsonl", 2)]


def test_that_paths_of_the_file_name_are_dropped(tmp_path: Path) -> None:
    names = ["/home/me/a.txt", "C:\\me\\b.txt"]
    rows = [json.dumps({**V1, "id": name, "file_name": name}) for name in names]
    assert [pair.file_name for pair in read_pairs(written(tmp_path, "\n".join(rows))).records] == ["a.txt", "b.txt"]


def test_that_an_empty_file_gives_nothing(tmp_path: Path) -> None:
    for content in (b"", b"\n \r\n", b"\xef\xbb\xbf", b"[]", b" [\n]\n"):
        assert read_pairs(written(tmp_path, content)) == PairFile()


def test_that_a_repeated_record_is_refused_and_a_reused_id_replaced(tmp_path: Path) -> None:
    other = {**V1, "answer": "another answer"}
    path = written(tmp_path, "\n".join(json.dumps(row) for row in (V1, V1, other, other)))
    found = read_pairs(path)
    assert [pair.answer for pair in found.records] == ["about 1,200 °C", "another answer"]
    assert found.records[0].uid == V1["id"]
    assert found.records[1].uid not in ("", V1["id"])
    assert reasons(found) == {2: "duplicate of line 1", 4: "duplicate of line 3"}
    assert [note.line for note in found.notes] == [3]
    assert [pair.uid for pair in read_pairs(path).records] == [pair.uid for pair in found.records]


def test_that_a_repeated_record_is_found_in_a_one_line_array(tmp_path: Path) -> None:
    found = read_pairs(written(tmp_path, json.dumps([V1, V1]), "a.json"))
    assert len(found.records) == 1
    assert reasons(found) == {1: "duplicate of line 1"}


@pytest.mark.parametrize("odd_id", [None, "", "  ", True, 1.5, [1], {"a": 1}])
def test_that_an_id_that_is_none_falls_back_to_the_line(tmp_path: Path, odd_id: object) -> None:
    (pair,) = read_pairs(written(tmp_path, json.dumps({**V1, "id": odd_id}))).records
    assert pair.uid == "1"


def test_that_values_of_the_wrong_type_beside_the_texts_do_not_cost_the_row(tmp_path: Path) -> None:
    odd = {**V1, "id": 12, "context": ["a"], "line_number": "x", "model": 3, "file_name": None, "question_type": 1}
    (pair,) = read_pairs(written(tmp_path, json.dumps({**odd, "embtrainer": 5}))).records
    assert (pair.uid, pair.context, pair.line_number, pair.model, pair.file_name) == ("12", "", None, "", "")


def test_that_columns_can_be_mapped(tmp_path: Path) -> None:
    columns = {"question": "Frage", "answer": "Antwort", "context": "Text"}
    record = {"Frage": "F?", "Antwort": "A", "Text": "T", "more": 1}
    (pair,) = read_pairs(written(tmp_path, json.dumps(record)), columns).records
    assert (pair.question, pair.answer, pair.context) == ("F?", "A", "T")
    assert pair.raw == {"question": "F?", "answer": "A", "context": "T", "more": 1}
    (pair,) = read_pairs(written(tmp_path, "FRAGE;Antwort;Text\nF?;A;T\n", "a.csv"), columns).records
    assert (pair.question, pair.answer, pair.context) == ("F?", "A", "T")


@pytest.mark.parametrize(("delimiter", "name"), [(",", "a.csv"), (";", "a.csv"), ("\t", "a.csv"), ("\t", "a.tsv")])
def test_that_tables_are_read(tmp_path: Path, delimiter: str, name: str) -> None:
    rows = [
        ["Question", " answer ", "context", "line_number", "rating"],
        ["Q1?", '"A, 1; ""quoted""\r\nsecond line"', "C1", "4", "good"],
        ["", "", "", "", ""],
        ["", "A2", "", "", ""],
        ["Q3?", "A3"],
        ["Q4?", "A4", "", "", "", "too", "many"],
    ]
    text = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows)
    found = read_pairs(written(tmp_path, text, name))
    assert [(pair.uid, pair.question, pair.answer) for pair in found.records] == [
        ("1", "Q1?", 'A, 1; "quoted"\r\nsecond line'),
        ("3", "Q3?", "A3"),
    ]
    assert found.records[0].line_number == 4
    assert found.records[0].extra["rating"] == "good"
    assert reasons(found) == {5: "the question is empty", 7: "7 cells under 5 columns"}


def test_that_bad_bytes_and_open_quotes_of_a_table_are_listed(tmp_path: Path) -> None:
    text = b'question,answer,\xe9\nQ1?,A1,x\nQ\xe9?,A2\n"' + b"x" * 200_000 + b'?",A3\n"open?,A4\nQ5?,A5\n'
    found = read_pairs(written(tmp_path, text, "a.csv"))
    assert [pair.uid for pair in found.records] == ["1", "3"]
    assert found.records[0].extra == {"?": "x"}
    assert reasons(found) == {3: "not UTF-8", 5: "a quotation mark that is never closed"}


def test_that_a_table_without_the_columns_names_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"question and answer.*Frage,Antwort.*Name the columns"):
        read_pairs(written(tmp_path, "Frage,Antwort\na,b\n", "a.csv"))
    with pytest.raises(UserError):
        read_pairs(written(tmp_path, "", "a.csv"))


def test_that_a_missing_file_and_an_empty_folder_are_told_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing\.jsonl.*Check the path"):
        read_pairs(tmp_path / "nothing.jsonl")
    with pytest.raises(UserError, match="holds no pairs"):
        read_pairs(tmp_path)


def test_that_real_question_sets_are_read_whole(shared_data: Path) -> None:
    path = shared_data / "qa" / "covidqa" / "pairs.jsonl"
    found = read_pairs(path)
    assert len(found.records) == len(path.read_bytes().splitlines())
    assert not found.rejected
    assert "short_answer" in found.records[0].extra
