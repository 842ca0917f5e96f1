"""The model's card is what the hub reads, and says what was measured and what was not."""

from __future__ import annotations

from typing import Any

import pytest
from huggingface_hub import ModelCard

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.export.model_card import model_card

SCORES = {"ndcg@10": 0.4, "mrr@10": 0.3, "recall@1": 0.2, "recall@5": 0.5, "recall@10": 0.6}
GENERAL = {"queries": 300, "passages": 400, "base": 0.79, "tuned": 0.785, "delta": -0.005, "low": -0.01, "high": 0.002}


def record(**training: Any) -> dict[str, Any]:
    return {
        "project": 'Plants: "oils" & more',
        "data": {
            "documents": 12, "passages": 400, "questions": {"accepted": 500, "rejected": 3},
            "accepted_by_split": {"train": 400, "dev": 50, "test": 50},
            "accepted_by_source": {"builtin (basic)": 480, "hand": 20},
        },
        "split": {"train": 8, "dev": 2, "test": 2, "seed": 42},
        "training": {
            "config": TrainConfig().model_dump(), "pairs": 400, "steps": 50, "best_step": 50,
            "share_of_tuned_weights": 0.75, "versions": {}, "general": GENERAL,
            "dev": {"base": {"ndcg@10": 0.5}, "best": {"ndcg@10": 0.6}}, **training,
        },
        "comparison": {
            "queries": 200, "passages": 400, "models": {"base": SCORES, "tuned": {**SCORES, "ndcg@10": 0.55}},
            "intervals": {"base": [0.35, 0.45], "tuned": [0.5, 0.6]},
            "delta": 0.15, "ci95": [0.1, 0.2], "verdict": "BETTER", "papers": 2,
        },
        "versions": {"embtrainer": "0.1", "python": "3.11"},
    }  # fmt: skip


def test_that_the_hub_can_read_the_front_matter() -> None:
    data = ModelCard(model_card(record(), "apache-2.0")).data
    assert (data.license, data.library_name) == ("apache-2.0", "sentence-transformers")
    assert data.base_model == "sentence-transformers/all-MiniLM-L6-v2"
    assert data.model_name == 'Plants: "oils" & more'
    assert {result.metric_type: result.metric_value for result in data.eval_results}["ndcg@10"] == 0.55


def test_that_a_card_says_scores_with_intervals_lineage_and_licence() -> None:
    text = model_card(record(), "apache-2.0")
    for words in (
        "| **this model** | 0.550 |",
        "0.500 to 0.600",
        "+0.150 (95 % bootstrap interval over papers +0.100 to +0.200)",
        "from 0.500 to 0.600. The model was chosen by them",
        "general health questions: nDCG@10 0.790 before, 0.785 now (-0.005",
        "averaged with those of the untrained model (share 0.75)",
        "encode_query",
        '"learning_rate": 0.0001',
        "of 500 accepted questions, 20 were written by hand",
        "all-MiniLM-L6-v2 is under apache-2.0",
    ):
        assert words in text


def test_that_a_loss_of_general_knowledge_is_said_plainly() -> None:
    lost = {**GENERAL, "tuned": 0.76, "delta": -0.03, "low": -0.04, "high": -0.02}
    assert "It forgot: on 300 general health questions" in model_card(record(general=lost), "mit")


def test_that_what_was_not_measured_is_said() -> None:
    bare = {**record(dev={}, general=None), "comparison": None}
    text = model_card(bare, "")
    for words in (
        "has not been compared",
        "no development questions",
        "What it forgot",
        "nobody compared",
        "look it up",
    ):
        assert words in text
    assert "model-index" not in text
    assert 'license: "other"' in text


@pytest.mark.parametrize("folder", ["/home/somebody/models/tuned", "~/models/tuned"])
def test_that_the_path_of_a_base_model_stays_at_home(folder: str) -> None:
    config = TrainConfig(base_model=folder).model_dump()
    text = model_card(record(config=config), "mit")
    assert "tuned" in text
    assert folder not in text
    assert "base_model:" not in text.split("\n---")[0]
