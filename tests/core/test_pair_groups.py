"""Groups of similar questions: who is in them, which one stays, and the list that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.core.store.decisions import Act
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.review_queue import PairFilter, ReviewQueue

ACCEPTED, REJECTED = PairState.ACCEPTED, PairState.REJECTED


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two papers of three passages, a pair each: 1, 3 and 5 ask nearly the same."""
    with create_project(tmp_path / "project") as project:
        for number in range(2):
            source = project.documents.begin(f"h{number}", f"{number}.pdf", utc_now())
            drafts = [PassageDraft(f"Text {number} {n}.", BlockKind.BODY, "", 1, (), 5) for n in range(3)]
            project.documents.add(source, "T", 1, drafts, [f"{number}-{n}" for n in range(3)], (number,), None)
            project.documents.finish(source, FileState.DONE, "", 1, "text", "")
        project.pairs.add(
            [
                NewPair(str(p.id), p.id, f"Question {p.id}?", "a", QuestionKind.FACT, "import", utc_now(), "r", {})
                for p in project.passages.in_use()
            ]
        )
        project.pair_groups.set_groups({1: 1, 3: 1, 5: 1})
        yield project


def decide(project: Project, pair_id: int, state: PairState) -> None:
    project.pairs.decide([pair_id], state, Act.ACCEPT, utc_now())


def test_that_a_group_counts_its_pairs_and_a_lone_question_has_none(project: Project) -> None:
    assert [project.pair_groups.size(pair_id) for pair_id in (1, 2, 5)] == [3, 0, 3]


def test_that_grouping_again_forgets_what_is_not_alike_any_more(project: Project) -> None:
    project.pair_groups.set_groups({2: 2, 3: 2})
    assert [project.pair_groups.size(pair_id) for pair_id in range(1, 7)] == [0, 2, 2, 0, 0, 0]


def test_that_the_first_stays_and_a_rejected_one_is_not_the_first(project: Project) -> None:
    assert project.pair_groups.others(5) == [3, 5]
    decide(project, 1, REJECTED)
    assert project.pair_groups.others(5) == [5]


def test_that_an_accepted_one_stays_before_an_earlier_one_to_review(project: Project) -> None:
    decide(project, 3, ACCEPTED)
    assert project.pair_groups.others(1) == [1, 5]


def test_that_pairs_of_a_removed_paper_are_in_no_group(project: Project) -> None:
    project.documents.remove([2], utc_now())
    assert project.pair_groups.size(1) == 2


def test_that_the_list_shows_the_whole_group_whatever_was_decided(project: Project) -> None:
    decide(project, 3, REJECTED)
    shown = PairFilter.similar_to(5)
    queue = ReviewQueue(project.database, shown)
    queue.finish()
    assert sorted(queue.ids) == [1, 3, 5]
    assert shown.similar == 5
    assert PairFilter.from_json(shown.to_json()) == shown


@pytest.mark.parametrize("text", ["similar:", "similar:x", "similar 5", "is similar:5"])
def test_that_other_words_are_searched_for(text: str) -> None:
    assert PairFilter(text=text).similar is None
