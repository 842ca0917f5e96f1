"""Which column of a foreign table holds what: guessed, said by the user, and refused where it cannot be."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.columns import Role, Target, check_columns, is_native, mapped, parse_map
from embtrainer_gui.core.interchange.csv_rows import MOST_COLUMNS, table_rows
from embtrainer_gui.core.interchange.guess import guess_columns
from embtrainer_gui.core.interchange.json_rows import Row
from embtrainer_gui.core.interchange.left_out import write_left_out
from embtrainer_gui.core.interchange.recognise import holds_pairs

ASK, SAY = "What lowers the yield?", "Rice blast does."
TEXT = "Rice blast lowers the yield of wet fields by a third, as the trials of three seasons showed. " * 3


@pytest.mark.parametrize(
    ("names", "cells", "expected"),
    [
        (("Nr", "Frage", "Textstelle"), ("1", ASK, TEXT), {"id": "Nr", "question": "Frage", "passage": "Textstelle"}),
        (("question_id", "Question text"), ("7", ASK), {"id": "question_id", "question": "Question text"}),
        (("a1", "b1", "c1"), (SAY, ASK, TEXT), {"question": "b1", "passage": "c1"}),
        (("query", "positive", "score"), (ASK, TEXT, "2"),
         {"question": "query", "passage": "positive", "relevance": "score"}),
        (("Réponse", "Requête"), (SAY, ASK), {"question": "Requête", "answer": "Réponse"}),
        (("title", "question", "answers.text"), ("P", ASK, SAY),
         {"paper": "title", "question": "question", "answer": "answers.text"}),
        (("context", "question", "answer"), (TEXT, ASK, SAY),
         {"question": "question", "answer": "answer", "passage": "context"}),
        (("id", "run_id", "context", "question", "answer", "embtrainer.kind"), ("1", "r", TEXT, ASK, SAY, "fact"),
         {"id": "id", "question": "question", "answer": "answer", "passage": "context"}),
        (("query", "doc relevance", "quality_score"), (ASK, "1", "0.2"),
         {"question": "query", "relevance": "doc relevance"}),
        (("x", "y"), ("1", "2"), {}),
        (("question", "answer"), ("", ""), {"question": "question", "answer": "answer"}),
    ],
)  # fmt: skip
def test_that_columns_are_guessed_by_name_and_content(
    names: tuple[str, ...], cells: tuple[str, ...], expected: dict[str, str]
) -> None:
    assert {role.value: name for role, name in guess_columns(names, [cells] * 4).items()} == expected


def test_that_a_map_is_read_with_commas_doubled() -> None:
    assert parse_map(" question=Frage, passage = Text,, lang ") == {Role.QUESTION: "Frage", Role.PASSAGE: "Text, lang"}


@pytest.mark.parametrize("text", ["question", "frage=question", "question=", "", "question=a,b"])
def test_that_a_map_that_says_nothing_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UserError, match="question=Frage"):
        parse_map(text)


@pytest.mark.parametrize(
    ("columns", "target", "words"),
    [
        ({Role.QUESTION: "q"}, Target.PAIRS, "answer or passage"),
        ({Role.PASSAGE: "p"}, Target.PAIRS, "question"),
        ({Role.QUESTION: "q", Role.ANSWER: "a"}, Target.TEST_SET, "passage"),
        ({Role.QUESTION: "q", Role.ANSWER: "nowhere"}, Target.PAIRS, "no column 'nowhere'"),
    ],
)
def test_that_a_missing_column_is_named_with_those_that_are_there(
    columns: dict[Role, str], target: Target, words: str
) -> None:
    with pytest.raises(UserError, match=words) as refused:
        check_columns(columns, ["q", "a", "p"], target)
    assert "q, a, p" in str(refused.value)


def test_that_a_column_that_is_not_chosen_is_not_read_for_what_it_is_called() -> None:
    row = Row(2, 1, "", {"Frage": ASK, "Text": TEXT, "question": "old", "answer": "wrong", "note": "n"})
    (record,) = (row.value for row in mapped([row], {Role.QUESTION: "Frage", Role.PASSAGE: "Text"}))
    assert record == {"question": ASK, "context": TEXT, "note": "n", "answer": TEXT}


def test_that_numbers_and_lists_become_text_and_objects_do_not() -> None:
    row = Row(1, 1, "", {"q": 1998, "a": ["", "first", "second"], "p": {"x": {"y": 1}}})
    columns = {Role.QUESTION: "q", Role.ANSWER: "a", Role.PASSAGE: "p.x"}
    (record,) = (row.value for row in mapped([row], columns))
    assert (record["question"], record["answer"], record["context"]) == ("1998", "first", {"y": 1})


def test_that_the_names_of_the_exchange_format_need_no_map() -> None:
    assert is_native({Role.QUESTION: "question", Role.ANSWER: "answer", Role.PASSAGE: "context"})
    assert not is_native({Role.QUESTION: "question", Role.PASSAGE: "context"})
    assert not is_native({Role.QUESTION: "Question", Role.ANSWER: "answer"})


def test_that_tables_may_have_names_twice_or_none_and_any_sign_between() -> None:
    names, rows = table_rows("q;q;;'=x\n1;2;'-3;4\n\n5\n", tabs=False)
    assert names == ["q", "q 2", "column 3", "=x"]
    assert [(row.line, row.value) for row in rows] == [
        (2, {"q": "1", "q 2": "2", "column 3": "-3", "=x": "4"}),
        (4, {"q": "5"}),
    ]
    with pytest.raises(UserError, match="columns"):
        table_rows(",".join(map(str, range(MOST_COLUMNS + 1))), tabs=False)


def test_that_rows_left_out_are_saved_so_that_no_spreadsheet_runs_them(tmp_path: Path) -> None:
    rows = [{"line": 3, "reason": "no answer", "text": '=HYPERLINK("http://x")'}]
    write_left_out(tmp_path / "out.csv", rows)
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["line", "reason", "text"], ["3", "no answer", '\'=HYPERLINK("http://x")']]


def test_that_every_table_and_a_beir_folder_go_through_the_door_of_questions(tmp_path: Path) -> None:
    for name in ("a.csv", "b.xlsx", "c.parquet", "d.tsv"):
        (tmp_path / name).write_bytes(b"x,y\n1,2\n")
        assert holds_pairs(tmp_path / name)
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text('{"_id": "1", "text": "T"}\n')
    assert not holds_pairs(folder)  # papers
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "Q?"}\n')
    (folder / "qrels.tsv").write_text("q\t1\t1\n")
    assert holds_pairs(folder)
