"""The pairs with labels that a batch makes, and what each loss makes of a batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embtrainer_gui.core.config import LOSSES
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.labelled_batch import labelled_pairs, may_be_wrong, with_drawn
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.negatives import HardNegatives
from embtrainer_gui.ml.objective import holding_distance
from embtrainer_gui.ml.request import TrainingRequest
from embtrainer_gui.ml.step import Stepper
from embtrainer_gui.ml.training_set import TrainingSet, training_set

ROWS = np.array([5, 0, 2, 7, 11, 17])
NONE = np.empty((12, 0), np.int64)


def six_papers(tiny_request, **config: object) -> TrainingRequest:
    return replace(tiny_request(**config), documents=[row // 5 for row in range(30)])


def pairs_of(data: TrainingSet, drawn: np.ndarray = NONE, random: int = 2, rows: np.ndarray = ROWS):
    batch = data.batch(rows)
    columns = with_drawn(rows, drawn)
    made = labelled_pairs(data, batch, columns, drawn, random, np.random.default_rng(1))
    return [
        (int(batch.questions[a]), int(columns[c]), bool(r))
        for a, c, r in zip(made.asked, made.column, made.right, strict=True)
    ]


def test_that_each_question_has_its_passage_and_random_ones_of_other_papers(tiny_request) -> None:
    data = training_set(six_papers(tiny_request))
    pairs = pairs_of(data)
    assert pairs == pairs_of(data)
    assert len(pairs) == len(set(pairs)) == 12 * 3
    for question, row, right in pairs:
        answers = data.answers[question]
        assert (row in answers) is right
        assert right or data.documents[row] not in data.documents[answers]
        assert row in ROWS


def test_that_where_all_passages_are_of_one_paper_random_ones_are_of_it(tiny_request) -> None:
    data = training_set(replace(tiny_request(), documents=[0] * 30))
    wrong = [(question, row) for question, row, right in pairs_of(data) if not right]
    assert len(wrong) == 12 * 2
    assert all(row not in data.answers[question] for question, row in wrong)


def test_that_hard_negatives_come_in_once_each_and_are_no_random_ones(tiny_request) -> None:
    data = training_set(six_papers(tiny_request))
    batch = data.batch(ROWS)
    drawn = np.tile(np.array([[20, 24]]), (len(batch.questions), 1))
    drawn[3] = (20, -1)
    assert with_drawn(ROWS, drawn).tolist() == [*ROWS.tolist(), 20, 24]
    pairs = pairs_of(data, drawn, random=50)
    assert len(pairs) == len(set(pairs))
    hard = {(question, row) for question, row, _ in pairs if row in (20, 24)}
    assert {
        (int(batch.questions[n]), row) for n, found in enumerate(drawn.tolist()) for row in found if row >= 0
    } <= hard


def test_that_near_duplicates_of_any_answer_are_never_wrong(tiny_request) -> None:
    groups = list(range(30))
    groups[2], groups[7] = 5, 20  # 2 is nearly 5; 7 is nearly 20, which answers a question of 11 too
    request = replace(six_papers(tiny_request), passage_groups=groups)
    data = training_set(replace(request, pairs=[*request.pairs, ("Shared?", 11), ("Shared?", 20)]))
    batch = data.batch(ROWS)
    wrong = may_be_wrong(data, batch.questions, ROWS)
    shared = batch.questions.tolist().index(data.questions.index("Shared?"))
    assert wrong[shared].tolist() == [True, True, True, False, False, True]
    for question, row, right in pairs_of(data, np.empty((13, 0), np.int64), random=50):
        assert right or groups[row] not in {groups[answer] for answer in data.answers[question]}


def stepper(request: TrainingRequest, hard: HardNegatives | None = None) -> Stepper:
    model = load_model(request.base_model_dir, 48, "cpu")
    return Stepper(model, training_set(request), request.config, model, Silent(), hard)


@pytest.mark.parametrize("loss", LOSSES)
def test_that_each_passage_of_a_batch_is_encoded_once_and_the_teachers_stay(
    tiny_request, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    made = stepper(six_papers(tiny_request, loss=loss, hard_negatives=2))
    encoded: list[int] = []
    real = made._embed

    def watched(tokens, rows, task, reporter):
        encoded.extend(rows.tolist() if task == "document" else [])
        return real(tokens, rows, task, reporter)

    monkeypatch.setattr(made, "_embed", watched)
    outcome = made.step(ROWS, 1e-3, Silent())
    assert encoded[:6] == ROWS.tolist()
    assert len(encoded) == len(set(encoded))
    assert np.isfinite(outcome.loss)
    assert set(outcome.taught) == {"divergence", "lexical_divergence"}


def test_that_hard_negatives_are_further_columns_of_the_ranking_loss(tiny_request) -> None:
    request = six_papers(tiny_request, hard_negatives=3, remember=0, lexical=0)
    with_hard = stepper(request)
    without = stepper(six_papers(tiny_request, remember=0, lexical=0))
    batch = training_set(request).batch(ROWS)
    assert len(with_hard._objective.of(batch).rows) > len(ROWS)
    assert with_hard.step(ROWS, 0.0, Silent()).loss > without.step(ROWS, 0.0, Silent()).loss


def test_that_grades_are_one_or_the_untrained_cosine_below_the_right_passage(tiny_request) -> None:
    made = stepper(six_papers(tiny_request, loss="CosineSimilarityLoss", negative_margin=0.1))
    data = made._data
    batch = data.batch(ROWS)
    drawn = made.hard.drawn(batch.questions, 2, ROWS)
    rows = with_drawn(ROWS, drawn)
    pairs = labelled_pairs(data, batch, rows, drawn, 2, np.random.default_rng(0))
    grades = made._objective._grades
    labels = grades.of(batch, rows, pairs)
    assert (labels[pairs.right] == 1).all()
    lowered = 0
    for asked, column, label in zip(pairs.asked, pairs.column, labels, strict=True):
        question, row = batch.questions[asked], rows[column]
        if row in data.answers[question]:
            continue
        cosine = float(grades._questions[question] @ grades._passages[row])
        right = min(float(grades._questions[question] @ grades._passages[answer]) for answer in data.answers[question])
        assert label == pytest.approx(min(cosine, right - 0.1 * abs(right)), abs=1e-5)
        lowered += label < cosine - 1e-6
    assert lowered  # a random model takes many for better than the right one


@pytest.mark.parametrize("loss", [name for name in LOSSES if name != "MultipleNegativesRankingLoss"])
def test_that_a_loss_of_pairs_without_any_negative_found_is_refused(tiny_request, loss: str) -> None:
    request = replace(six_papers(tiny_request, loss=loss, random_negatives=0), passage_groups=[0] * 30)
    with pytest.raises(UserError, match=f"{loss} needs wrong passages") as refused:
        stepper(request)
    assert "--random-negatives" in refused.value.hint


def test_that_the_loss_of_a_step_is_that_of_its_labelled_pairs(tiny_request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embtrainer_gui.ml.device.fast_bfloat16", lambda device: False)
    made = stepper(six_papers(tiny_request, loss="ContrastiveLoss", contrastive_margin=0.9))
    data = made._data
    batch = data.batch(ROWS)
    plain = load_model(tiny_request().base_model_dir, 48, "cpu")
    questions, passages = (plain.encode(list(t), normalize_embeddings=True) for t in (data.questions, data.pool.texts))
    drawn = made.hard.drawn(batch.questions, 2, ROWS)
    rows = with_drawn(ROWS, drawn)
    pairs = labelled_pairs(data, batch, rows, drawn, 2, np.random.default_rng((42, *ROWS.tolist())))
    distances = 1 - (questions[batch.questions[pairs.asked]] * passages[rows[pairs.column]]).sum(1)
    halves = np.where(pairs.right, distances**2, np.maximum(0.9 - distances, 0) ** 2) / 2
    assert made.step(ROWS, 0.0, Silent()).loss == pytest.approx(float(halves.mean()), abs=1e-5)


def test_that_the_margin_left_out_holds_most_wrong_passages(tiny_request) -> None:
    made = stepper(six_papers(tiny_request, loss="ContrastiveLoss"))
    data = made._data
    plain = load_model(tiny_request().base_model_dir, 48, "cpu")
    questions, passages = (plain.encode(list(t), normalize_embeddings=True) for t in (data.questions, data.pool.texts))

    class Vectors:
        pass

    vectors = Vectors()
    vectors.questions, vectors.passages = questions, passages
    is_wrong = np.array([~np.isin(np.arange(len(passages)), answers) for answers in data.answers])
    wrong = 1 - (questions @ passages.T)[is_wrong]
    assert holding_distance(data, vectors) == pytest.approx(wrong.mean() + wrong.std(), abs=1e-4)
