"""The review queue: order, filters, slices, and places that do not move under the reviewer."""

from __future__ import annotations

from pathlib import Path

import pytest

from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Reason
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.core.store import review_queue as queue_module
from embtrainer_gui.core.store.decisions import Act, DecisionStore
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.review_queue import PairFilter, ReviewQueue, clean_pending


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two papers, ten pairs each: of every paper, pair 3 has two reasons, 5 and 6 one, 9 is a definition."""
    project = create_project(tmp_path / "project")
    for name in ("a.pdf", "b.pdf"):
        source = project.documents.begin(name, name, utc_now())
        draft = PassageDraft(f"Text of {name}", BlockKind.BODY, "", 3, (), 3)
        project.documents.add(source, f"Title of {name}", 4, [draft], [name], (), None)
        project.documents.finish(source, FileState.DONE, "", 4, "text", "")
        passage = project.passages.ids_of_texts()[f"Text of {name}"]
        project.pairs.add([_pair(passage, f"{name}-{number}", number) for number in range(1, 11)])
    ids = {pair.uid: pair.id for pair in project.pairs.all()}
    reasons: dict[int, list[Reason]] = {number: [] for number in ids.values()}
    for name in ("a.pdf", "b.pdf"):
        reasons[ids[f"{name}-3"]] = [Reason.COPIED, Reason.DUPLICATE]
        reasons[ids[f"{name}-5"]] = [Reason.AMBIGUOUS]
        reasons[ids[f"{name}-6"]] = [Reason.DUPLICATE]
    project.pairs.set_reasons(reasons)
    return project


def _pair(passage: int, uid: str, number: int) -> NewPair:
    kind = QuestionKind.DEFINITION if number == 9 else QuestionKind.FACT
    question = f"What is 100%_{number} of β-Carotene?"
    return NewPair(uid, passage, question, f"answer {number}", kind, "import", utc_now(), "r", {})


def _loaded(project: Project, shown: PairFilter | None = None) -> list[int]:
    queue = ReviewQueue(project.database, shown)
    queue.finish()
    return list(queue.ids)


def test_that_the_worst_pairs_come_first(project: Project) -> None:
    assert _loaded(project) == [3, 13, 5, 6, 15, 16, 1, 2, 4, 7, 8, 9, 10, 11, 12, 14, 17, 18, 19, 20]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_that_small_slices_give_the_same_queue(project: Project, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    whole, found = _loaded(project), _loaded(project, PairFilter(text="answer 1"))
    monkeypatch.setattr(queue_module, "SLICE", size)
    assert _loaded(project) == whole
    assert _loaded(project, PairFilter(text="answer 1")) == found


def test_that_loading_is_cut_into_steps(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "SLICE", 2)
    queue = ReviewQueue(project.database)
    assert queue.load(0) == 2
    assert not queue.is_complete
    assert queue.position(3) == 0
    assert queue.position(20) is None


@pytest.mark.parametrize(
    ("shown", "ids"),
    [
        (PairFilter(reason=Reason.DUPLICATE), [3, 13, 6, 16]),
        (PairFilter(kind=QuestionKind.DEFINITION), [9, 19]),
        (PairFilter(document=2, reason=Reason.AMBIGUOUS), [15]),
        (PairFilter(text="answer 7"), [7, 17]),
        (PairFilter(text="CAROTENE 100%_8"), [8, 18]),
        (PairFilter(text="%7"), []),
        (PairFilter(text="#12"), [12]),
        (PairFilter(states=(PairState.ACCEPTED,)), []),
        (PairFilter(text="no such words"), []),
    ],
)
def test_that_each_filter_finds_its_pairs(project: Project, shown: PairFilter, ids: list[int]) -> None:
    assert _loaded(project, shown) == ids


def test_that_all_states_stand_one_after_the_other(project: Project) -> None:
    project.pairs.decide([3], PairState.ACCEPTED, "accept", utc_now())
    project.pairs.decide([13], PairState.REJECTED, "reject", utc_now())
    found = _loaded(project, PairFilter(states=()))
    assert len(found) == 20
    assert found[:2] == [5, 6]
    assert found[-2:] == [13, 3]


def test_that_a_decided_pair_keeps_its_place_and_shows_its_state(project: Project) -> None:
    queue = ReviewQueue(project.database)
    queue.finish()
    DecisionStore(project.database).decide(13, PairState.REJECTED, Act.REJECT, utc_now())
    assert queue.position(13) == 1
    assert queue.rows(1, 1)[0].pair.state is PairState.REJECTED


def test_that_a_pair_decided_while_the_queue_is_read_comes_once(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "SLICE", 2)
    queue = ReviewQueue(project.database, PairFilter(states=()))
    queue.load(0)
    DecisionStore(project.database).decide(3, PairState.REJECTED, Act.REJECT, utc_now())
    queue.moved(3)
    queue.finish()
    assert sorted(queue.ids) == list(range(1, 21))


def test_that_rows_carry_paper_and_page_in_the_order_of_the_queue(project: Project) -> None:
    queue = ReviewQueue(project.database)
    queue.finish()
    rows = queue.rows(0, 4)
    assert [row.pair.id for row in rows] == [3, 13, 5, 6]
    assert (rows[1].title, rows[1].file_name, rows[1].page, rows[1].document_id) == ("Title of b.pdf", "b.pdf", 3, 2)


def test_that_pairs_of_a_removed_paper_are_not_shown(project: Project) -> None:
    with project.database.transaction() as connection:
        connection.execute("UPDATE sources SET removed_at = 'now' WHERE file_name = 'a.pdf'")
    assert all(number > 10 for number in _loaded(project))
    assert len(_loaded(project)) == 10


def test_that_the_clean_ones_are_pending_and_without_a_reason(project: Project) -> None:
    project.pairs.decide([1], PairState.REJECTED, "reject", utc_now())
    queue = clean_pending(project.database)
    queue.finish()
    assert list(queue.ids) == [2, 4, 7, 8, 9, 10, 11, 12, 14, 17, 18, 19, 20]


def test_that_a_filter_is_kept_and_a_strange_one_is_the_standard_one() -> None:
    shown = PairFilter((PairState.REJECTED,), Reason.COPIED, QuestionKind.CAUSE, 4, "a b")
    assert PairFilter.from_json(shown.to_json()) == shown
    assert PairFilter.from_json({"states": ["from-the-future"]}) == PairFilter()
