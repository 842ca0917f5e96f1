"""Labelled test sets in the project: whole or not at all, marks set and taken back, kept when a paper is read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import BlockKind, FileState, HowRead, PassageDraft
from embtrainer_gui.core.store import Project, create_project, open_project, test_sets, utc_now
from embtrainer_gui.core.store.rereading import NewReading
from embtrainer_gui.core.store.test_sets import SEARCH, NewQuestion
from embtrainer_gui.core.store.whole_file import WholeFile

LONG = "The enzyme was kept at four degrees in a buffer of phosphate until the assay began, and nothing was added."
OTHER = "Plants in the second greenhouse grew without light for eleven days before any leaf was measured by hand."


def draft(text: str) -> PassageDraft:
    return PassageDraft(text, BlockKind.BODY, "", 1, (), 5)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "project") as project:
        source = project.documents.begin("h", "paper.pdf", utc_now())
        project.documents.add(
            source, "T", 1, [draft(LONG), draft(OTHER), draft("Third text.")], ["a", "b", "c"], (), None
        )
        project.documents.finish(source, FileState.DONE, "", 1, "text", "")
        yield project


def test_that_a_mark_is_there_after_a_restart_and_none_takes_it_back(project: Project) -> None:
    project.test_sets.mark("What  was kept?", 1, 1)
    project.test_sets.mark("What was kept?", 2, 0)
    with open_project(project.folder) as again:
        assert again.test_sets.marks("What was kept? ") == {1: 1, 2: 0}
        assert [(one.name, one.source, one.questions) for one in again.test_sets.all()] == [(SEARCH, SEARCH, 1)]
    project.test_sets.mark("What was kept?", 1, 0)
    assert project.test_sets.marks("What was kept?") == {1: 0, 2: 0}
    project.test_sets.mark("What was kept?", 1, None)
    project.test_sets.mark("What was kept?", 2, None)
    assert project.test_sets.marks("What was kept?") == {}
    assert project.test_sets.all() == []
    project.test_sets.mark("Never marked?", 1, None)
    assert project.test_sets.all() == []


def test_that_marks_stay_marks_when_their_set_is_renamed_or_the_name_was_taken(project: Project) -> None:
    project.test_sets.create(SEARCH, "search.csv")
    project.test_sets.mark("What was kept?", 1, 1)
    marks = project.test_sets.all()[1]
    assert marks.name == "search 2"
    project.test_sets.rename(marks.id, "My marks")
    project.test_sets.mark("What was kept?", 2, 1)
    assert [one.name for one in project.test_sets.all()] == [SEARCH, "My marks"]
    assert project.test_sets.marked()[0].judgements == {1: 1, 2: 1}


def test_that_names_are_unique_and_not_empty(project: Project) -> None:
    first = project.test_sets.create("One", "one.csv")
    project.test_sets.rename(first, "One")
    with pytest.raises(UserError, match="called One"):
        project.test_sets.create(" One ", "other.csv")
    with pytest.raises(UserError, match="name"):
        project.test_sets.create("  ", "other.csv")
    second = project.test_sets.create("Two", "two.csv")
    with pytest.raises(UserError, match="called One"):
        project.test_sets.rename(second, "One")
    assert project.test_sets.free_name("One") == "One 2"
    assert project.test_sets.free_name("Three") == "Three"


def test_that_no_set_is_called_as_the_project_s_own_questions(project: Project) -> None:
    with pytest.raises(UserError, match="own questions"):
        project.test_sets.create("test", "test.csv")
    number = project.test_sets.create(project.test_sets.free_name("test"), "test.csv")
    assert [one.name for one in project.test_sets.all()] == ["test 2"]
    with pytest.raises(UserError, match="own questions"):
        project.test_sets.rename(number, "test")


def test_that_a_question_keeps_its_judgements_when_more_come(project: Project) -> None:
    number = project.test_sets.create("One", "one.csv")
    project.test_sets.add(number, "What grew?", "fact", {1: 0})
    project.test_sets.add(number, "What grew?", "", {2: 2})
    (question,) = project.test_sets.questions(number)
    assert (question.kind, question.judgements) == ("fact", {1: 0, 2: 2})


def test_that_removing_a_set_leaves_passages_and_other_sets(project: Project) -> None:
    one, two = project.test_sets.create("One", "1.csv"), project.test_sets.create("Two", "2.csv")
    for number in (one, two):
        project.test_sets.add(number, "What grew?", "", {2: 1})
    project.test_sets.remove(one)
    assert project.test_sets.questions(one) == []
    assert len(project.test_sets.questions(two)) == 1
    assert project.passages.count_in_use() == 3


def test_that_a_set_that_fails_at_any_write_leaves_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embtrainer_gui.core.store.test_sets.ROWS_PER_TRANSACTION", 2)
    new = [NewQuestion(f"Question {number}?", "", {1: 1}) for number in range(5)]
    for broken in range(5):
        bad = list(new)
        bad[broken] = NewQuestion("Broken?", "", {999: 1})  # no such passage
        with pytest.raises(Exception, match="FOREIGN KEY"):
            WholeFile(project.database).take_test_set("Set", "set.csv", bad)
        assert project.database.one("SELECT count(*) FROM test_sets") == 0
        assert project.database.one("SELECT count(*) FROM test_questions") == 0
    number = WholeFile(project.database).take_test_set("Set", "set.csv", new)
    assert len(project.test_sets.questions(number)) == 5


def test_that_what_a_kill_leaves_of_a_set_is_unseen_and_swept_away(project: Project) -> None:
    with project.database.transaction() as connection:
        connection.execute("INSERT INTO test_sets (name, source, created_at, ready) VALUES ('Set', 's', '', 0)")
    assert project.test_sets.all() == []
    assert project.test_sets.free_name("Set") == "Set 2"
    project.test_sets.drop_unfinished()
    number = WholeFile(project.database).take_test_set("Set", "set.csv", [NewQuestion("What grew?", "", {1: 1})])
    assert [one.id for one in project.test_sets.all()] == [number]


def test_that_a_mark_that_changes_gets_the_date_of_the_change_and_one_set_again_keeps_its_own(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def marked(at: str, relevance: int) -> str:
        monkeypatch.setattr(test_sets, "utc_now", lambda: at)
        project.test_sets.mark("What was kept?", 1, relevance)
        return project.test_sets.newest_right(SEARCH)

    assert marked("2026-01-01", 0) == ""
    assert marked("2026-01-02", 1) == "2026-01-02"
    assert project.test_sets.judged_right_since("2026-01-01T12")
    assert marked("2026-01-03", 1) == "2026-01-02"


def test_that_judgements_move_to_the_passage_of_the_new_reading(project: Project) -> None:
    project.test_sets.mark("What was kept?", 1, 1)
    project.test_sets.mark("What grew?", 2, 1)
    project.test_sets.mark("What is third?", 3, 0)
    almost = LONG.replace("phosphate", "phosphates")
    reading = NewReading(FileState.DONE, "", 1, "layout", HowRead(), "T", [draft(OTHER), draft(almost)], ())
    project.rereading.replace(1, reading)
    of_text = {passage.text: passage.id for passage in project.passages.in_use()}
    assert set(of_text) == {OTHER, almost}
    assert project.test_sets.marks("What was kept?") == {of_text[almost]: 1}
    assert project.test_sets.marks("What grew?") == {2: 1}
    assert of_text[OTHER] == 2
    assert project.test_sets.marks("What is third?") == {3: 0}  # on a passage of the earlier reading
    earlier = project.passages.get([3])[3]
    assert earlier.kind is BlockKind.EARLIER
