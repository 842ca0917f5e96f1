"""The journal: undo and redo of single decisions, edits and bulk acts, across restarts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Reason
from embtrainer_gui.core.store import Project, create_project, open_project, utc_now
from embtrainer_gui.core.store.decisions import Act, DecisionStore, Texts, Why
from embtrainer_gui.core.store.pairs import NewPair

PENDING, ACCEPTED, REJECTED = PairState.PENDING, PairState.ACCEPTED, PairState.REJECTED


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "project") as project:
        source = project.documents.begin("h", "a.pdf", utc_now())
        draft = PassageDraft("The seeds were kept at 4 °C for two weeks.", BlockKind.BODY, "", 1, (), 9)
        project.documents.add(source, "A", 1, [draft], ["a-1"], (), None)
        project.documents.finish(source, FileState.DONE, "", 1, "text", "")
        new = [
            NewPair(str(n), 1, f"Question {n}?", f"answer {n}", QuestionKind.FACT, "import", utc_now(), "r", {})
            for n in range(1, 501)
        ]
        project.pairs.add(new)
        yield project


@pytest.fixture
def decisions(project: Project) -> DecisionStore:
    return DecisionStore(project.database)


def state(project: Project, pair_id: int) -> PairState:
    return project.pairs.get([pair_id])[pair_id].state


def test_that_undo_names_its_act_and_redo_makes_it_again(project: Project, decisions: DecisionStore) -> None:
    decisions.decide(7, ACCEPTED, Act.ACCEPT, utc_now())
    decisions.decide(8, REJECTED, Act.REJECT, utc_now())
    undone = decisions.undo()
    assert undone is not None
    assert (undone.act, undone.pair_id, undone.count) == (Act.REJECT, 8, 1)
    assert (state(project, 7), state(project, 8)) == (ACCEPTED, PENDING)
    redone = decisions.redo()
    assert redone is not None
    assert redone.pair_id == 8
    assert state(project, 8) is REJECTED
    assert decisions.redo() is None


def test_that_undo_goes_back_to_the_very_first_decision(project: Project, decisions: DecisionStore) -> None:
    for number in range(1, 41):
        decisions.decide(number, REJECTED if number % 2 else ACCEPTED, Act.ACCEPT, utc_now())
    while decisions.undo():
        pass
    assert project.pairs.counts() == {"pending": 500, "accepted": 0, "rejected": 0}
    while decisions.redo():
        pass
    assert project.pairs.counts() == {"pending": 460, "accepted": 20, "rejected": 20}


def test_that_undo_and_redo_survive_a_restart(project: Project, decisions: DecisionStore) -> None:
    decisions.decide(1, ACCEPTED, Act.ACCEPT, utc_now())
    decisions.decide(2, REJECTED, Act.REJECT, utc_now())
    decisions.undo()
    project.close()
    with open_project(project.folder) as again:
        journal = DecisionStore(again.database)
        undo, redo = journal.next_undo(), journal.next_redo()
        assert undo is not None
        assert redo is not None
        assert (undo.pair_id, redo.pair_id) == (1, 2)
        journal.redo()
        assert state(again, 2) is REJECTED


def test_that_a_new_decision_ends_the_redos(decisions: DecisionStore) -> None:
    decisions.decide(1, ACCEPTED, Act.ACCEPT, utc_now())
    decisions.undo()
    decisions.decide(2, ACCEPTED, Act.ACCEPT, utc_now())
    assert decisions.next_redo() is None
    undo = decisions.undo()
    assert undo is not None
    assert undo.pair_id == 2
    assert decisions.next_undo() is None


def test_that_a_redo_makes_the_act_that_was_undone_last_whatever_was_undone_before_it(
    project: Project, decisions: DecisionStore
) -> None:
    for pair in (1, 2):
        decisions.decide(pair, REJECTED, Act.REJECT, utc_now())
    for _ in range(2):
        decisions.undo()
    decisions.edit(3, Texts("Other?", "One."), utc_now())
    decisions.undo()
    redo = decisions.redo()
    assert redo is not None
    assert redo.pair_id == 3
    assert decisions.next_redo() is None
    assert [state(project, pair) for pair in (1, 2)] == [PENDING, PENDING]


def test_that_a_decision_is_the_redo_also_after_a_bulk_act_that_was_taken_back_in_part(
    decisions: DecisionStore,
) -> None:
    for _ in decisions.bulk(range(1, 11), REJECTED, Act.REJECT_SHOWN, utc_now()):
        pass
    batch = decisions.next_undo()
    assert batch is not None
    with decisions._database.transaction() as connection:  # as a stopped undo leaves it
        connection.execute("UPDATE decisions SET undone = 1 WHERE batch = ? AND pair_id > 6", (batch.number,))
    decisions.decide(20, ACCEPTED, Act.ACCEPT, utc_now())
    decisions.undo()
    redo = decisions.redo()
    assert redo is not None
    assert redo.pair_id == 20


def test_that_a_bulk_act_that_changes_nothing_leaves_the_redos(decisions: DecisionStore) -> None:
    decisions.decide(1, REJECTED, Act.REJECT, utc_now())
    decisions.decide(2, REJECTED, Act.REJECT, utc_now())
    decisions.undo()
    for _ in decisions.bulk([1], REJECTED, Act.REJECT_SHOWN, utc_now()):
        pass
    assert decisions.next_redo() is not None


def test_that_an_edit_accepts_and_undo_brings_the_texts_back(project: Project, decisions: DecisionStore) -> None:
    project.pairs.set_reasons({5: [Reason.COPIED]})
    decisions.edit(5, Texts("Better?", "yes"), utc_now())
    pair = project.pairs.get([5])[5]
    assert (pair.question, pair.answer, pair.state) == ("Better?", "yes", ACCEPTED)
    assert project.pairs.unchecked() == 500
    decisions.undo()
    pair = project.pairs.get([5])[5]
    assert (pair.question, pair.answer, pair.state) == ("Question 5?", "answer 5", PENDING)
    decisions.redo()
    assert project.pairs.get([5])[5].question == "Better?"


def test_that_a_bulk_decision_is_undone_together(project: Project, decisions: DecisionStore) -> None:
    decisions.decide(3, REJECTED, Act.REJECT, utc_now())
    steps = list(decisions.bulk(range(1, 451), ACCEPTED, Act.ACCEPT_SHOWN, utc_now()))
    assert steps == [(0, 0), (200, 200), (400, 400), (450, 450)]  # first of all a backup
    batch = decisions.next_undo()
    assert batch is not None
    assert (batch.act, batch.count) == (Act.ACCEPT_SHOWN, 450)
    decisions.undo()
    assert project.pairs.counts() == {"pending": 499, "accepted": 0, "rejected": 1}
    decisions.redo()
    assert project.pairs.counts()["accepted"] == 450


def test_that_an_interrupted_bulk_undo_is_finished_by_the_next(project: Project, decisions: DecisionStore) -> None:
    list(decisions.bulk(range(1, 451), ACCEPTED, Act.ACCEPT_ALL, utc_now()))
    batch = decisions.next_undo()
    assert batch is not None
    next(decisions.undo_steps(batch))
    assert project.pairs.counts()["accepted"] == 250
    again = DecisionStore(project.database)
    again.undo()
    assert project.pairs.counts()["accepted"] == 0
    redo = again.next_redo()
    assert redo is not None
    next(again.redo_steps(redo))
    assert project.pairs.counts()["accepted"] == 200
    again.redo()
    assert project.pairs.counts()["accepted"] == 450


def test_that_later_keeps_the_state_and_can_be_undone(project: Project, decisions: DecisionStore) -> None:
    decisions.later(4, utc_now())
    assert state(project, 4) is PENDING
    batch = decisions.undo()
    assert batch is not None
    assert (batch.act, batch.pair_id) == (Act.LATER, 4)


def test_that_the_same_decision_twice_is_one(decisions: DecisionStore) -> None:
    assert decisions.decide(1, ACCEPTED, Act.ACCEPT, utc_now()) is not None
    assert decisions.decide(1, ACCEPTED, Act.ACCEPT, utc_now()) is None
    assert len(decisions.recent()) == 1


def test_that_the_last_ten_that_stand_are_listed_newest_first(decisions: DecisionStore) -> None:
    for number in range(1, 15):
        decisions.decide(number, ACCEPTED, Act.ACCEPT, utc_now())
    decisions.undo()
    assert [batch.pair_id for batch in decisions.recent()] == list(range(13, 3, -1))


def test_that_a_rejection_may_say_why_and_change_its_mind(decisions: DecisionStore) -> None:
    batch = decisions.decide(1, REJECTED, Act.REJECT, utc_now())
    assert batch is not None
    decisions.say_why(batch.number, Why.UNCLEAR)
    decisions.say_why(batch.number, Why.TOO_EASY)
    assert [(found.act, found.why) for found in decisions.recent()] == [(Act.REJECT, Why.TOO_EASY)]


def test_that_a_pair_made_by_hand_is_accepted_and_undo_rejects_it(project: Project, decisions: DecisionStore) -> None:
    number = project.pairs.add_by_hand(1, " How cold? ", "4 °C", QuestionKind.QUANTITY, utc_now())
    pair = project.pairs.get([number])[number]
    assert (pair.question, pair.answer, pair.source, pair.state) == ("How cold?", "4 °C", "hand", ACCEPTED)
    batch = decisions.undo()
    assert batch is not None
    assert (batch.act, batch.pair_id) == (Act.NEW, number)
    assert state(project, number) is REJECTED


@pytest.mark.parametrize(("question", "answer"), [("", "4 °C"), ("How?", ""), ("How?", "5 °C")])
def test_that_a_hand_made_pair_needs_its_answer_in_the_passage(project: Project, question: str, answer: str) -> None:
    with pytest.raises(UserError):
        project.pairs.add_by_hand(1, question, answer, QuestionKind.FACT, utc_now())
    assert sum(project.pairs.counts().values()) == 500


def test_that_severity_is_the_number_of_reasons(project: Project) -> None:
    project.pairs.set_reasons({1: [Reason.COPIED, Reason.DUPLICATE], 2: []})
    assert project.database.rows("SELECT severity FROM pairs WHERE id < 3") == [(2,), (0,)]
    project.pairs.set_reasons({1: []})
    assert project.database.one("SELECT severity FROM pairs WHERE id = 1") == 0
