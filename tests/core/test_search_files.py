"""Files around searching: questions that are brought, hits that are taken away, what jobs leave for the window."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from embtrainer_gui.core import question_file
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.found_file import PassageMap, read_found, write_found
from embtrainer_gui.core.question_file import read_questions
from embtrainer_gui.core.search_table import write_hits

FILES = {
    "a.txt": "\ufeffWhat is  rice?\n\n  How old is it?  \r\n",
    "a.csv": 'id,Question\n1,What is rice?\n2,"How old\nis it?"\n',
    "b.csv": "id;query;x\n1;What is rice?;0\n2;How old is it?;0\n",
    "a.tsv": "text\tid\nWhat is rice?\t1\nHow old is it?\t2\n",
    "a.jsonl": '{"Query": "What is rice?"}\n"How old is it?"\n',
}


@pytest.mark.parametrize("name", FILES)
def test_that_questions_are_read_from_every_kind_of_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FILES[name], encoding="utf-8", newline="")
    assert read_questions(tmp_path / name) == (["What is rice?", "How old is it?"], [])


def test_that_rows_without_a_question_are_named_by_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"question": "ok"}\n[1\n{"question": 5}\n{"question": "' + "x" * 3000 + '"}\n', encoding="utf-8")
    found, problems = read_questions(file)
    assert found == ["ok"]
    assert [problem.split(":")[0] for problem in problems] == ["line 2", "line 3", "line 4"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"answer\nx\n", "no column"),
        ("a.txt", b" \n", "no question"),
        ("a.txt", b"\xff\xfe\x00", "UTF-8"),
        ("a.txt", b"a\n" * 12, "more than 5"),
        ("a.txt", b"a" * 200, "larger"),
    ],
)
def test_that_a_file_that_cannot_be_used_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, words: str
) -> None:
    monkeypatch.setattr(question_file, "MOST_QUESTIONS", 5)
    monkeypatch.setattr(question_file, "MOST_BYTES", 100)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=words):
        read_questions(tmp_path / name)


def test_that_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(UserError, match="cannot be read"):
            read_questions(path)


def test_that_no_cell_of_saved_hits_runs_in_a_spreadsheet(tmp_path: Path) -> None:
    rows = [{"query": '=HYPERLINK("http://x")', "rank": 1, "score": -0.5, "text": "-1 degree"}]
    assert write_hits(tmp_path / "hits.csv", rows) == 1
    with (tmp_path / "hits.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["query"].startswith("'=")
    assert row["text"] == "'-1 degree"


def test_that_saved_lines_hold_what_there_is(tmp_path: Path) -> None:
    write_hits(tmp_path / "hits.jsonl", [{"query": "a", "rank": 1, "section": "", "text": "β"}])
    assert json.loads((tmp_path / "hits.jsonl").read_text(encoding="utf-8")) == {"query": "a", "rank": 1, "text": "β"}


def test_that_a_name_without_a_format_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.csv or \.jsonl"):
        write_hits(tmp_path / "hits.xlsx", [])
    assert list(tmp_path.iterdir()) == []


def test_that_saving_that_is_stopped_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "hits.csv").write_text("old", encoding="utf-8")

    def rows():  # type: ignore[no-untyped-def]
        yield {"query": "a"}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_hits(tmp_path / "hits.csv", rows())
    assert (tmp_path / "hits.csv").read_text(encoding="utf-8") == "old"
    assert len(list(tmp_path.iterdir())) == 1


def map_of(**changes: object) -> dict[str, object]:
    whole = {
        "stamp": "s", "at": "now", "passages": [1, 2], "total": 2, "layouts": {"base": ([0.0, 1.0], [0.0, 1.0])},
        "clusters": [0, 0], "names": ["rice"], "clustered_by": "base",
    }  # fmt: skip
    return {**whole, **changes}


def test_that_a_map_comes_back_as_it_was_written(tmp_path: Path) -> None:
    found = PassageMap.model_validate(map_of())
    write_found(tmp_path / "index" / "map.json", found)
    assert read_found(tmp_path / "index" / "map.json", PassageMap) == found


@pytest.mark.parametrize(
    "changes",
    [{"clusters": [0]}, {"clusters": [0, 7]}, {"layouts": {}}, {"layouts": {"base": ([0.0], [0.0])}}, {"x": 1}],
)
def test_that_a_damaged_map_counts_as_none(tmp_path: Path, changes: dict[str, object]) -> None:
    file = tmp_path / "map.json"
    file.write_text(json.dumps(map_of(**changes)), encoding="utf-8")
    assert read_found(file, PassageMap) is None
