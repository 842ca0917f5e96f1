"""Matryoshka training: shorter vectors learn too, and their scores are told."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from ml.test_loss_runs import PAPERS
from sentence_transformers import SentenceTransformer
from torch.nn.functional import cross_entropy, normalize

from embtrainer_gui.core.config import LOSSES, TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.evaluate import DEPTH, evaluate_ranking
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.matryoshka import averaged
from embtrainer_gui.ml.ranking import rank_passages
from embtrainer_gui.ml.step import Stepper
from embtrainer_gui.ml.trainer import train
from embtrainer_gui.ml.training_set import training_set

SHORT = {"epochs": 1, "evaluations": 1}


def test_that_the_loss_is_the_mean_over_whole_and_cut_vectors() -> None:
    questions, passages = (normalize(torch.randn(5, 8), dim=1) for _ in range(2))

    def loss(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        return ((one * other).sum(dim=1) - 0.3).pow(2).mean()

    found = averaged(loss, (4, 2))(questions, passages)
    by_hand = [loss(questions, passages)]
    for size in (4, 2):
        cut = [vectors[:, :size] / vectors[:, :size].norm(dim=1, keepdim=True) for vectors in (questions, passages)]
        assert torch.allclose(cut[0].norm(dim=1), torch.ones(5))
        by_hand.append(loss(*cut))
    assert torch.allclose(found, sum(by_hand) / 3)
    assert averaged(loss, ()) is loss


@pytest.mark.parametrize("loss", LOSSES)
def test_that_every_loss_trains_shorter_vectors_and_tells_their_scores(tiny_request, loss: str) -> None:
    make = {"loss": loss, "hard_negatives": 1, **SHORT}
    request = replace(tiny_request(matryoshka=(16, 8), **make), documents=PAPERS)
    data = training_set(request)
    model = load_model(request.base_model_dir, 48, "cpu")
    steps = [
        Stepper(model, data, config, model, Silent()).step(np.arange(8), 0.0, Silent()).loss
        for config in (request.config, request.config.model_copy(update={"matryoshka": ()}))
    ]
    assert steps[0] != steps[1]
    result = train(request, Silent())
    assert list(result.dimensions) == ["16", "8"]
    written = json.loads((request.out_dir / "training_progress.json").read_text())
    assert written["dimensions"] == result.dimensions
    plain = SentenceTransformer(str(result.final_model), device="cpu", truncate_dim=8)
    questions = plain.encode_query(list(request.dev.questions), normalize_embeddings=True)
    passages = plain.encode_document(list(request.dev.passages), normalize_embeddings=True)
    assert questions.shape[1] == 8
    scores = evaluate_ranking(rank_passages(questions, passages, DEPTH), request.dev.relevant).means()
    assert scores["ndcg@10"] == pytest.approx(result.dimensions["8"]["ndcg@10"], abs=0.02)


def test_that_shorter_vectors_learn_more_than_without(tiny_request) -> None:
    """The pairs that were trained on, told apart by their first 8 dimensions."""
    scores = {}
    for dimensions in ((), (8,)):
        request = tiny_request(matryoshka=dimensions, remember=0, lexical=0)
        data, model = training_set(request), load_model(request.base_model_dir, 48, "cpu")
        stepper = Stepper(model, data, request.config, model, Silent())
        for _ in range(12):
            stepper.step(np.arange(16), 1e-3, Silent())
        texts = [question for question, row in request.pairs if row < 16]
        with model.truncate_embeddings(8):
            questions, passages = (
                torch.from_numpy(model.encode(found, normalize_embeddings=True))
                for found in (texts, data.passages[:16])
            )
        right = torch.tensor([row for _, row in request.pairs if row < 16])
        scores[dimensions] = float(cross_entropy(questions @ passages.T * 20, right))
    assert scores[(8,)] < 0.95 * scores[()]


def test_that_vectors_cannot_be_cut_to_more_than_they_have(tiny_request) -> None:
    with pytest.raises(UserError, match="32 dimensions, so they cannot be cut to 64") as refused:
        train(tiny_request(matryoshka=(64, 16)), Silent())
    assert "16" in refused.value.hint


def test_that_dimensions_may_be_given_as_words_in_any_order() -> None:
    assert TrainConfig.model_validate({"matryoshka": "64, 256,64"}).matryoshka == (256, 64)
    assert TrainConfig.model_validate({"matryoshka": ["32", "16"]}).matryoshka == (32, 16)
    assert TrainConfig.model_validate({"matryoshka": ""}).matryoshka == ()
