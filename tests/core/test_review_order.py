"""The orders of the review queue, the sample by chance, and filters that are kept under a name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.pair_maker import Maker
from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Reason
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.core.store import review_queue as queue_module
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.review_order import Order, SpotCheck
from embtrainer_gui.core.store.review_queue import PairFilter, ReviewQueue
from embtrainer_gui.core.store.saved_filters import LONGEST, SavedFilters

KINDS = (QuestionKind.FACT, QuestionKind.CAUSE, QuestionKind.DEFINITION)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two papers of three passages; pairs come kind by kind, so that no paper has neighbouring numbers."""
    with create_project(tmp_path / "project") as project:
        for name in ("a", "b"):
            source = project.documents.begin(name, f"{name}.pdf", utc_now())
            drafts = [PassageDraft(f"{name} {n}", BlockKind.BODY, "", 1, (), 3) for n in range(3)]
            project.documents.add(source, name, 1, drafts, [f"{name}{n}" for n in range(3)], (), None)
            project.documents.finish(source, FileState.DONE, "", 1, "text", "")
        passages = list(project.passages.in_use())
        project.pairs.add([_pair(passage.id, kind) for kind in KINDS for passage in passages[::-1]])
        ids = [pair.id for pair in project.pairs.all()]
        project.pairs.set_reasons({number: [Reason.COPIED] if number % 4 == 0 else [] for number in ids})
        yield project


def _pair(passage: int, kind: QuestionKind) -> NewPair:
    return NewPair(f"{passage}{kind}", passage, "Why?", "so", kind, "import", utc_now(), "r", {})


def loaded(project: Project, shown: PairFilter) -> list[int]:
    queue = ReviewQueue(project.database, shown)
    queue.finish()
    return list(queue.ids)


@pytest.mark.parametrize("size", [1, 2, 5, 10_000])
def test_that_papers_are_read_passage_by_passage(project: Project, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(queue_module, "SLICE", size)
    rows = queue_module.read_rows(project.database, loaded(project, PairFilter(order=Order.PAPER)))
    places = [(row.document_id, row.pair.passage_id) for row in rows]
    assert len(places) == 18
    assert places == sorted(places)
    assert loaded(project, PairFilter(order=Order.PAPER, document=2)) == [row.pair.id for row in rows[9:]]


def test_that_kinds_come_one_after_the_other_with_the_worst_first(project: Project) -> None:
    found = loaded(project, PairFilter(order=Order.KIND))
    rows = queue_module.read_rows(project.database, found)
    kinds = [list(QuestionKind).index(row.pair.kind) for row in rows]
    assert kinds == sorted(kinds)
    flagged = [len(row.pair.reasons) for row in rows]
    assert all(sorted(flagged[n : n + 6], reverse=True) == flagged[n : n + 6] for n in (0, 6, 12))


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"states": ()},
        {"clean": True},
        {"reason": Reason.COPIED},
        {"kind": QuestionKind.CAUSE},
        {"document": 1},
        {"document": 2, "clean": True, "kind": QuestionKind.FACT},
    ],
)
def test_that_each_order_shows_the_same_pairs(project: Project, order: Order, shown: dict[str, object]) -> None:
    project.pairs.decide([1, 2, 9], PairState.ACCEPTED, "accept", utc_now())
    expected = sorted(loaded(project, PairFilter(**shown)))  # type: ignore[arg-type]
    assert expected
    assert sorted(loaded(project, PairFilter(**shown, order=order))) == expected  # type: ignore[arg-type]


def test_that_a_sample_by_chance_is_one_and_stays_one() -> None:
    check = SpotCheck(100)
    for start in range(1, 100_001, 1000):
        check.feed(range(start, start + 1000))
    taken = check.ids()
    assert len(set(taken)) == 100
    assert 35_000 < sum(taken) / 100 < 65_000  # five standard errors around the middle
    again = SpotCheck(100)
    again.feed([number for number in range(1, 100_001) if number not in taken[:5]])
    assert again.ids()[:95] == taken[5:]


def test_that_a_pair_decided_while_a_sample_is_drawn_is_not_in_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "SLICE", 3)
    queue = ReviewQueue(project.database, PairFilter(order=Order.CHANCE))
    queue.load(0)
    queue.moved(4)
    queue.finish()
    assert sorted(queue.ids) == [number for number in range(1, 19) if number != 4]


def test_that_a_filter_with_an_order_is_kept_and_an_older_one_is_read() -> None:
    shown = PairFilter(clean=True, order=Order.PAPER)
    assert PairFilter.from_json(shown.to_json()) == shown
    older = {key: value for key, value in PairFilter(text="a").to_json().items() if key not in ("clean", "order")}
    assert PairFilter.from_json(older) == PairFilter(text="a")
    assert PairFilter(order=Order.KIND).is_whole
    assert not PairFilter(clean=True).is_whole
    careful = PairFilter(maker=Maker.CAREFUL)
    assert PairFilter.from_json(careful.to_json()) == careful


def test_that_filters_are_kept_by_name(project: Project) -> None:
    saved = SavedFilters(project.meta)
    saved.save(" my  rejects ", PairFilter((PairState.REJECTED,)))
    saved.save("Causes", PairFilter(kind=QuestionKind.CAUSE))
    saved.save("Causes", PairFilter(kind=QuestionKind.CAUSE, clean=True))
    assert list(saved.all()) == ["Causes", "my rejects"]
    assert SavedFilters(project.meta).all()["Causes"].clean
    saved.remove("Causes")
    assert list(saved.all()) == ["my rejects"]
    with pytest.raises(UserError):
        saved.save("  ", PairFilter())
    with pytest.raises(UserError):
        saved.save("x" * (LONGEST + 1), PairFilter())
