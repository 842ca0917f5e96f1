"""The settings file and the methods paragraph say what the project is, and nothing that it is not."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import Project, open_project, utc_now
from embtrainer_gui.core.workflow import comparison_fingerprint
from embtrainer_gui.export.citations import references_text
from embtrainer_gui.export.methods import methods_text
from embtrainer_gui.stages import export_project, pair_files
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.project_record import project_record

SCORES = {"ndcg@10": 0.4268, "mrr@10": 0.4, "recall@1": 0.3, "recall@5": 0.5, "recall@10": 0.61}
NEWER = ("remember", "lexical", "layer_decay", "average_from")  # fields that the first runs lack
BETTER = {**SCORES, "ndcg@10": 0.5398, "mrr@10": 0.5, "recall@10": 0.72}


def context(project: Project) -> Context:
    return Context(project, lambda event: None, threading.Event())


@pytest.fixture
def trained(project_folder: Path, pair_file: Path) -> Path:
    """A project whose store says that a run was made and compared; no model is needed to describe it."""
    with open_project(project_folder, write=True) as project:
        pair_files.import_pairs(context(project), pair_file)
        pending = [pair.id for pair in project.pairs.all(state=PairState.PENDING)]
        project.pairs.decide(pending[:50], PairState.ACCEPTED, "accept", utc_now())
        config = TrainConfig(epochs=3, learning_rate=2e-5, seed=7, batch_size=16)
        run = project.runs.begin("run-1", config.model_dump(), "f", utc_now())
        dev = {"base": {"ndcg@10": 0.7}, "best": {"ndcg@10": 0.8}}
        summary = {"run": "run-1", "steps": 21, "pairs": 40, "best_step": 14, "dev": dev, "model": "models/run-1"}
        project.runs.finish(run, "done", summary, utc_now())
        project.runs.add_evaluation(run, "test", comparison_fingerprint(project), result(), [], utc_now())
    return project_folder


def result() -> dict[str, Any]:
    return {
        "set": "test", "queries": 318, "passages": 437, "models": {"base": SCORES, "tuned": BETTER, "bm25": SCORES},
        "delta": 0.113, "ci95": [0.09, 0.137], "verdict": "BETTER", "papers": 2,
    }  # fmt: skip


def test_that_the_paragraph_names_data_split_model_loss_numbers_and_versions(trained: Path) -> None:
    with open_project(trained) as project:
        record = project_record(project)
        text = methods_text(record)
    for words in (
        f"{record['data']['documents']} papers",
        "50 were accepted",
        f"{record['split']['test']} for the final test",
        "sentence-transformers/all-MiniLM-L6-v2",
        "multiple negatives ranking loss",
        "3 epochs (21 steps)",
        "learning rate of 2e-05",
        "seed 7",
        "Each layer learned at 0.85 times the rate",
        "of the untrained model, against forgetting (weight 0.45)",
        "of BM25, for the weight of rare words (weight 0.6)",
        "after 40% of each round were averaged",
        "step 14 was chosen",
        "from 0.427 to 0.540 (difference +0.113, 95 % bootstrap interval over papers +0.090 to +0.137)",
        "318 test questions about 2 papers",
        "PyTorch 2",
    ):
        assert words in text


def test_that_the_paragraph_names_prompts_parts_dimensions_adapters_and_the_descent(trained: Path) -> None:
    with open_project(trained) as project:
        record = project_record(project)
    record["training"]["config"] |= {
        "query_prompt": "query:", "answer_weight": 0.5, "title_weight": 0.25, "matryoshka": [128, 64], "lora_rank": 8,
    }  # fmt: skip
    record["training"]["lineage"] = {"original": "some/base", "runs": [{"run": "run-1 of rice"}], "leaked": 0}
    text = methods_text(record)
    for words in (
        "Starting from some/base as tuned by run-1 of rice, we trained",
        "questions with their answers (weight 0.5) and titles of papers with their abstracts (weight 0.25)",
        'read "query:" before each question.',
        "their first 128 and 64 dimensions",
        "adapters of rank 8",
    ):
        assert words in text


def test_that_the_paragraph_is_silent_on_what_a_run_did_without(trained: Path) -> None:
    with open_project(trained) as project:
        record = project_record(project)
    for absent in ({"remember": 0, "lexical": 0, "layer_decay": 1, "average_from": 1}, {}):
        whole = record["training"]["config"]
        config = {**{name: value for name, value in whole.items() if absent or name not in NEWER}, **absent}
        text = methods_text({**record, "training": {**record["training"], "config": config}})
        for words in ("Each layer", "Kullback-Leibler", "averaged"):
            assert words not in text


def test_that_an_outdated_comparison_is_not_reported(trained: Path) -> None:
    with open_project(trained, write=True) as project:
        accepted = project.pairs.all(state=PairState.ACCEPTED)[0]
        project.pairs.decide([accepted.id], PairState.REJECTED, "reject", utc_now())
        text = methods_text(project_record(project))
    assert "0.540" not in text
    assert "has not been compared" in text


def test_that_a_worse_model_is_called_worse(trained: Path) -> None:
    with open_project(trained) as project:
        record = project_record(project)
    record["comparison"] |= {"verdict": "WORSE", "delta": -0.2, "ci95": [-0.3, -0.1]}
    assert "ranked the passages worse" in methods_text(record)
    assert "difference -0.200" in methods_text(record)


def test_that_the_settings_hold_the_training_and_no_path(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "settings.json"
    with open_project(trained) as project:
        export_project.run(context(project), "settings", out)
    text = out.read_text(encoding="utf-8")
    found = json.loads(text)
    assert found["training"]["config"]["epochs"] == 3
    assert sum(found["data"]["accepted_by_split"].values()) == 50
    assert str(tmp_path) not in text


def test_that_methods_of_an_untrained_project_are_refused(project_folder: Path, tmp_path: Path) -> None:
    with open_project(project_folder) as project, pytest.raises(UserError, match="no tuned model"):
        export_project.run(context(project), "methods", tmp_path / "methods.txt")
    assert not (tmp_path / "methods.txt").exists()


def test_that_the_paragraph_tells_where_the_wrong_passages_come_from(trained: Path) -> None:
    with open_project(trained) as project:
        record = project_record(project)
    assert "hard negatives" not in methods_text(record)
    training = record["training"]
    training["config"] |= {"loss": "ContrastiveLoss", "hard_negatives": None, "random_negatives": 3}
    training["hard_negatives"] = {"kept": 80, "margin": 0.05}
    text = methods_text(record)
    assert "the contrastive loss, up to 2 hard negatives a question" in text
    assert "at least 5% less than the right passage), 3 random negatives a question, batches of" in text
    assert "cosine scale" not in text


def test_that_references_are_those_of_the_methods_that_were_used(trained: Path, tmp_path: Path) -> None:
    with open_project(trained) as project:
        record = project_record(project)
        export_project.run(context(project), "methods", tmp_path / "methods.txt")
    text = (tmp_path / "methods.txt").read_text(encoding="utf-8")
    assert methods_text(record) in text
    for words in ("Sentence-BERT", "MiniLM", "Smart Reply", "BM25 and Beyond", "An Introduction to the Bootstrap"):
        assert words in text
    for words in ("Matryoshka", "LoRA", "GROBID", "Invariant Mapping", "rank fusion outperforms"):
        assert words not in text
    training = record["training"]
    training["config"] |= {"loss": "ContrastiveLoss", "lora_rank": 4, "lexical": 0, "base_model": "own/model"}
    record["comparison"] = None
    other = references_text(record)
    assert "LoRA" in other
    assert "Invariant Mapping" in other
    for words in ("BM25", "MiniLM", "Smart Reply", "Bootstrap"):
        assert words not in other


def test_that_the_paragraph_tells_how_papers_were_read_and_who_decided(trained: Path) -> None:
    with open_project(trained) as project:
        record = project_record(project)
    record["data"]["read_by"] = {"text": 3, "ocr": 1}
    record["recipe"]["import"] = {"passage_tokens": 180}
    text = methods_text(record)
    assert "(read from the text of their PDFs (3) and by optical character recognition (1))" in text
    assert "passages of about 180 tokens" in text
    assert "were accepted and 0 rejected, each by reading" in text
    record["recipe"]["by_hand"] = 0
    assert "rejected by automatic checks alone" in methods_text(record)
