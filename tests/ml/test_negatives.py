"""Hard negatives: what is mined, what never is, what is kept, and which of them a batch takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ml.real_pairs import real_request
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.negatives_report import NegativesReport
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.negatives import FILE, KEPT, HardNegatives, load_negatives, mine_negatives, score_limits
from embtrainer_gui.ml.training_set import TrainingSet, training_set

MARGIN = 0.05


def data_of(tiny_request, pairs: list[tuple[str, int]] = (), **changes: object) -> TrainingSet:
    request = tiny_request(hard_negatives=2)
    return training_set(replace(request, pairs=[*request.pairs, *pairs], **changes))


def pointing(data: TrainingSet, cosines: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Question vectors all alike, and passages with these cosines to them."""
    found = np.array(cosines, np.float32)
    passages = np.stack([found, np.sqrt(1 - found**2)], axis=1)
    return np.tile(np.float32([1, 0]), (len(data.questions), 1)), passages


def of(mined: HardNegatives, data: TrainingSet, question: str) -> list[int]:
    return [row for row in mined.rows[data.questions.index(question)].tolist() if row >= 0]


def test_that_the_margin_is_kept_and_the_hardest_come_first(tiny_request) -> None:
    data = data_of(tiny_request)
    cosines = [0.8, 0.77, 0.75, 0.9, 0.7] + [0.1] * 25  # of the right passage 0.8, so up to 0.76 is safe
    mined = mine_negatives(data, *pointing(data, cosines), MARGIN, Silent())
    first = data.questions[int(data.pair_question[0])]
    found = of(mined, data, first)
    assert found[0] == 2
    assert found.index(4) <= 2  # a hit of BM25 may stand between
    assert not {0, 1, 3} & set(found)
    assert len(found) == KEPT


def test_that_what_bm25_found_is_below_the_margin_of_both(tiny_request) -> None:
    texts = [f"unlike words number {n} {chr(97 + n) * 5}" for n in range(30)]
    texts[1] = "quokka quokka marsupial"  # by words better than the right passage 0
    texts[0], texts[2] = "quokka marsupial island home", "marsupial of another island, long and dull text"
    data = data_of(tiny_request, passages=texts, pairs=[("Where does the quokka live, a marsupial?", 0)])
    mined = mine_negatives(data, *pointing(data, [0.9] + [0.2] * 29), MARGIN, Silent())
    found = of(mined, data, "Where does the quokka live, a marsupial?")
    assert found.index(2) < 2  # next to the first of the vectors, which are all alike
    vectors = pointing(data, [0.9] + [0.2] * 2 + [0.3] * 27)
    wide = replace(data, pool=replace(data.pool, texts=[*texts, *(f"more {n}" for n in range(60))]))
    groups = np.arange(90)
    wide = replace(wide, pool=replace(wide.pool, groups=groups, documents=groups))
    passages = np.concatenate([vectors[1], np.tile(vectors[1][5], (60, 1))])
    found = of(
        mine_negatives(wide, vectors[0], passages, MARGIN, Silent()), data, "Where does the quokka live, a marsupial?"
    )
    assert 2 in found  # only BM25 looked at it
    assert 1 not in found


def test_that_right_passages_and_their_near_duplicates_are_never_taken(tiny_request) -> None:
    groups = [0, 1, 2, 0, 4, 1, *range(6, 30)]  # 3 is a near-duplicate of 0, 5 one of 1
    shared = [("Shared question?", 0), ("shared  QUESTION?", 1)]
    data = data_of(tiny_request, shared, passage_groups=groups)
    mined = mine_negatives(data, *pointing(data, [0.9, 0.9] + [0.4] * 28), MARGIN, Silent())
    assert not {0, 1, 3, 5} & set(of(mined, data, "Shared question?"))
    for question, answers in zip(data.questions, data.answers, strict=True):
        taken = {groups[row] for row in of(mined, data, question)}
        assert not taken & {groups[row] for row in answers}


