"""Tables of other people come in as pairs or as a test set, wholly or not at all, and a test set never trains."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embtrainer_gui.cli import main
from embtrainer_gui.core.errors import Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.interchange.columns import Role
from embtrainer_gui.core.records import PairState, Split
from embtrainer_gui.core.store import Project, create_project, open_project, utc_now
from embtrainer_gui.core.store.doubts import DoubtAnswer
from embtrainer_gui.core.training_plan import training_facts
from embtrainer_gui.stages import check_pairs, marks_to_pairs, pair_files, question_table, take_test_set
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.split import new_test_version
from embtrainer_gui.stages.training_data import training_data

GERMAN = {Role.QUESTION: "Frage", Role.PASSAGE: "Textstelle", Role.PAPER: "Artikel"}


class Stopping(Context):
    """Stops at the ``after``-th look at whether to stop."""

    def __init__(self, project: Project, after: int = 1_000_000) -> None:
        super().__init__(project, lambda event: None, threading.Event())
        self.left = after

    def raise_if_cancelled(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks load a model, which takes longer than all of these tests; they have tests of their own."""
    monkeypatch.setattr(check_pairs, "run", lambda ctx, library: None)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "project") as project:
        yield project


def text_of(number: int) -> str:
    words = " ".join(f"w{number}x{place}" for place in range(30))
    return f"Trial {number} lowered the yield. It began in year {number} with {words}."


def row_of(number: int) -> dict[str, Any]:
    return {
        "Nr": number,
        "Frage": f"What did trial {number} lower in field{number} of region{number}?",
        "Textstelle": text_of(number),
        "Artikel": f"paper {number % 6}",
        "Bewertung": number % 4 and 1,
    }


def as_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        table = csv.DictWriter(file, list(rows[0]), delimiter=";")
        table.writeheader()
        table.writerows(rows)


