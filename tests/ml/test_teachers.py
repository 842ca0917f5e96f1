"""What a run learns from besides its pairs: the general questions and the rankings of the two teachers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml import teachers
from embtrainer_gui.ml.general_questions import PER_PASSAGE, general_questions
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.teachers import DRAWN_PER_PASSAGE, GeneralQuestions, Lexical, UntrainedModel
from embtrainer_gui.ml.tokens import TokenisedTexts
from embtrainer_gui.ml.untrained import Untrained

PASSAGES = (
    "Ferritin was measured in calves with anaemia on four farms in the north of the region.",
    "The vaccine against bluetongue protected sheep for two years after a single dose.",
    "Copper deficiency caused swayback in lambs whose mothers grazed on peaty soils.",
)
ROWS = np.arange(len(PASSAGES))


@pytest.fixture(scope="module")
def model() -> SentenceTransformer:
    return load_model(bundled_folder(), 64, "cpu")


def asked_of(model: SentenceTransformer) -> GeneralQuestions:
    return GeneralQuestions(model, general_questions(PASSAGES, (), 1), len(PASSAGES), 1)


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


def test_that_a_batch_draws_the_questions_of_its_passages_the_same_each_time(model: SentenceTransformer) -> None:
    general = asked_of(model)
    drawn = general.draw(ROWS)
    assert np.array_equal(drawn, general.draw(ROWS))
    assert len(drawn) == DRAWN_PER_PASSAGE * len(PASSAGES)
    sheep = {general.texts[row] for row in general.draw(np.array([1]))}
    assert sheep <= {question for question, row in general_questions(PASSAGES, (), 1) if row == 1}


def test_that_passages_without_general_questions_are_passed_over(model: SentenceTransformer) -> None:
    general = GeneralQuestions(model, [("What is ferritin?", 0), ("What causes swayback?", 2)], len(PASSAGES), 1)
    assert set(general.draw(ROWS).tolist()) == {0, 1}
    assert len(general.draw(np.array([1]))) == 0


def test_that_the_untrained_model_agrees_with_itself_and_with_no_other(model: SentenceTransformer) -> None:
    general, passages = asked_of(model), TokenisedTexts(model, PASSAGES, "document")
    drawn = general.draw(ROWS)
    teacher = UntrainedModel(Untrained(model, general.tokens, passages, Silent()), general)
    texts = [general.texts[row] for row in drawn]
    asked, found = (torch.from_numpy(model.encode(list(part), normalize_embeddings=True)) for part in (texts, PASSAGES))
    assert float(teacher.divergence(asked, found, drawn, ROWS, 20.0)) == pytest.approx(0, abs=1e-2)
    assert float(teacher.divergence(asked.roll(1, 0), found, drawn, ROWS, 20.0)) > 0.1


def test_that_the_neighbours_of_passages_are_held_too(
    model: SentenceTransformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    general, passages = asked_of(model), TokenisedTexts(model, PASSAGES, "document")
    drawn = general.draw(ROWS)
    teacher = UntrainedModel(Untrained(model, general.tokens, passages, Silent()), general)
    asked, found = (torch.from_numpy(model.encode(list(part), normalize_embeddings=True)) for part in (["a"], PASSAGES))
    moved = torch.nn.functional.normalize(found + torch.tensor([[0.0], [0.0], [0.5]]) * found[0], dim=1)
    far = []
    for weight in (0.0, 1.0):
        monkeypatch.setattr(teachers, "NEIGHBOURS", weight)
        far.append(float(teacher.divergence(asked, moved, drawn[:1], ROWS, 20.0)))
    assert far[1] > far[0] + 0.1


def test_that_bm25_prefers_the_passage_with_the_rare_word(model: SentenceTransformer) -> None:
    general = GeneralQuestions(model, [("What causes swayback?", 2), ("Is bluetongue inherited?", 1)], 3, 1)
    assert general.texts == ["Is bluetongue inherited?", "What causes swayback?"]
    teacher, rows = Lexical(general, PASSAGES), np.array([2, 1])
    passages = torch.eye(2, 4)
    asked = np.array([0, 1])
    right, wrong = (teacher.divergence(q, passages, asked, rows, 5.0) for q in (passages.flip(0), passages))
    assert float(right) < float(wrong) - 0.3
