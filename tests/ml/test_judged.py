"""What people said of doubtful passages, in training: right ones teach, open ones are spared, wrong ones are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ml.test_negatives import MARGIN, data_of, of, pointing

from embtrainer_gui.core.config import LOSSES
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.fingerprint import refuse_if_changed, run_fingerprint
from embtrainer_gui.ml.labelled_batch import labelled_pairs, may_be_wrong
from embtrainer_gui.ml.negatives import DOUBTFUL, mine_negatives
from embtrainer_gui.ml.request import CloseCall
from embtrainer_gui.ml.trainer import train
from embtrainer_gui.ml.training_set import TrainingSet, training_set

COSINES = [0.8, 0.79, 0.78, 0.77, *[0.1] * 26]  # of the right passage 0.8, so up to 0.76 is safe


def first(data: TrainingSet) -> str:
    """A question of passage 0."""
    return data.questions[int(data.pair_question[0])]


def mined(tiny_request, cosines: list[float] = COSINES, **judged: object):
    data = data_of(tiny_request, **judged)
    return data, mine_negatives(data, *pointing(data, cosines), MARGIN, Silent())


def test_that_the_nearest_of_those_passed_over_are_told_with_their_share(tiny_request) -> None:
    data, found = mined(tiny_request)
    close = [call for call in found.close if call.question == first(data)]
    assert [call.passage for call in close] == [data.passages[1], data.passages[2]]
    assert [call.share for call in close] == pytest.approx([0.79 / 0.8, 0.78 / 0.8])
    assert len(close) == DOUBTFUL


def test_that_near_duplicates_of_the_right_passage_and_what_was_judged_wrong_are_not_in_doubt(tiny_request) -> None:
    question = first(data_of(tiny_request))
    groups = [0, 0, *range(2, 30)]
    _, found = mined(tiny_request, passage_groups=groups, cleared=[(question, 2)])
    assert [call.passage for call in found.close if call.question == question] == [data_of(tiny_request).passages[3]]


@pytest.mark.parametrize("cosines", [[0.1, *[0.5] * 10, *[0.0] * 19], [-0.1, *[-0.2] * 29]])
def test_that_a_model_that_does_not_find_the_right_passage_is_no_witness(tiny_request, cosines: list[float]) -> None:
    _, found = mined(tiny_request, cosines)
    assert not [call for call in found.close if call.question == first(data_of(tiny_request))]


def test_that_what_was_judged_wrong_is_drawn_above_the_margin_and_what_is_open_below_it_is_not(tiny_request) -> None:
    question = first(data_of(tiny_request))
    before = of(mined(tiny_request)[1], data_of(tiny_request), question)
    assert not {1, 2, 3} & set(before)
    spared = before[:2]
    data, found = mined(tiny_request, cleared=[(question.upper(), 2)], spared=[(question, row) for row in spared])
    after = of(found, data, question)
    assert after[0] == 2
    assert not {1, 3, *spared} & set(after)
    other = data.questions[int(data.pair_question[2])]  # of passage 1: what was said of one question is of that alone
    assert set(of(found, data, other)) == set(of(mined(tiny_request)[1], data, other))


def test_that_what_is_open_is_masked_in_a_batch_with_its_near_duplicates(tiny_request) -> None:
    request = tiny_request()
    groups = [*range(7), 5, *range(8, 30)]  # 7 is a near-duplicate of 5
    question = request.pairs[0][0]
    data = training_set(replace(request, passage_groups=groups, spared=[(question, 5)]))
    batch = data.batch(np.array([0, 3, 7]))
    masked = {(data.questions[batch.questions[batch.asked[i]]], int(j)) for i, j in np.argwhere(batch.masked)}
    assert masked == {(question, 2)}
    assert not training_set(replace(request, passage_groups=groups)).batch(np.array([0, 3, 7])).masked.any()


def test_that_what_is_open_is_no_random_negative_either(tiny_request) -> None:
    request = tiny_request(loss=LOSSES[1])
    question = request.pairs[0][0]
    data = training_set(replace(request, spared=[(question, 5)]))
    batch = data.batch(np.array([0, 3, 5]))
    asked = batch.questions.tolist().index(data.questions.index(question))
    assert may_be_wrong(data, batch.questions, batch.passages)[asked].tolist() == [False, True, False]
    none = np.empty((len(batch.questions), 0), np.int64)
    pairs = labelled_pairs(data, batch, batch.passages, none, 5, np.random.default_rng(0))
    wrong = {(int(a), int(c)) for a, c, right in zip(pairs.asked, pairs.column, pairs.right, strict=True) if not right}
    assert (asked, 1) in wrong
    assert (asked, 2) not in wrong


def test_that_judgements_of_what_the_run_lacks_are_left_out(tiny_request) -> None:
    request = tiny_request()
    more = replace(request, passages=[*request.passages, "Nobody asked."], passage_groups=list(range(31)))
    data = training_set(replace(more, spared=[("Asked nowhere?", 1), (request.pairs[0][0], 30)]))
    assert not data.judged.spared


def test_that_a_run_tells_what_was_close_and_refuses_other_judgements_when_it_goes_on(tiny_request) -> None:
    told: list[CloseCall] = []
    request = replace(tiny_request(epochs=1, hard_negatives=2), keep_close=told.extend)
    train(request, Silent())
    assert told
    assert {call.passage for call in told} <= set(request.passages)
    question = request.pairs[0][0]
    judged = replace(request, resume=True, spared=[(question, 5)], cleared=[(question, 6)])
    with pytest.raises(UserError, match=r"doubtful passages \(0 -> 2\)"):
        train(judged, Silent())
    of_before = run_fingerprint(request)
    del of_before["doubts"]  # a run of an older program
    refuse_if_changed(of_before, run_fingerprint(request))
    with pytest.raises(UserError, match="doubtful passages"):
        refuse_if_changed(
            run_fingerprint(judged), run_fingerprint(replace(judged, spared=judged.cleared, cleared=judged.spared))
        )
