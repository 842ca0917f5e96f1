"""A stored comparison: any two of its models can be looked at, and nothing outdated or missing is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from embtrainer_gui.core.compared_models import USUAL, called, dense_part, hybrid_of, is_hybrid, run_of
from embtrainer_gui.core.comparison import (
    LABELLED_SET,
    OWN_SET,
    PROJECT_SET,
    evaluation_fingerprint,
    read_comparison,
    selection,
)
from embtrainer_gui.core.config import CompareConfig, TrainConfig
from embtrainer_gui.core.store import Project, create_project, utc_now

MODELS = ("run:run-1", "run:run-2", "bm25")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "project") as project:
        for name in ("run-1", "run-2"):
            number = project.runs.begin(name, TrainConfig().model_dump(), "f", utc_now())
            project.runs.finish(number, "done", {}, utc_now())
        yield project


def result(**more: Any) -> dict[str, Any]:
    metrics = {"ndcg@10": {"delta": 0.1, "ci95": [0.02, 0.2]}, "mrr@10": {"delta": -0.1, "ci95": [-0.2, 0.1]}}
    low = {"ndcg@10": {"delta": -0.3, "ci95": [-0.4, -0.2]}, "mrr@10": {"delta": -0.3, "ci95": [-0.4, -0.2]}}
    return {
        "set": "test", "queries": 3, "passages": 9, "verdict": "BETTER", "delta": 0.1, "ci95": [0.02, 0.2],
        "models": {name: {"ndcg@10": value, "mrr@10": value}
                   for name, value in zip(MODELS, (0.5, 0.6, 0.2), strict=True)},
        "pairs": [
            {"from": MODELS[0], "to": MODELS[1], "verdict": "BETTER", "metrics": metrics},
            {"from": MODELS[0], "to": MODELS[2], "verdict": "WORSE", "metrics": low},
            {"from": MODELS[1], "to": MODELS[2], "verdict": "WORSE", "metrics": low},
        ],
        "by_kind": [{"name": "fact", "queries": 3, "ci95": [[0.02, 0.2], [-0.4, -0.2], [-0.4, -0.2]],
                   "scores": dict(zip(MODELS, (0.5, 0.6, 0.2), strict=True))}],
        **more,
    }  # fmt: skip


def rows() -> list[dict[str, Any]]:
    scores = ((0.2, 0.9, 0.0), (0.8, 0.1, 0.0), (0.5, 0.8, 0.6))
    return [
        {"question": f"Q{number}", "document": number, "ndcg@10": dict(zip(MODELS, each, strict=True))}
        for number, each in enumerate(scores)
    ]


def store(project: Project, name: str = PROJECT_SET, models: tuple[str, ...] = MODELS) -> None:
    print_ = evaluation_fingerprint(project, name, models)
    project.runs.add_evaluation(None, name, print_, result(), rows(), utc_now(), selection(models))


def test_that_a_difference_the_other_way_round_has_its_signs_turned(project: Project) -> None:
    store(project)
    found = read_comparison(project, models=MODELS)
    assert found is not None
    there, back = found.difference(MODELS[0], MODELS[1]), found.difference(MODELS[1], MODELS[0])
    assert (there.delta, there.bounds, there.verdict) == (0.1, (0.02, 0.2), "BETTER")
    assert (back.delta, back.bounds, back.verdict) == (-0.1, (-0.2, -0.02), "WORSE")
    assert found.difference(MODELS[0], MODELS[1], "mrr@10").bounds == (-0.2, 0.1)
    (group,) = found.groups("by_kind", MODELS[2], MODELS[0])
    assert group.bounds == (0.2, 0.4)
    assert group.delta == pytest.approx(0.3)


def test_that_lists_are_those_of_the_two_models_looked_at(project: Project) -> None:
    store(project)
    found = read_comparison(project, models=MODELS)
    assert found is not None
    assert [q.text for q in found.improved(MODELS[0], MODELS[1])] == ["Q0", "Q2"]
    assert [q.text for q in found.worse(MODELS[0], MODELS[1])] == ["Q1"]
    assert [q.text for q in found.best(MODELS[2])][0] == "Q2"
    assert [q.text for q in found.worst(MODELS[1])][0] == "Q1"


def test_that_a_comparison_outlives_its_run_and_says_so(project: Project) -> None:
    store(project)
    second = project.runs.all()[1]
    project.runs.delete(second)
    project.runs.purge()
    found = read_comparison(project, models=MODELS)
    assert found is not None
    assert found.gone == ("run:run-2",)
    assert found.stale
    assert found.value("run:run-2") == 0.6


def test_that_only_what_was_compared_makes_it_outdated(project: Project) -> None:
    store(project, OWN_SET + "mine")
    number = project.runs.begin("run-3", TrainConfig().model_dump(), "f", utc_now())
    project.runs.finish(number, "done", {}, utc_now())
    found = read_comparison(project, OWN_SET + "mine", MODELS)
    assert found is not None
    assert not found.stale
    assert evaluation_fingerprint(project, PROJECT_SET, ("tuned", "bm25")).startswith("tuned=run-3")
    run = project.runs.all()[0]
    project.runs.finish(run.id, "done", {}, "2027-01-01T00:00:00Z")
    found = read_comparison(project, OWN_SET + "mine", MODELS)
    assert found is not None
    assert found.stale


def test_that_a_new_mark_makes_a_comparison_on_its_set_outdated(project: Project) -> None:
    name, models = f"{LABELLED_SET}Mine", ("base", "bm25")
    set_id = project.test_sets.create("Mine", "hand")
    before = evaluation_fingerprint(project, name, models)
    project.test_sets.add(set_id, "Why?", "", {})
    assert evaluation_fingerprint(project, name, models) != before


def test_that_a_set_read_again_with_another_wording_makes_its_comparison_outdated(project: Project) -> None:
    name, models = f"{LABELLED_SET}Mine", ("base", "bm25")
    prints = set()
    for question in ("Wy?", "Why?"):
        set_id = project.test_sets.create("Mine", "mine.csv")
        project.test_sets.add(set_id, question, "", {})
        prints.add(evaluation_fingerprint(project, name, models))
        project.test_sets.remove(set_id)
    assert len(prints) == 2


def test_that_a_comparison_goes_with_its_set_to_another_name(project: Project) -> None:
    set_id = project.test_sets.create("Mine", "mine.csv")
    project.test_sets.add(set_id, "Why?", "", {})
    store(project, LABELLED_SET + "Mine")
    project.test_sets.rename(set_id, "Ours")
    found = read_comparison(project, LABELLED_SET + "Ours", MODELS)
    assert found is not None
    assert not found.stale
    assert read_comparison(project, LABELLED_SET + "Mine", MODELS) is None


def test_that_the_usual_comparison_is_found_apart_from_others(project: Project) -> None:
    store(project)
    assert read_comparison(project) is None
    assert project.runs.compared() == [(PROJECT_SET, ",".join(MODELS))]
    assert selection(USUAL) == ""


@pytest.mark.parametrize(
    ("name", "dense", "run", "words"),
    [
        ("base", "base", "", "Untrained"),
        ("hybrid", "tuned", "", "Hybrid"),
        ("bm25", "", "", "BM25"),
        ("run:run-2", "run:run-2", "run-2", "Long passages"),
        ("hybrid:run-2", "run:run-2", "run-2", "Long passages + BM25"),
        ("hybrid:base", "base", "", "Untrained + BM25"),
    ],
)
def test_that_a_name_says_what_ranks(name: str, dense: str, run: str, words: str) -> None:
    assert dense_part(name) == dense
    assert run_of(name) == run
    assert called(name, {"run-2": "Long passages"}) == words
    if is_hybrid(name):
        assert hybrid_of(dense) == name


@pytest.mark.parametrize("models", ["base", "base,base", "base,best", "base,run:", ""])
def test_that_models_without_sense_are_refused(models: str) -> None:
    with pytest.raises(ValidationError):
        CompareConfig(models=models)  # type: ignore[arg-type]
