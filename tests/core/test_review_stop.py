"""When more review will not change the training pairs: intervals, worst cases, and what was decided by hand."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Reason
from embtrainer_gui.core.review_stop import FEWEST, TOLERANCE, Group, outlook, wilson
from embtrainer_gui.core.store import create_project, utc_now
from embtrainer_gui.core.store.decisions import Act, DecisionStore, Texts, Why
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.review_figures import PaperFigures, by_paper, groups

ACCEPTED, REJECTED = PairState.ACCEPTED, PairState.REJECTED


@pytest.mark.parametrize(
    ("kept", "decided", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_that_the_interval_is_wilsons(kept: int, decided: int, low: float, high: float) -> None:
    """The last one is the example of Newcombe, Statistics in Medicine 17:857 (1998)."""
    assert wilson(kept, decided) == pytest.approx((low, high), abs=5e-5)


def test_that_few_decisions_tell_nothing() -> None:
    early = outlook([Group(0, FEWEST - 1, FEWEST - 1, 100)], FEWEST - 1)
    assert not early.can_tell
    assert not early.enough


def test_that_a_clean_group_is_accepted_and_a_poor_one_left_out() -> None:
    found = outlook([Group(0, 200, 198, 300), Group(1, 40, 0, 60)], 198)
    assert [group.accepts for group in found.groups] == [True, False]
    assert found.result == 498
    assert found.enough
    assert found.share <= TOLERANCE


def test_that_a_group_that_nobody_looked_at_keeps_the_review_going() -> None:
    found = outlook([Group(0, 0, 0, 400), Group(1, 50, 25, 0)], 25)
    assert not found.enough
    assert found.reasons == 0
    assert 0 < found.more < 400


def test_that_as_many_more_as_it_says_are_enough() -> None:
    before = outlook([Group(0, 30, 29, 1000)], 29)
    assert not before.enough
    kept = round(before.more * 29 / 30)
    after = outlook([Group(0, 30 + before.more, 29 + kept, 1000 - before.more)], 29 + kept)
    assert after.enough


def test_that_everything_decided_is_enough() -> None:
    assert outlook([Group(0, 3, 3, 0)], 3).enough
    assert outlook([], 0).enough


def test_that_the_bound_holds_in_nineteen_of_twenty_projects() -> None:
    """Samples by chance of a known truth: the share that is really wrong is above the bound in at most 7 %."""
    rng, missed, rounds = random.Random(3), 0, 400
    for _ in range(rounds):
        good = [rng.random() < 0.85 for _ in range(600)]
        sample = good[:80]
        [group] = outlook([Group(0, 80, sum(sample), 520)], sum(sample)).groups
        missed += (520 - sum(good[80:])) > group.worst
    assert missed / rounds <= 0.07


def test_that_only_decisions_by_hand_that_stand_count(tmp_path: Path) -> None:
    with create_project(tmp_path / "project") as project:
        for name in ("a", "b"):
            source = project.documents.begin(name, f"{name}.pdf", utc_now())
            draft = PassageDraft(name, BlockKind.BODY, "", 1, (), 3)
            project.documents.add(source, name.upper(), 1, [draft], [name], (), None)
            project.documents.finish(source, FileState.DONE, "", 1, "text", "")
        new = [(1 if n < 9 else 2, n) for n in range(1, 13)]
        project.pairs.add(
            [NewPair(str(n), p, "Q?", "a", QuestionKind.FACT, "import", utc_now(), "r", {}) for p, n in new]
        )
        flagged = {4: [Reason.COPIED], 5: [Reason.COPIED, Reason.DUPLICATE], 6: [Reason.COPIED]}
        project.pairs.set_reasons({n: flagged.get(n, []) for n in range(1, 13)})
        journal = DecisionStore(project.database)
        journal.decide(1, ACCEPTED, Act.ACCEPT, utc_now())
        journal.decide(2, ACCEPTED, Act.ACCEPT, utc_now())
        rejected = journal.decide(2, REJECTED, Act.REJECT, utc_now())  # changed later: counts once, as it ended
        assert rejected
        journal.say_why(rejected.number, Why.UNCLEAR)
        journal.edit(4, Texts("Better?", "a"), utc_now())  # needed an edit: not kept as it was
        journal.later(6, utc_now())
        list(journal.bulk([9, 10], ACCEPTED, Act.ACCEPT_CLEAN, utc_now()))
        journal.decide(3, ACCEPTED, Act.ACCEPT, utc_now())
        journal.undo()
        assert groups(project.database) == [Group(0, 2, 1, 5), Group(1, 1, 0, 1), Group(2, 0, 0, 1)]
        assert by_paper(project.database) == [PaperFigures(1, "A", 2, 1, 5), PaperFigures(2, "B", 2, 0, 2)]
        assert by_paper(project.database)[0].share == pytest.approx(2 / 3)


def test_that_it_promises_nothing_where_two_groups_are_open() -> None:
    found = outlook([Group(0, 20, 14, 300), Group(1, 20, 10, 300)], 24)
    assert (found.enough, found.more) == (False, 0)
