from dataclasses import replace

import numpy as np
import pytest

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.dev_search import FEWEST_QUESTIONS, affordable
from embtrainer_gui.ml.request import DevSet
from embtrainer_gui.ml.schedule import evaluation_steps, learning_rate_factor
from embtrainer_gui.ml.training_set import training_set, usable_batch_size


def test_that_a_batch_holds_each_passage_once_with_all_its_questions(tiny_request) -> None:
    data = training_set(tiny_request())
    batch = data.batch(np.array([4, 1, 7]))
    assert [data.passages[row] for row in batch.passages] == [tiny_request().passages[row] for row in (4, 1, 7)]
    joined = zip(batch.asked, batch.positive, strict=True)
    found = {(data.questions[batch.questions[a]], int(batch.passages[p])) for a, p in joined}
    assert found == {pair for pair in tiny_request().pairs if pair[1] in (4, 1, 7)}
    assert not batch.masked.any()


def test_that_a_question_of_two_passages_never_counts_the_other_as_wrong(tiny_request) -> None:
    request = tiny_request()
    shared = [("Shared question?", 2), ("shared  QUESTION?", 5)]
    data = training_set(replace(request, pairs=[*request.pairs, *shared]))
    batch = data.batch(np.array([5, 0, 2]))
    text = [data.questions[batch.questions[a]] for a in batch.asked]
    rows = batch.passages
    masked = {(text[i], int(rows[batch.positive[i]]), int(rows[j])) for i, j in np.argwhere(batch.masked)}
    assert masked == {("Shared question?", 2, 5), ("Shared question?", 5, 2)}


def test_that_repeated_pairs_empty_questions_and_equal_passages_are_merged(tiny_request) -> None:
    request = tiny_request()
    passages = [*request.passages, request.passages[3] + " ", "  "]
    extra = [request.pairs[0], (" ", 3), ("Asked of a copy?", 30), ("Asked of nothing?", 31)]
    pairs = [*request.pairs, *extra]
    data = training_set(replace(request, passages=passages, passage_groups=list(range(32)), pairs=pairs))
    assert len(data.passages) == 30
    assert data.pairs == 61


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("Question?", 0)] * 100, "at least 20"),
        ([(f"Question {i}?", 0) for i in range(100)], "same passage"),
        ([], "at least 20"),
    ],
)
def test_that_data_that_cannot_train_is_refused_in_a_sentence(
    tiny_request, pairs: list[tuple[str, int]], said: str
) -> None:
    with pytest.raises(UserError, match=said) as refused:
        training_set(replace(tiny_request(), pairs=pairs))
    assert refused.value.hint


def test_that_equal_passages_everywhere_are_refused(tiny_request) -> None:
    request = tiny_request()
    with pytest.raises(UserError, match="same passage"):
        training_set(replace(request, passages=["One text."] * 30))


def test_that_a_batch_larger_than_the_data_is_cut_with_a_warning() -> None:
    class Warned(Silent):
        texts: list[str] = []

        def warn(self, text: str) -> None:
            self.texts.append(text)

    reporter = Warned()
    assert usable_batch_size(32, 32, reporter) == 32
    assert not reporter.texts
    assert usable_batch_size(64, 30, reporter) == 30
    assert "64" in reporter.texts[0]


def test_that_warm_up_is_a_share_of_the_steps_and_no_step_is_wasted() -> None:
    factors = [learning_rate_factor(step, 40, 0.1) for step in range(40)]
    assert factors[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert factors[4:] == sorted(factors[4:], reverse=True)
    assert factors[-1] > 0
    assert learning_rate_factor(0, 1, 0.1) == 1.0
    assert learning_rate_factor(0, 10, 0.0) == 1.0


def test_that_evaluations_are_even_and_end_the_run() -> None:
    assert sorted(evaluation_steps(44, 5)) == [0, 9, 18, 26, 35, 44]
    assert sorted(evaluation_steps(2, 5)) == [0, 1, 2]


def test_that_a_limited_dev_set_keeps_every_relevant_passage() -> None:
    dev = DevSet(["a", "b"], [f"p{i}" for i in range(100)], [{90: 2}, {3: 1, 50: 1}])
    small = dev.limited(10, seed=1)
    assert len(small.passages) == 10
    relevant = [{small.passages[row]: g for row, g in grades.items()} for grades in small.relevant]
    assert relevant == [{"p90": 2}, {"p3": 1, "p50": 1}]
    assert small == dev.limited(10, seed=1)
    assert dev.limited(100, seed=1) is dev
    assert len(dev.limited(1, seed=1).passages) == 3


def test_that_a_dev_set_of_relevant_passages_alone_is_searched_with_fewer_questions() -> None:
    dev = DevSet(
        [f"q{i}" for i in range(900)], [f"p{i}" for i in range(1800)], [{i: 2, 900 + i: 1} for i in range(900)]
    )
    small = affordable(dev, TrainConfig(epochs=1, soup=1), passages=1000, searches=6)
    assert len(small.questions) == FEWEST_QUESTIONS
    asked = [int(question[1:]) for question in small.questions]
    assert asked == sorted(set(asked))
    found = [{small.passages[row]: g for row, g in grades.items()} for grades in small.relevant]
    assert found == [{f"p{row}": 2, f"p{900 + row}": 1} for row in asked]
    assert len(small.passages) == 2 * FEWEST_QUESTIONS
    assert small == affordable(dev, TrainConfig(epochs=1, soup=1), passages=1000, searches=6)


def test_that_all_dev_questions_are_searched_where_training_is_longer() -> None:
    dev = DevSet([f"q{i}" for i in range(900)], [f"p{i}" for i in range(900)], [{i: 1} for i in range(900)])
    assert affordable(dev, TrainConfig(epochs=1, soup=2), passages=4000, searches=6) is dev
