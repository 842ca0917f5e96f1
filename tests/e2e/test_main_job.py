"""The main job on the bundled papers, once, and everything that stands on its result."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commandline import CommandLine, Ran, SameProcess

from embtrainer_gui.core.config import CompareConfig
from embtrainer_gui.core.records import PairState, Split
from embtrainer_gui.core.store import open_project
from embtrainer_gui.ml.evaluate import bootstrap, verdict

pytestmark = pytest.mark.slow
MODELS = ["base", "tuned", "bm25", "hybrid"]
METRICS = {"ndcg@10", "mrr@10", "recall@1", "recall@5", "recall@10"}


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory, embtrainer: CommandLine) -> tuple[Path, Ran]:
    folder = tmp_path_factory.mktemp("sample") / "project"
    ran = embtrainer("sample", folder, "--no-open", "--json")
    assert ran.code == 0, ran.err[-3000:]
    return folder, ran


@pytest.fixture(scope="session")
def verdict_object(sample_run: tuple[Path, Ran]) -> dict[str, Any]:
    return sample_run[1].json


@pytest.fixture
def finished(sample_run: tuple[Path, Ran], tmp_path: Path) -> Path:
    folder = tmp_path / "finished"
    shutil.copytree(sample_run[0], folder)
    return folder


@pytest.fixture(scope="session")
def again() -> CommandLine:
    """For what stands on the result: the start was seen when that was made."""
    return SameProcess()


def test_that_sample_ends_with_the_verdict_in_its_shape(verdict_object: dict[str, Any]) -> None:
    assert set(verdict_object) == {
        "set", "name", "queries", "passages", "models", "delta", "ci95", "verdict", "seconds", "project", "general",
        "compared", "bounds", "pairs", "by_kind",
    }  # fmt: skip
    assert list(verdict_object["models"]) == MODELS
    assert all(set(values) == METRICS for values in verdict_object["models"].values())
    assert verdict_object["queries"] >= 150
    models = verdict_object["models"]
    assert verdict_object["delta"] == pytest.approx(models["tuned"]["ndcg@10"] - models["base"]["ndcg@10"], abs=2e-4)


def test_that_the_sample_gets_better(verdict_object: dict[str, Any]) -> None:
    assert verdict_object["verdict"] == "BETTER"
    assert verdict_object["ci95"][0] > 0


def test_that_the_verdict_follows_from_the_figures_of_each_question(
    sample_run: tuple[Path, Ran], verdict_object: dict[str, Any]
) -> None:
    with open_project(sample_run[0]) as project:
        stored = project.runs.latest_evaluation()
    assert stored is not None
    figures = stored[2]
    assert len(figures) == verdict_object["queries"]
    columns = {name: np.array([row["ndcg@10"][name] for row in figures]) for name in MODELS}
    for name in MODELS:
        assert columns[name].mean() == pytest.approx(verdict_object["models"][name]["ndcg@10"], abs=1e-4)
    delta = columns["tuned"] - columns["base"]
    config = CompareConfig()
    low, high = bootstrap(delta, [row["document"] for row in figures], config.resamples, config.seed)
    assert [low, high] == pytest.approx(verdict_object["ci95"], abs=1e-4)
    assert verdict(float(delta.mean()), low, high) == verdict_object["verdict"]


def test_that_test_questions_come_from_papers_that_training_never_saw(sample_run: tuple[Path, Ran]) -> None:
    with open_project(sample_run[0]) as project:
        documents = {document.id: document.split for document in project.documents.all()}
        passages = {p.id: documents[p.document_id] for p in project.passages.in_use()}
        for split in Split:
            assert {passages[pair.passage_id] for pair in project.pairs.all(splits=(split,))} == {split}
        accepted = project.pairs.all(state=PairState.ACCEPTED)
        assert all(not pair.reasons for pair in accepted)


def test_that_every_answer_occurs_in_its_passage(sample_run: tuple[Path, Ran]) -> None:
    with open_project(sample_run[0]) as project:
        pairs = project.pairs.all()
        passages = project.passages.get({pair.passage_id for pair in pairs})
        assert all(pair.answer in passages[pair.passage_id].text for pair in pairs)


def test_that_all_steps_are_done_and_a_second_run_repeats_nothing(finished: Path, embtrainer: CommandLine) -> None:
    before = embtrainer.ok("status", finished)
    assert before["steps"] == {
        "papers": "done", "questions": "done", "review": "ready", "train": "done", "compare": "done",
        "search": "ready", "export": "ready",
    }  # fmt: skip
    again = embtrainer.ok("sample", finished, "--no-open")
    after = embtrainer.ok("status", finished)
    assert after["pairs"] == before["pairs"]
    assert len(after["runs"]) == len(before["runs"]) == 1
    assert again["verdict"] == "BETTER"


@pytest.mark.parametrize("model", ["tuned", "hybrid"])
def test_that_the_tuned_model_searches(finished: Path, again: CommandLine, model: str) -> None:
    found = again.ok("search", finished, "What lowers ethylene in waterlogged plants?", "--model", model)
    assert len(found["hits"]) == 10
    assert "PMC5981179.pdf" in [hit["document"] for hit in found["hits"][:3]]


def test_that_the_exported_model_loads_with_plain_sentence_transformers(
    finished: Path, again: CommandLine, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    again.ok("export", finished, "--as", "model", out)
    code = (
        "import sys; from sentence_transformers import SentenceTransformer; m = SentenceTransformer(sys.argv[1]);"
        "print(m.max_seq_length, m.encode(['a question']).shape)"
    )
    printed = subprocess.run([sys.executable, "-c", code, str(out)], capture_output=True, text=True, check=True)
    assert printed.stdout.split() == ["256", "(1,", "384)"]
    assert not any(path.suffix in {".bin", ".pt", ".pkl"} for path in out.rglob("*"))


def test_that_the_files_of_a_run_are_those_of_the_predecessor(sample_run: tuple[Path, Ran]) -> None:
    run = sample_run[0] / "models" / "run-1"
    progress = json.loads((run / "training_progress.json").read_text(encoding="utf-8"))
    assert progress["training_completed"] is True
    assert {"completed_at", "duration_seconds", "train_examples", "eval_examples", "final_model_path"} <= set(progress)
    metrics = [json.loads(line) for line in (run / "training_metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert all({"timestamp", "epoch", "step"} <= set(row) for row in metrics)
    assert any("loss" in row and "learning_rate" in row for row in metrics)
    assert any("eval_ndcg@10" in row for row in metrics)
    events = [json.loads(line)["type"] for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (events[0], events[-1]) == ("started", "finished")
    assert "metric" in events


def test_that_pairs_of_pdfs_export_text_names_and_passage_numbers(
    finished: Path, again: CommandLine, tmp_path: Path
) -> None:
    out = tmp_path / "pairs.jsonl"
    count = again.ok("pairs", finished, "export", out)["items"]
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == count > 0
    keys = ["id", "run_id", "created_at", "model", "file_name", "line_number", "context", "question", "answer"]
    assert list(rows[0])[: len(keys)] == keys
    assert rows[0]["file_name"].endswith(".txt")
    assert all(row["answer"] in row["context"] for row in rows)
    assert str(tmp_path) not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize("format_", ["json", "csv", "parquet", "beir"])
def test_that_pairs_are_written_in_every_format(
    finished: Path, again: CommandLine, tmp_path: Path, format_: str
) -> None:
    out = tmp_path / f"out.{format_}"
    assert again.ok("pairs", finished, "export", out, "--format", format_)["items"] > 0
    if format_ == "beir":
        assert {path.name for path in out.rglob("*") if path.is_file()} >= {"corpus.jsonl", "queries.jsonl"}


def shorten(folder: Path, queries: int) -> None:
    """Leave that many queries of a BEIR folder, their passages and an eighth of the others."""
    lines = {path.name: path.read_text(encoding="utf-8").split("\n") for path in folder.glob("*.*")}
    kept = lines["queries.jsonl"][:queries]
    asked = {json.loads(line)["_id"] for line in kept}
    marks = [line for line in lines["qrels.tsv"] if line.split("\t")[0] in {"query-id", *asked}]
    found = {mark.split("\t")[1] for mark in marks}
    corpus = [
        line
        for n, line in enumerate(lines["corpus.jsonl"])
        if line and (n % 8 == 0 or json.loads(line)["_id"] in found)
    ]
    for name, rest in (("queries.jsonl", kept), ("qrels.tsv", marks), ("corpus.jsonl", corpus)):
        (folder / name).write_text("\n".join(rest), encoding="utf-8")


def test_that_a_beir_export_is_a_set_that_compare_takes(finished: Path, again: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "set"
    again.ok("export", finished, "--as", "beir", out)
    qrels = next(out.rglob("*.tsv"))
    if qrels.parent != out:
        shutil.copy(qrels, out / "qrels.tsv")
    shorten(out, 40)
    result = again.ok("compare", finished, "--set", out)
    assert result["queries"] == 40
    assert list(result["models"]) == MODELS


def test_that_new_papers_make_training_stale_and_a_new_test_version_makes_scores_stale(
    finished: Path, again: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "new.txt").write_text("A new paragraph about the yield of rice in wet fields.\n" * 3, encoding="utf-8")
    again.ok("import", finished, tmp_path / "new.txt")
    steps = again.ok("status", finished)["steps"]
    assert (steps["questions"], steps["train"]) == ("stale", "stale")
    assert again.ok("split", finished, "--new-version")["version"] == 2
    assert again.ok("status", finished)["steps"]["compare"] == "stale"


def test_that_sample_for_people_says_what_it_does_and_shows_three_searches(
    finished: Path, embtrainer: CommandLine
) -> None:
    ran = embtrainer("sample", finished, "--no-open")
    assert ran.code == 0, ran.err
    assert "BETTER: nDCG@10 +" in ran.out
    assert ran.out.count("  base\n") == ran.out.count("  tuned\n") == 3
    for step in ("1. Reading", "2. Making", "3. Accepting", "5. Comparing"):
        assert step in ran.err
