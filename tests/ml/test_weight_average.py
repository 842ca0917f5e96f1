"""The mean of the weights, and what holds a model to the untrained one."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.anchor import Anchor
from embtrainer_gui.ml.general_questions import PER_PASSAGE, general_questions
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.tokens import TokenisedTexts
from embtrainer_gui.ml.weight_average import WeightAverage

PASSAGES = (
    "Ferritin was measured in calves with anaemia on four farms in the north of the region.",
    "The vaccine against bluetongue protected sheep for two years after a single dose.",
    "Copper deficiency caused swayback in lambs whose mothers grazed on peaty soils.",
)


def layer(value: float) -> nn.Linear:
    made = nn.Linear(2, 1)
    nn.init.constant_(made.weight, value)
    nn.init.constant_(made.bias, value)
    return made


def test_that_the_mean_is_applied_for_a_while_and_taken_back() -> None:
    average, model = WeightAverage(), layer(0.0)
    for value in (1.0, 2.0, 6.0):
        nn.init.constant_(model.weight, value)
        average.add(model)
    with average.applied(model) as last:
        assert torch.allclose(model.weight, torch.tensor(3.0))
        assert torch.allclose(last["raw/weight"], torch.tensor(6.0))
    assert torch.allclose(model.weight, torch.tensor(6.0))


def test_that_a_restored_average_goes_on_as_if_nothing_had_happened() -> None:
    average, model = WeightAverage(), layer(1.0)
    average.add(model)
    nn.init.constant_(model.weight, 3.0)
    average.add(model)
    with average.applied(model) as last:
        saved = layer(0.0)
        saved.load_state_dict(model.state_dict())
    again = WeightAverage()
    again.restore(saved, dict(last), average.count)
    assert torch.allclose(saved.weight, torch.tensor(3.0))
    for one, weights in ((average, model), (again, saved)):
        nn.init.constant_(weights.weight, 8.0)
        one.add(weights)
        with one.applied(weights):
            assert torch.allclose(weights.weight, torch.tensor(4.0))


def test_that_general_questions_are_about_the_rare_words_of_their_passage() -> None:
    found = general_questions(PASSAGES, (), seed=1)
    assert len(found) == PER_PASSAGE * len(PASSAGES)
    assert found == general_questions(PASSAGES, (), seed=1) != general_questions(PASSAGES, (), seed=2)
    for question, row in found:
        subject = {word.strip("?").lower() for word in question.split()}
        assert subject & {word.strip(".").lower() for word in PASSAGES[row].split()}, question
    assert general_questions(("", "12 34"), (), seed=1) == []


def test_that_keyword_queries_give_the_subjects_where_there_are_some() -> None:
    found = [question for question, row in general_questions(PASSAGES, [("sheep vaccine", 1)], seed=1) if row == 1]
    assert len(found) == PER_PASSAGE
    assert all("sheep" in question or "vaccine" in question for question in found)


def test_that_the_divergence_is_zero_for_the_untrained_model_and_grows_with_change() -> None:
    model = load_model(bundled_folder(), 64, "cpu")
    passages = TokenisedTexts(model, PASSAGES, "document")
    anchor = Anchor(model, general_questions(PASSAGES, (), 1), passages, 1, False, Silent())
    rows = np.arange(len(PASSAGES))
    drawn = anchor.draw(rows)
    assert np.array_equal(drawn, anchor.draw(rows))
    assert len(drawn) == 2 * len(PASSAGES)
    vectors = torch.from_numpy(model.encode_document(list(PASSAGES), normalize_embeddings=True))
    untrained = anchor._asked[drawn]
    same = float(anchor.divergence(drawn, untrained, rows, vectors, 20.0))
    other = float(anchor.divergence(drawn, untrained.roll(1, 0), rows, vectors, 20.0))
    assert abs(same) < 1e-4
    assert other > 0.1


def test_that_passages_without_general_questions_are_passed_over() -> None:
    model = load_model(bundled_folder(), 64, "cpu")
    passages = TokenisedTexts(model, PASSAGES, "document")
    anchor = Anchor(model, [("What is ferritin?", 0), ("What causes swayback?", 2)], passages, 1, False, Silent())
    assert set(anchor.draw(np.array([0, 1, 2])).tolist()) == {0, 1}
    assert len(anchor.draw(np.array([1]))) == 0
