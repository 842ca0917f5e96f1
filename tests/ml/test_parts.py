"""Answers and titles, learned beside question and passage."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from ml.test_trainer import Watcher, difference
from torch.nn.functional import cross_entropy, normalize

from embtrainer_gui.core.config import LOSSES, TrainConfig
from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.answers import Answers
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.request import DevSet, TrainingRequest
from embtrainer_gui.ml.titles import Titles
from embtrainer_gui.ml.trainer import train
from embtrainer_gui.ml.training_set import training_set

SHORT = {"epochs": 1, "evaluations": 1}


def with_answers(request: TrainingRequest) -> TrainingRequest:
    return replace(request, answers=[f"measured in place {row}" for _, row in request.pairs])


def with_titles(request: TrainingRequest) -> TrainingRequest:
    titles = [(f"On {request.passages[row].split()[1]} {row}", request.passages[row], row) for row in range(0, 30, 2)]
    return replace(request, titles=titles)


def logged(request: TrainingRequest, name: str) -> list[float]:
    rows = map(json.loads, (request.out_dir / "training_metrics.jsonl").read_text().splitlines())
    return [row[name] for row in rows if name in row]


@pytest.mark.parametrize("loss", LOSSES)
def test_that_answers_and_titles_are_learned_under_every_loss_and_their_losses_told(tiny_request, loss: str) -> None:
    request = tiny_request(
        loss=loss, answer_weight=0.5, title_weight=0.5, average_from=1, evaluations=1, remember=0, lexical=0
    )
    train(with_titles(with_answers(request)), Silent())
    for name in ("answer_loss", "title_loss"):
        told = logged(request, name)
        assert len(told) == 12
        assert sum(told[-4:]) < 0.95 * sum(told[:4])


def test_that_without_weights_a_run_is_what_it_was(tiny_request, whole_run) -> None:
    request = with_titles(with_answers(tiny_request()))
    assert difference(train(request, Silent()).final_model, whole_run.final_model) == 0.0
    assert not logged(request, "answer_loss")


def test_that_weights_without_texts_do_nothing_and_say_so(tiny_request, whole_run) -> None:
    request, watcher = tiny_request(answer_weight=1, title_weight=1), Watcher()
    result = train(request, watcher)
    assert difference(result.final_model, whole_run.final_model) == 0.0
    assert [text for text in watcher.warnings if "No question has an answer" in text]
    assert [text for text in watcher.warnings if "training papers have a title" in text]


def test_that_a_resumed_run_with_all_parts_equals_an_uninterrupted_one(tiny_request) -> None:
    every = {"answer_weight": 0.5, "title_weight": 0.5, "matryoshka": (16,), "query_prompt": "query:"}
    whole, broken = (with_titles(with_answers(tiny_request(name, **every))) for name in ("whole", "broken"))
    expected = train(whole, Silent())
    with pytest.raises(Cancelled) as stopped:
        train(broken, Watcher(cancel_at=60))
    assert stopped.value.checkpoint
    resumed = train(replace(broken, resume=True), Silent())
    assert difference(expected.final_model, resumed.final_model) == 0.0
    assert resumed.dimensions == expected.dimensions


def test_that_other_answers_or_titles_are_another_run(tiny_request) -> None:
    request = with_titles(with_answers(tiny_request(answer_weight=0.5, title_weight=0.5)))
    with pytest.raises(Cancelled):
        train(request, Watcher(cancel_at=60))
    edited = replace(request, answers=["edited", *request.answers[1:]], resume=True)
    with pytest.raises(UserError, match="the answers"):
        train(edited, Silent())
    with pytest.raises(UserError, match=r"the titles and abstracts \(15 -> 14\)"):
        train(replace(request, titles=request.titles[1:], resume=True), Silent())


def test_that_answers_of_siblings_near_duplicates_and_overlapping_ones_are_no_negatives(tiny_model: Path) -> None:
    """Passages 0 and 1 are near-duplicates; 2 has two questions, of which one is answered by 3 too."""
    passages = [f"Passage {number} of some words." for number in range(7)]
    asked = [("a", 0, "in 1998"), ("b", 1, "near"), ("c", 2, "red"), ("d", 2, "blue"), ("d", 3, "green")]
    asked += [("e", 4, "1998"), ("f", 5, "Red "), *((f"more {number}", 6, "") for number in range(20))]
    request = TrainingRequest(
        config=TrainConfig(answer_weight=1),
        base_model_dir=tiny_model,
        out_dir=Path(),
        passages=passages,
        passage_groups=[0, 0, 2, 3, 4, 5, 6],
        pairs=[(question, row) for question, row, _ in asked],
        dev=DevSet(),
        answers=[answer for _, _, answer in asked],
    )
    data = training_set(request)
    part = Answers(load_model(tiny_model, 48, "cpu"), data, request.config)
    batch = data.batch(np.arange(7))
    wanted = part.of(batch)
    assert wanted is not None
    columns = ["in 1998", "near", "red", "blue", "green", "1998"]
    assert [part._keys[row] for row in wanted.documents[1]] == columns  # "Red " is "red"
    out = {
        "a": {"near", "1998"}, "b": {"in 1998"}, "c": {"blue"}, "d": {"red", "blue", "green"},
        "e": {"in 1998"}, "f": set(),
    }  # fmt: skip
    torch.manual_seed(0)
    questions = normalize(torch.randn(len(batch.questions), 4), dim=1)
    answers = normalize(torch.randn(len(columns), 4), dim=1)
    place = {data.questions[row]: number for number, row in enumerate(batch.questions.tolist())}
    losses = []
    for question, _, answer in asked[:7]:
        right = columns.index(" ".join(answer.lower().split()))
        scores = questions[place[question]] @ answers.T * 20
        for number, column in enumerate(columns):
            if column in out[question] and number != right:
                scores[number] = -torch.inf
        losses.append(cross_entropy(scores[None], torch.tensor([right])))
    assert torch.allclose(wanted.loss(questions, answers), torch.stack(losses).mean())


def test_that_a_batch_without_answers_has_no_loss_of_answers(tiny_request) -> None:
    request = tiny_request(answer_weight=1)
    request = replace(request, answers=[*[""] * 59, "the last"])
    data = training_set(request)
    part = Answers(load_model(request.base_model_dir, 48, "cpu"), data, request.config)
    assert part.of(data.batch(np.arange(8))) is None
    assert part.of(data.batch(np.arange(22, 30))) is not None


def test_that_titles_are_drawn_by_batch_and_alike_abstracts_are_no_negatives(tiny_request) -> None:
    request = tiny_request(title_weight=1, scale=1)
    titles = [(f"Title {number}", f"Abstract {number}", min(number, 1)) for number in range(3)]  # 1 and 2 are alike
    data = training_set(replace(request, titles=titles))
    part = Titles(load_model(request.base_model_dir, 48, "cpu"), data, request.config)
    batch = data.batch(np.arange(8))
    wanted = part.of(batch)
    assert sorted(wanted.documents[1].tolist()) == [0, 1, 2]
    assert (wanted.documents[1] == part.of(batch).documents[1]).all()
    vectors = torch.eye(3)
    expected = [torch.log(1 + others * torch.exp(torch.tensor(-1.0))) for others in (2, 1)]
    loss = wanted.loss(vectors, vectors)
    assert torch.allclose(loss, (expected[0] + 2 * expected[1]) / 3)
