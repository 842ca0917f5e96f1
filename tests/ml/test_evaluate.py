import importlib.util
from pathlib import Path

import numpy as np
import pytest

from embtrainer_gui.ml.evaluate import bootstrap, evaluate_ranking, reciprocal_rank_fusion, verdict
from embtrainer_gui.ml.ranking import rank_passages, top_rows


def load_judge(shared_data: Path):
    path = shared_data.parent / "tools" / "retrieval_eval.py"
    if not path.is_file():
        pytest.skip("tools/retrieval_eval.py is not there")
    spec = importlib.util.spec_from_file_location("retrieval_eval", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["covidqa", "medquad_dev"])
def test_that_metrics_equal_the_independent_judge(shared_data: Path, name: str) -> None:
    judge = load_judge(shared_data)
    corpus, queries, relevant = judge.load(shared_data / "qa" / name)
    row_of = {document["_id"]: row for row, document in enumerate(corpus)}
    grades = [{row_of[i]: grade for i, grade in relevant[query["_id"]].items()} for query in queries]
    rng = np.random.default_rng(0)
    top = np.array([rng.permutation([*list(g)[:10], *rng.choice(len(corpus), 20)])[:10] for g in grades])
    per_query, expected = judge.score(top, corpus, queries, relevant)
    ours = evaluate_ranking(top, grades)
    assert np.abs(ours.ndcg10 - per_query).max() < 1e-12
    assert ours.means() == pytest.approx(expected, abs=1e-12)
    assert expected["recall@1"] < expected["recall@10"] < 1


def test_that_grades_above_one_count_and_a_missing_rank_does_not() -> None:
    scored = evaluate_ranking([[4, -1, 2]], [{2: 3, 4: 1, 9: 0}])
    ideal = 3 + 1 / np.log2(3)
    assert scored.ndcg10[0] == pytest.approx((1 + 3 / 2) / ideal)
    assert scored.mrr10[0] == 1
    assert scored.recall[1][0] == 0.5


def test_that_a_question_without_a_relevant_passage_is_refused() -> None:
    with pytest.raises(ValueError, match="no relevant passage"):
        evaluate_ranking([[1]], [{1: 0}])


def test_that_ties_go_to_the_smaller_row_as_in_a_stable_sort() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        scores = rng.integers(0, 6, 40).astype(np.float32)
        assert top_rows(scores, 10).tolist() == np.argsort(-scores, kind="stable")[:10].tolist()


def test_that_scores_that_are_no_numbers_come_last() -> None:
    scores = np.array([np.nan, 0.2, np.nan, 0.9, np.nan], np.float32)
    assert top_rows(scores, 3).tolist() == [3, 1, 0]
    assert rank_passages(np.full((1, 2), np.nan, np.float32), np.ones((4, 2), np.float32), 2).tolist() == [[0, 1]]


def test_that_ranking_in_blocks_equals_ranking_at_once() -> None:
    rng = np.random.default_rng(2)
    queries, passages = rng.normal(size=(7, 8)).astype(np.float32), rng.normal(size=(30, 8)).astype(np.float32)
    expected = np.argsort(-(queries @ passages.T), axis=1, kind="stable")[:, :10]
    assert (rank_passages(queries, passages, 10) == expected).all()
    assert rank_passages(queries, passages, 50).shape == (7, 30)


def test_that_the_bootstrap_resamples_documents_not_questions() -> None:
    delta = np.r_[np.full(90, 0.2), np.zeros(10)]  # one paper with 90 questions gains, ten with one each do not
    by_question = bootstrap(delta, list(range(100)), 2000, seed=1)
    by_paper = bootstrap(delta, [0] * 90 + list(range(1, 11)), 2000, seed=1)
    assert by_question[0] > 0.15
    assert by_paper[0] == 0.0
    assert bootstrap(delta, [0] * 90 + list(range(1, 11)), 2000, seed=1) == by_paper


def test_that_one_document_alone_is_resampled_by_question() -> None:
    low, high = bootstrap(np.r_[np.ones(50), np.zeros(50)], [7] * 100, 2000, seed=1)
    assert 0.35 < low < 0.5 < high < 0.65


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((0.1, 0.01, 0.2), "BETTER"),
        ((0.1, -0.01, 0.2), "NO CLEAR DIFFERENCE"),
        ((-0.1, -0.2, -0.01), "WORSE"),
        ((0, 0, 0), "NO CLEAR DIFFERENCE"),
    ],
)
def test_that_the_verdict_follows_the_interval(interval: tuple[float, float, float], said: str) -> None:
    assert verdict(*interval) == said


def test_that_fusion_weighs_both_rankings_and_breaks_ties_by_row() -> None:
    fused = reciprocal_rank_fusion([5, 1], [1, 8, -1], dense_weight=0.3, constant=10)
    assert fused[0] == (1, pytest.approx(0.3 / 12 + 0.7 / 11))
    assert [row for row, _ in fused] == [1, 8, 5]
    assert [row for row, _ in reciprocal_rank_fusion([9], [3], dense_weight=0.5)] == [3, 9]
