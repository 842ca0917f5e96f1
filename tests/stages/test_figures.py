"""What a comparison keeps: places and first hits of each question, and an interval for each model."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import CompareConfig, TrainConfig
from embtrainer_gui.core.store import Project, open_project, utc_now
from embtrainer_gui.ml.evaluate import evaluate_ranking
from embtrainer_gui.stages import compare
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.figures import KEPT_HITS, Measured, figures, kept_texts
from embtrainer_gui.stages.question_set import QuestionSet, folder_set

TEXTS = [f"Text {number} " + "long " * 200 for number in range(12)]
QUESTIONS = QuestionSet("mine", ["a?", "b?", "c?"], TEXTS, [{3: 1}, {0: 2, 7: 0}, {11: 1}], [1, 1, 2])
RANKED = {
    "base": np.array([[3, 1, 2, 4, 5, 6], [7, 1, 2, 3, 4, 0], [1, 2, 3, 4, 5, 6]]),
    "tuned": np.array([[1, 3, -1, -1, -1, -1], [0, 1, 2, 3, 4, 5], [11, 2, 3, 4, 5, 6]]),
}


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    scores = {name: evaluate_ranking(ranked, QUESTIONS.relevant) for name, ranked in RANKED.items()}
    return figures(QUESTIONS, scores, RANKED, None)


def test_that_the_place_of_the_right_passage_is_kept(rows: list[dict[str, Any]]) -> None:
    assert [row["rank"] for row in rows] == [{"base": 1, "tuned": 2}, {"base": 6, "tuned": 1}, {"base": 0, "tuned": 1}]


def test_that_a_passage_graded_zero_is_no_right_one(rows: list[dict[str, Any]]) -> None:
    assert rows[1]["relevant"] == [0]


def test_that_the_first_hits_are_kept_without_padding(rows: list[dict[str, Any]]) -> None:
    assert rows[0]["top"] == {"base": [3, 1, 2, 4, 5], "tuned": [1, 3]}
    assert all(len(hits) <= KEPT_HITS for row in rows for hits in row["top"].values())


def test_that_a_set_of_no_project_keeps_the_begin_of_the_texts_that_are_shown(rows: list[dict[str, Any]]) -> None:
    shown = {hit for row in rows for hits in (row["relevant"], *row["top"].values()) for hit in hits}
    texts = kept_texts(QUESTIONS, rows)
    assert set(texts) == {str(hit) for hit in shown}
    assert all(TEXTS[int(key)].startswith(text) and len(text) < 400 for key, text in texts.items())


def test_that_each_interval_holds_its_mean() -> None:
    scores = {name: evaluate_ranking(ranked, QUESTIONS.relevant) for name, ranked in RANKED.items()}
    found = Measured.of(scores, QUESTIONS.documents, CompareConfig(resamples=500)).record()
    for name, bounds in found["bounds"].items():
        for metric, (low, high) in bounds.items():
            assert low <= scores[name].means()[metric] <= high
    assert found["intervals"]["base"] != found["intervals"]["tuned"]


def test_that_an_own_set_named_test_does_not_replace_the_project_s_result(project_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "test"
    folder.mkdir()
    write(
        folder / "corpus.jsonl", [{"_id": str(n), "title": "", "text": f"about {word}"} for n, word in enumerate(WORDS)]
    )
    write(folder / "queries.jsonl", [{"_id": f"q{n}", "text": f"which {word}"} for n, word in enumerate(WORDS)])
    lines = [f"q{n}\t{n}\t1\n" for n in range(len(WORDS))]
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(lines), encoding="utf-8")
    with open_project(project_folder, write=True) as project:
        pretend_trained(project)
        compare.run(Context(project, lambda event: None, threading.Event()), CompareConfig(resamples=100), folder)
        stored = project.runs.latest_evaluation(f"{compare.OWN_SET}test")
        assert project.runs.latest_evaluation("test") is None
    assert stored is not None
    _, result, kept = stored
    assert result["run"] == "run-1"
    assert set(result["intervals"]) == {"base", "tuned", "bm25", "hybrid"}
    assert {row["rank"]["bm25"] for row in kept} == {1}
    assert result["texts"]["0"] == "about oil"


def test_that_a_folder_is_compared_by_the_file_and_the_grades_that_an_import_of_it_takes(tmp_path: Path) -> None:
    write(tmp_path / "corpus.jsonl", [{"_id": "p", "text": "Oil."}, {"_id": "r", "text": "Soil."}])
    write(tmp_path / "queries.jsonl", [{"_id": "q", "text": "Which oil?"}])
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\tp\t2.0\nq\tr\t-1\n", encoding="utf-8")
    assert folder_set(tmp_path).relevant == [{0: 2, 1: 0}]


WORDS = ("oil", "soil", "bee", "leaf", "root", "seed")


def write(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def pretend_trained(project: Project) -> None:
    """The bundled model stands for a tuned one."""
    number = project.runs.begin("run-1", TrainConfig().model_dump(), "f", utc_now())
    project.runs.finish(number, "done", {}, utc_now())
    (project.models / "run-1").mkdir(parents=True)
    (project.models / "run-1" / "final_model").symlink_to(bundled_folder())