def as_tsv(path: Path, rows: list[dict[str, Any]]) -> None:
    lines = ["\t".join(rows[0]), *("\t".join(map(str, row.values())) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")


def as_xlsx(path: Path, rows: list[dict[str, Any]]) -> None:
    book = openpyxl.Workbook()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    book.save(path)


WRITERS: dict[str, Callable[[Path, list[dict[str, Any]]], object]] = {
    ".csv": as_csv,
    ".tsv": as_tsv,
    ".xlsx": as_xlsx,
    ".parquet": lambda path, rows: pq.write_table(pa.Table.from_pylist(rows), path),
    ".json": lambda path, rows: path.write_text(json.dumps(rows), encoding="utf-8"),
    ".jsonl": lambda path, rows: path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8"),
}


def table(folder: Path, number: int = 12, ending: str = ".csv", first: int = 0) -> Path:
    path = folder / f"table{ending}"
    WRITERS[ending](path, [row_of(place) for place in range(first, first + number)])
    return path


@pytest.mark.parametrize("ending", WRITERS)
def test_that_every_kind_of_table_is_looked_at_and_gives_the_same_pairs(
    project: Project, tmp_path: Path, ending: str
) -> None:
    path = table(tmp_path, ending=ending)
    look = question_table.look_at(path, shown=2)
    assert look["columns"] == list(row_of(0))
    assert look["rows"][1][:2] == ["1", row_of(1)["Frage"]]
    assert len(look["rows"]) == 2
    guess = {"question": "Frage", "passage": "Textstelle", "paper": "Artikel", "relevance": "Bewertung", "id": "Nr"}
    assert look["guess"] == guess
    assert look["as"] == "test-set"
    summary = pair_files.import_pairs(Stopping(project), path)
    assert (summary["added"], summary["left_out"]) == (9, 3)  # three rows say that their passage is wrong
    pair = project.pairs.all()[0]
    assert pair.question == row_of(1)["Frage"]
    assert pair.answer == "Trial 1 lowered the yield."  # the sentence that fits best
    assert project.passages.get([pair.passage_id])[pair.passage_id].text == text_of(1)
    assert {document.title for document in project.documents.all()} == {f"paper {n}" for n in range(6)}
    assert pair_files.import_pairs(Stopping(project), path)["added"] == 0


def test_that_another_map_than_the_guess_is_followed(project: Project, tmp_path: Path) -> None:
    columns = {Role.QUESTION: "Textstelle", Role.ANSWER: "Frage"}
    assert pair_files.import_pairs(Stopping(project), table(tmp_path), columns)["added"] == 12
    assert project.pairs.all()[0].question == text_of(0)
    with pytest.raises(UserError, match="no column 'Antwort'"):
        pair_files.import_pairs(Stopping(project), table(tmp_path), {Role.QUESTION: "Frage", Role.ANSWER: "Antwort"})


def state(project: Project) -> tuple[int, ...]:
    tables = ("test_sets", "test_questions", "test_judgements", "pairs")
    return (
        len(project.documents.all()),
        project.passages.count_in_use(),
        *(project.database.one(f"SELECT count(*) FROM {name}") for name in tables),
    )


def as_pairs(ctx: Context, path: Path) -> None:
    pair_files.import_pairs(ctx, path, GERMAN)


def as_test_set(ctx: Context, path: Path) -> None:
    take_test_set.run(ctx, path, GERMAN)


@pytest.mark.parametrize("take", [as_pairs, as_test_set])
def test_that_an_import_that_is_stopped_anywhere_leaves_nothing(
    project: Project, tmp_path: Path, take: Callable[[Context, Path], None]
) -> None:
    path = table(tmp_path, 600)
    for after in range(100):
        try:
            take(Stopping(project, after), path)
            break
        except Cancelled:
            assert state(project) == (0, 0, 0, 0, 0, 0)
    assert after > 6  # while it reads, at each document and before it comes in
    assert state(project)[1] == 600


@pytest.mark.parametrize("take", [as_pairs, as_test_set])
def test_that_a_fault_at_any_write_leaves_nothing_or_everything(
    project: Project, tmp_path: Path, take: Callable[[Context, Path], None]
) -> None:
    path = table(tmp_path, 5)
    whole: set[tuple[int, ...]] = set()
    for number in range(500):
        writes = iter(range(number, -1, -1))

        def fail(cursor: Any, sql: str, values: Any, writes: Iterator[int] = writes) -> bool:
            if not sql.startswith(("SELECT", "PRAGMA", "ROLLBACK")) and next(writes, -1) == 0:
                raise apsw.FullError("disk full")
            return True

        project.database.connection.exec_trace = fail
        try:
            take(Stopping(project), path)
            break
        except (apsw.Error, EnvironmentProblem):
            pass
        finally:
            project.database.connection.exec_trace = None
        with open_project(project.folder) as again:
            again.documents.drop_unfinished()
            whole.add(state(again)[:2] + state(again)[5:])
    assert number > 10
    assert whole <= {(0, 0, 0), (5, 5, 5 if take is as_pairs else 0)}
    assert state(project)[1] == 5


def test_that_a_file_that_this_program_exported_keeps_its_decisions(project: Project, tmp_path: Path) -> None:
    as_pairs(Stopping(project), table(tmp_path))
    project.pairs.decide([1, 2], PairState.ACCEPTED, "accept", utc_now())
    for ending in ("csv", "jsonl"):
        path = tmp_path / f"out.{ending}"
        pair_files.export_pairs(project, path, ending, set(PairState))
        look = question_table.look_at(path)
        columns = {Role(role): name for role, name in look["guess"].items()}
        with create_project(tmp_path / f"project-{ending}") as other:
            assert pair_files.import_pairs(Stopping(other), path, columns)["added"] == 12
            assert other.pairs.counts()["accepted"] == 2


def test_that_a_look_at_a_workbook_says_which_sheet_it_shows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("One", "Two"):
        sheet = book.create_sheet(name)
        sheet.append([f"question {name}", "answer"])
        sheet.append(["What?", "That."])
    book.save(tmp_path / "two.xlsx")
    look = question_table.look_at(tmp_path / "two.xlsx", "Two")
    assert (look["sheet"], look["columns"]) == ("Two", ["question Two", "answer"])


def test_that_records_that_are_marked_as_wrong_never_train(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "labelled.json"
    records = [{"question": f"Q{n}?", "answer": f"A{n}", "context": f"Text {n}.", "label": n} for n in range(3)]
    path.write_text(json.dumps(records), encoding="utf-8")
    summary = pair_files.import_pairs(Stopping(project), path)
    assert (summary["added"], [row["line"] for row in summary["rejected"]]) == (2, [1])


def test_that_bad_rows_at_the_start_do_not_hide_good_ones(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "late.jsonl"
    path.write_text("bad\n" * 300 + json.dumps({"question": "Q?", "answer": "A", "context": "A text."}) + "\n")
    summary = pair_files.import_pairs(Stopping(project), path)
    assert (summary["added"], summary["left_out"], summary["rejected"][299]["line"]) == (1, 300, 300)


def test_that_a_killed_import_is_unseen_and_swept_away(project: Project, tmp_path: Path) -> None:
    path = table(tmp_path)
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:
        patch.setattr("embtrainer_gui.core.store.documents.DocumentStore.drop_source", lambda *_: None)
        with pytest.raises(Cancelled):
            as_pairs(Stopping(project, 7), path)
    assert project.database.one("SELECT count(*) FROM passages") > 0  # as a kill leaves it
    assert state(project)[:2] == (0, 0)
    as_pairs(Stopping(project), path)
    assert state(project)[1] == 12


def test_that_a_test_set_comes_in_as_test_papers_for_good(project: Project, tmp_path: Path) -> None:
    as_pairs(Stopping(project), table(tmp_path, 12))
    (tmp_path / "b").mkdir()
    summary = take_test_set.run(Stopping(project), table(tmp_path / "b", 8, first=8), name="Mine")
    assert (summary["set"], summary["questions"], summary["new_passages"], summary["unanswered"]) == ("Mine", 6, 4, 2)
    (mine,) = project.test_sets.all()
    assert (mine.name, mine.source, mine.questions) == ("Mine", "table.csv", 6)
    new = {document.id for document in project.documents.all() if document.extractor == "test-set"}
    new_test_version(project)
    splits = {document.id: document.split for document in project.documents.all()}
    assert {splits[number] for number in new} == {Split.TEST}
    assert {split for number, split in splits.items() if number not in new} == set(Split)
    source = next(one.id for one in project.documents.sources() if one.extractor == "test-set")
    project.documents.remove([source], utc_now())
    new_test_version(project)
    project.documents.put_back([source])
    assert {document.split for document in project.documents.all() if document.id in new} == {Split.TEST}
    assert all(passage.marks == "test" for passage in project.passages.in_use() if passage.document_id in new)
    with pytest.raises(UserError, match="called Mine"):
        take_test_set.run(Stopping(project), table(tmp_path / "b", 8, first=8), name="Mine")
    assert state(project)[1] == 16


def test_that_a_piece_of_a_passage_of_the_project_is_that_passage(project: Project, tmp_path: Path) -> None:
    as_pairs(Stopping(project), table(tmp_path, 6))
    piece = {"question": "When did trial 3 begin?", "passage": text_of(3).partition(". ")[2][:-1].upper()}
    path = tmp_path / "pieces.json"
    path.write_text(json.dumps([piece]), encoding="utf-8")
    assert take_test_set.run(Stopping(project), path)["new_passages"] == 0
    (question,) = project.test_sets.questions(project.test_sets.named("pieces").id)
    (home,) = question.judgements
    assert project.passages.get([home])[home].text == text_of(3)
    pair = {"question": "When?", "answer": "It began in year 2", "context": text_of(2).partition(". ")[2]}
    other = pair | {"answer": "In its second year", "question": "When then?"}
    path.write_text(json.dumps([pair]), encoding="utf-8")
    pair_files.import_pairs(Stopping(project), path)
    assert project.passages.get([project.pairs.all()[-1].passage_id]).popitem()[1].text == text_of(2)
    path.write_text(json.dumps([other]), encoding="utf-8")
    pair_files.import_pairs(Stopping(project), path)  # its answer is not in the words of that passage
    assert project.passages.get([project.pairs.all()[-1].passage_id]).popitem()[1].text == pair["context"]


def test_that_training_leaves_out_what_a_test_set_asks_and_says_how_much(project: Project, tmp_path: Path) -> None:
    as_pairs(Stopping(project), table(tmp_path, 60))
    ids = [pair.id for pair in project.pairs.all()]
    project.pairs.decide(ids, PairState.ACCEPTED, "accept", utc_now())
    before = training_data(project, whole_papers=True)
    assert before.held_back == 0
    train = {pair.question: pair for pair in before.asked}
    asked, passage = list(train.values())[:2]
    sets = project.test_sets
    outside = next(p.id for p in project.passages.in_use([Split.TEST]))
    sets.add(sets.create("Own", "own.csv"), asked.question.upper().replace("WHAT DID", "what had"), "", {outside: 1})
    sets.mark("Something else?", passage.passage_id, 1)
    sets.mark("Only wrong marks?", list(train.values())[2].passage_id, 0)
    after = training_data(project, whole_papers=True)
    assert after.held_back == 2
    assert {pair.question for pair in before.asked} - {pair.question for pair in after.asked} == {
        asked.question,
        passage.question,
    }
    (gone,) = set(before.passages) - set(after.passages)
    assert gone.endswith(text_of(int(passage.question.split()[3])))
    assert set(before.passages) >= set(after.passages)
    assert training_facts(project).held_back == 2
    own = tmp_path / "mine.json"
    own.write_text(json.dumps([{"question": "Unlike any other?", "passage": text_of(int(asked.question.split()[3]))}]))
    assert take_test_set.run(Stopping(project), own)["held_back"] == 2  # the passage of the first is now held too
    assert training_facts(project).pairs == len(after.pairs)
    begun = training_data(project, as_of="2020")  # a run that goes on has what it began with
    assert begun.held_back == 0


def test_that_marks_become_accepted_pairs_and_test_questions_no_more(project: Project, tmp_path: Path) -> None:
    as_pairs(Stopping(project), table(tmp_path, 12))
    known = project.pairs.all()[0]
    sets = project.test_sets
    sets.mark("Which yield did the trial lower?", 2, 1)
    sets.mark("Which yield did the trial lower?", 3, 0)
    sets.mark(known.question, known.passage_id, 1)
    sets.mark("Nothing right?", 5, 0)
    assert marks_to_pairs.run(Stopping(project)) == {"pairs": 2, "questions": 2, "wrong": 1, "left": 1}
    accepted = {pair.question: pair for pair in project.pairs.all(state=PairState.ACCEPTED)}
    assert set(accepted) == {"Which yield did the trial lower?", known.question}
    made = accepted["Which yield did the trial lower?"]
    assert (made.passage_id, made.source) == (2, "search")
    assert made.answer in project.passages.get([2])[2].text
    (doubt,) = project.doubts.all()
    assert (doubt.question, doubt.passage_id, doubt.answer) == (made.question, 3, DoubtAnswer.WRONG)
    assert [one.question for one in sets.marked()] == ["Nothing right?"]
    with pytest.raises(UserError, match="marked as right"):
        marks_to_pairs.run(Stopping(project))


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any], str]:
    code = main([*map(str, arguments), "--json"])
    told = capsys.readouterr()
    return code, json.loads(told.out.splitlines()[-1]) if told.out else {}, told.err


def test_that_the_command_line_previews_maps_and_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, path = tmp_path / "project", table(tmp_path)
    code, look, _ = run(capsys, "pairs", project, "import", path, "--preview", 3)
    assert (code, len(look["rows"])) == (0, 3)
    assert look["map"].startswith("question=Frage,passage=Textstelle")
    assert not project.exists()
    code, summary, _ = run(capsys, "pairs", project, "import", path, "--as", "test-set", "--name", "Mine")
    assert (code, summary["questions"]) == (0, 9)
    left = tmp_path / "left.csv"
    code, summary, _ = run(capsys, "pairs", project, "import", path, "--map", look["map"], "--left-out", left)
    assert (code, summary["added"], len(left.read_text().splitlines())) == (0, 9, 4)
    code, _, told = run(capsys, "pairs", project, "import", path, "--map", "frage=Frage")
    assert (code, "question=Frage" in told) == (2, True)
    assert run(capsys, "test-sets", project, "rename", "Mine", "Ours")[0] == 0
    assert [one["name"] for one in run(capsys, "test-sets", project)[1]["test_sets"]] == ["Ours"]
    assert run(capsys, "test-sets", project, "remove", "Mine")[0] == 2
    assert run(capsys, "test-sets", project, "remove", "Ours")[0] == 0
    assert run(capsys, "test-sets", project)[1]["test_sets"] == []