def test_that_the_lowest_right_passage_sets_the_limit_also_below_zero(tiny_request) -> None:
    data = data_of(tiny_request, [("Shared question?", 0), ("Shared question?", 1)])
    limits = score_limits(data, *pointing(data, [0.8, -0.2] + [0.5] * 28), MARGIN)
    assert limits[data.questions.index("Shared question?")] == pytest.approx(-0.21)
    assert limits[int(data.pair_question[0])] == pytest.approx(0.76)


def test_that_no_survivor_is_told_with_the_reason(tiny_request) -> None:
    data = data_of(tiny_request)
    none = mine_negatives(data, *pointing(data, [0.5] * 30), MARGIN, Silent())
    assert (none.report.kept, none.report.served) == (0, 0)
    assert f"all {none.report.close} candidates" in none.report.sentence()
    alike = data_of(tiny_request, passage_groups=[0] * 30)
    assert (
        "no passage besides" in mine_negatives(alike, *pointing(alike, [0.5] * 30), MARGIN, Silent()).report.sentence()
    )


def test_that_passages_without_a_question_are_looked_at_where_hard_negatives_are_wanted(tiny_request) -> None:
    request = tiny_request(hard_negatives=1)
    more = replace(
        request,
        passages=[*request.passages, "Nobody asked.", " ", request.passages[4]],
        passage_groups=list(range(33)),
    )
    data = training_set(more)
    assert data.pool.texts == [*data.passages, "Nobody asked."]
    assert (len(data.passages), data.pool.groups[-1]) == (30, 30)
    plain = training_set(replace(more, config=tiny_request().config))
    assert plain.pool.texts == plain.passages


def test_that_what_was_saved_is_read_again_and_damage_is_not(tiny_request, tmp_path: Path) -> None:
    data = data_of(tiny_request)
    mined = mine_negatives(data, *pointing(data, [0.9] + [0.3] * 29), MARGIN, Silent())
    assert load_negatives(tmp_path, data) is None
    mined.save(tmp_path)
    again = load_negatives(tmp_path, data)
    assert again is not None
    assert again.report == mined.report
    assert np.array_equal(again.rows, mined.rows)
    assert load_negatives(tmp_path, data_of(tiny_request, [("One more?", 3)])) is None
    for damage in ("", "{", "[]", '{"report": {}, "rows": []}', (tmp_path / FILE).read_text()[:-40]):
        (tmp_path / FILE).write_text(damage)
        assert load_negatives(tmp_path, data) is None


def test_that_a_batch_takes_those_that_it_holds_and_shares_the_others() -> None:
    rows = np.full((3, KEPT), -1, np.int64)
    rows[0, :4], rows[1, :3], rows[2, :1] = (9, 8, 7, 3), (6, 7, 5), (4,)
    hard = HardNegatives(rows, NegativesReport(3, 3, 8, 8, 0, 0, MARGIN))
    drawn = hard.drawn(np.arange(3), 2, np.array([3, 0]))
    assert drawn.tolist() == [[3, 7], [7, 6], [4, -1]]


def test_that_real_questions_get_negatives_that_keep_every_rule(
    shared_data: Path, tiny_model: Path, tmp_path: Path
) -> None:
    model = SentenceTransformer(str(tiny_model), device="cpu")
    request = real_request(shared_data, tiny_model, tmp_path, hard_negatives=2)
    data = training_set(request)
    assert len(data.pool.texts) > len(data.passages)
    questions, passages = (model.encode(list(t), normalize_embeddings=True) for t in (data.questions, data.pool.texts))
    mined = mine_negatives(data, questions, passages, MARGIN, Silent())
    assert mined.report.served > 20  # of 60, by a model that is too small to tell much apart
    assert mined.report.close > 0
    assert mined.report.kept == (mined.rows >= 0).sum()
    for row, answers in enumerate(data.answers):
        lowest = min(float(questions[row] @ passages[answer]) for answer in answers)
        for taken in mined.rows[row][mined.rows[row] >= 0]:
            assert data.pool.groups[taken] not in data.pool.groups[answers]
            assert float(questions[row] @ passages[taken]) <= lowest - MARGIN * abs(lowest) + 1e-6
