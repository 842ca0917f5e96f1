"""Doubtful passages in the project: found, answered, taken back; no answer is ever lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Split
from embtrainer_gui.core.store import Project, create_project, open_project, row_sums, utc_now
from embtrainer_gui.core.store import database as database_module
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.decisions import Act, DecisionStore, Texts
from embtrainer_gui.core.store.doubts import MOST_OPEN, DoubtAnswer, FoundDoubt, Turned
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.schema import MIGRATIONS, SCHEMA_VERSION
from embtrainer_gui.core.workflow import data_fingerprint

OPEN, RIGHT, WRONG, UNSURE = DoubtAnswer


def fill(project: Project) -> None:
    """Two papers of three passages, each passage with an accepted question of its own number."""
    for number, split in enumerate((Split.TRAIN, Split.TEST)):
        source = project.documents.begin(f"h{number}", f"{number}.pdf", utc_now())
        drafts = [PassageDraft(f"Text {number} {place}.", BlockKind.BODY, "", 1, (), 5) for place in range(3)]
        document = project.documents.add(source, "T", 1, drafts, [f"{number}-{p}" for p in range(3)], (number,), None)
        project.documents.finish(source, FileState.DONE, "", 1, "text", "")
        project.documents.set_splits({document: split})
    new = [
        NewPair(str(p.id), p.id, f"Question {p.id}?", "a", QuestionKind.FACT, "import", utc_now(), "r", {})
        for p in project.passages.in_use()
    ]
    project.pairs.add(new)
    project.pairs.decide([pair.id for pair in project.pairs.all()], PairState.ACCEPTED, Act.ACCEPT_ALL, utc_now())


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "project") as project:
        fill(project)
        yield project


def found(pair: int, passage: int, share: float = 1.0) -> FoundDoubt:
    return FoundDoubt(pair, f"Question {pair}?", passage, share)


def answers(project: Project) -> dict[tuple[int, int], DoubtAnswer]:
    return {(doubt.pair_id, doubt.passage_id): doubt.answer for doubt in project.doubts.all()}


def test_that_the_strongest_come_first_and_know_both_passages(project: Project) -> None:
    assert project.doubts.add([found(1, 2, 0.96), found(1, 3, 1.2)], utc_now(), "run-1") == 2
    first, second = project.doubts.all()
    assert (first.question, first.right_id, first.passage_id, first.share) == ("Question 1?", 1, 3, 1.2)
    assert (second.passage_id, second.answer) == (2, OPEN)


def test_that_finding_again_keeps_every_answer(project: Project) -> None:
    project.doubts.add([found(1, 2), found(1, 3), found(2, 3)], utc_now())
    for doubt, answer in zip(project.doubts.all(), (RIGHT, WRONG, UNSURE), strict=True):
        assert project.doubts.answer(doubt.id, answer, utc_now())
    before = answers(project)
    assert project.doubts.add([found(1, 2, 1.4), found(2, 3, 0.97), found(3, 1)], utc_now()) == 1
    assert answers(project) == {**before, (3, 1): OPEN}
    assert {doubt.passage_id: doubt.share for doubt in project.doubts.all() if doubt.pair_id == 1}[2] == 1.4


def test_that_only_so_many_wait_for_an_answer_and_an_answer_makes_room(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 100 <= MOST_OPEN <= 900
    monkeypatch.setattr("embtrainer_gui.core.store.doubts.MOST_OPEN", 2)
    assert project.doubts.add([found(1, 2, 0.96), found(1, 3, 1.1), found(2, 3, 1.0)], utc_now()) == 2
    assert set(answers(project)) == {(1, 3), (2, 3)}
    project.doubts.answer(project.doubts.all()[0].id, WRONG, utc_now())
    assert project.doubts.add([found(1, 2, 0.96), found(3, 2, 0.95)], utc_now()) == 1
    assert project.doubts.counts() == {OPEN: 2, RIGHT: 0, WRONG: 1, UNSURE: 0}


def of(turned: Turned | None) -> int | None:
    return turned.doubt_id if turned else None


def test_that_undo_and_redo_go_through_the_answers_and_survive_a_restart(project: Project) -> None:
    project.doubts.add([found(1, 2), found(1, 3)], utc_now())
    one, two = (doubt.id for doubt in project.doubts.all())
    project.doubts.answer(one, RIGHT, utc_now())
    project.doubts.answer(two, WRONG, utc_now())
    project.doubts.answer(one, UNSURE, utc_now())
    assert not project.doubts.answer(one, UNSURE, utc_now())
    with open_project(project.folder) as again:
        store = again.doubts
        assert of(store.undo()) == one
        assert of(store.undo()) == two
        assert answers(again) == {(1, 2): RIGHT, (1, 3): OPEN}
        assert of(store.redo()) == two
        assert [of(store.undo()) for _ in range(3)] == [two, one, None]
        assert set(answers(again).values()) == {OPEN}
        assert [of(store.redo()) for _ in range(4)] == [one, two, one, None]
        assert answers(again) == {(1, 2): UNSURE, (1, 3): WRONG}
        store.undo()
        store.answer(two, RIGHT, utc_now())
        assert store.redo() is None
        store.undo()
        assert [of(store.redo()), of(store.redo())] == [two, None]


def test_that_an_acknowledged_answer_is_on_the_disk(project: Project) -> None:
    project.doubts.add([found(1, 2)], utc_now())
    project.doubts.answer(1, RIGHT, utc_now())
    copy = project.folder.parent / "copy"
    copy.mkdir()
    for file in project.folder.glob("project.db*"):  # as a crash would leave them
        shutil.copyfile(file, copy / file.name)
    other = Database(copy / "project.db")
    assert other.one("SELECT answer FROM doubts") == "right"
    assert other.rows("SELECT doubt_id, before, after, undone FROM doubt_answers") == [(1, "open", "right", 0)]
    other.close()


def test_that_an_edited_question_or_a_pair_not_accepted_is_not_asked_about(project: Project) -> None:
    project.doubts.add([found(1, 2), found(2, 3)], utc_now())
    decisions = DecisionStore(project.database)
    decisions.edit(1, Texts("Quite another question?", "a"), utc_now())
    assert set(answers(project)) == {(2, 3)}
    decisions.decide(2, PairState.REJECTED, Act.REJECT, utc_now())
    assert not project.doubts.all()
    assert project.doubts.counts()[OPEN] == 0
    decisions.undo()
    decisions.undo()
    assert set(answers(project)) == {(1, 2), (2, 3)}


def test_that_papers_out_of_the_project_are_not_asked_about(project: Project) -> None:
    project.doubts.add([found(1, 4), found(4, 1), found(4, 5)], utc_now())
    source = project.database.one("SELECT id FROM sources WHERE file_name = '1.pdf'")
    project.documents.remove([source], utc_now())
    assert not project.doubts.all()


def test_that_the_fingerprint_notices_answers_that_count_and_nothing_else(project: Project) -> None:
    before = data_fingerprint(project)
    project.doubts.add([found(1, 2), found(1, 3)], utc_now())
    project.doubts.answer(1, UNSURE, utc_now())
    assert data_fingerprint(project) == before
    project.doubts.answer(1, RIGHT, utc_now())
    right = data_fingerprint(project)
    project.doubts.answer(1, WRONG, utc_now())
    assert len({before, right, data_fingerprint(project)}) == 3
    project.doubts.undo()
    assert data_fingerprint(project) == right
    project.doubts.undo()
    assert data_fingerprint(project) == before


def old_project(folder: Path, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project of an older version, with a journal: the rows of one of today, as far as that version had them."""
    with create_project(folder.with_name("today")) as today:
        fill(today)
    with monkeypatch.context() as before:
        before.setattr(database_module, "MIGRATIONS", MIGRATIONS[:version])
        before.setattr(database_module, "SCHEMA_VERSION", version)
        create_project(folder).close()
    connection = apsw.Connection(str(folder / "project.db"))
    row_sums.register(connection)
    connection.execute("ATTACH ? AS today", (str(folder.with_name("today") / "project.db"),))
    tables = [row[0] for row in connection.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'")]
    for table in tables:
        columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT OR REPLACE INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}")
    connection.close()


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_that_an_older_project_migrates_and_keeps_what_it_had(
    version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_project(tmp_path / "project", version, monkeypatch)
    with open_project(tmp_path / "project") as project:
        assert project.database.one("PRAGMA user_version") == SCHEMA_VERSION
        assert [passage.text for passage in project.passages.in_use()][0] == "Text 0 0."
        assert len(project.pairs.all(state=PairState.ACCEPTED)) == 6
        assert project.database.one("SELECT count(*) FROM decisions") == 6
        assert not project.doubts.all()
        assert project.doubts.add([found(1, 2)], utc_now()) == 1
    assert (tmp_path / "project" / f"project.db.before-{version + 1}").is_file()


def test_that_an_older_project_that_cannot_be_written_is_shown_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    old_project(folder, 3, monkeypatch)
    file = folder / "project.db"
    content = file.read_bytes()
    reader = Project(folder, read_only=True)  # as ``open_project`` does for who may not write
    assert len(reader.pairs.all(state=PairState.ACCEPTED)) == 6
    assert reader.doubts.counts()[OPEN] == 0
    assert data_fingerprint(reader)
    reader.close()
    assert file.read_bytes() == content
    assert not list(folder.glob("*before-4"))
