"""Whole runs under each loss: nothing collapses, dev does not fall, and a resumed run equals an uninterrupted one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ml.real_pairs import real_request
from ml.test_trainer import Watcher, difference

from embtrainer_gui.core.config import LOSSES
from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml import negatives
from embtrainer_gui.ml.encoder import Encoder
from embtrainer_gui.ml.negatives import FILE
from embtrainer_gui.ml.request import TrainingRequest, negatives_record
from embtrainer_gui.ml.trainer import train

HARD = {"hard_negatives": 2}
PAPERS = [row // 5 for row in range(30)]


def unlike(model: Path, request: TrainingRequest) -> float:
    """Mean cosine of the training questions and passages of other papers."""
    encoder = Encoder(model, request.config.max_seq_length, "cpu")
    questions = encoder.encode_queries([question for question, _ in request.pairs])
    passages = encoder.encode_passages(request.passages)
    papers = np.array(request.documents)
    other = papers[[row for _, row in request.pairs]][:, None] != papers[None, :]
    return float((questions @ passages.T)[other].mean())


@pytest.mark.parametrize("loss", LOSSES)
def test_that_a_loss_makes_unlike_texts_no_more_alike_and_dev_does_not_fall(
    shared_data: Path, tiny_model: Path, tmp_path: Path, loss: str
) -> None:
    """The predecessor's losses of pairs took the mean cosine of unlike texts from 0.91 to 0.997."""
    request = real_request(shared_data, tiny_model, tmp_path, loss=loss, **HARD)
    result = train(request, Silent())
    last = tmp_path / "run" / "checkpoints" / f"checkpoint-{result.steps}"
    before, after = unlike(request.base_model_dir, request), unlike(last, request)
    assert after < before + 0.03
    rows = (tmp_path / "run" / "training_metrics.jsonl").read_text().splitlines()
    scores = [row["eval_ndcg@10"] for row in map(json.loads, rows) if "eval_ndcg@10" in row]
    assert len(scores) == 2
    assert scores[-1] >= scores[0]  # the trained model itself, whatever is chosen in the end


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("at", [30, 150])
def test_that_a_resumed_run_has_the_weights_of_an_uninterrupted_one_under_every_loss(
    tiny_request, loss: str, at: int
) -> None:
    whole, broken = (replace(tiny_request(name, loss=loss, **HARD), documents=PAPERS) for name in ("whole", "broken"))
    train(whole, Silent())
    with pytest.raises(Cancelled) as stopped:
        train(broken, Watcher(cancel_at=at))
    resumed = train(replace(broken, resume=True), Silent())
    assert stopped.value.checkpoint or at == 30
    last = "checkpoints/checkpoint-12"
    assert difference(whole.out_dir / last, broken.out_dir / last) == 0.0
    assert (whole.out_dir / FILE).read_text() == (broken.out_dir / FILE).read_text()
    assert resumed.hard_negatives is not None


def test_that_a_resumed_run_takes_the_hard_negatives_that_it_has_and_mines_lost_ones_again(
    tiny_request, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("mined again")

    request = replace(tiny_request(**HARD), documents=PAPERS)
    with pytest.raises(Cancelled) as stopped:
        train(request, Watcher(cancel_at=90))
    assert stopped.value.checkpoint
    kept = (request.out_dir / FILE).read_text()
    (request.out_dir / FILE).unlink()
    with pytest.raises(Cancelled):
        train(replace(request, resume=True), Watcher(cancel_at=75))  # after the questions that are mined for
    assert (request.out_dir / FILE).read_text() == kept
    monkeypatch.setattr("embtrainer_gui.ml.step.mine_negatives", refused)
    train(replace(request, resume=True), Silent())


def test_that_another_margin_or_another_pool_is_another_run(tiny_request) -> None:
    request = replace(tiny_request(**HARD), documents=PAPERS)
    with pytest.raises(Cancelled):
        train(request, Watcher(cancel_at=90))
    margin = request.config.model_copy(update={"negative_margin": 0.1})
    with pytest.raises(UserError, match=r"negative_margin \(0.05 -> 0.1\)"):
        train(replace(request, config=margin, resume=True), Silent())
    more = {"passages": [*request.passages, "One more."], "passage_groups": range(31), "documents": [*PAPERS, 6]}
    with pytest.raises(UserError, match=r"the passages \(30 -> 31\)"):
        train(replace(request, resume=True, **more), Silent())


class Told(Watcher):
    def __init__(self) -> None:
        super().__init__()
        self.statuses: list[str] = []

    def status(self, text: str) -> None:
        self.statuses.append(text)


def test_that_a_run_says_how_many_hard_negatives_it_has(tiny_request) -> None:
    request, told = replace(tiny_request(**HARD), documents=PAPERS), Told()
    result = train(request, told)
    assert result.hard_negatives is not None
    assert result.hard_negatives.sentence() in told.statuses
    record = json.loads((request.out_dir / "training_progress.json").read_text())["hard_negatives"]
    assert {"hard_negatives": record} == negatives_record(result)
    assert 0 < record["kept"] <= negatives.KEPT * record["questions"]


def test_that_a_run_without_a_survivor_warns_why_and_goes_on_with_the_batch(tiny_request) -> None:
    request, told = tiny_request(**HARD, negative_margin=0.9), Told()
    result = train(request, told)
    assert [text for text in told.warnings if "No hard negative was found: all" in text]
    assert result.hard_negatives is not None
    assert result.hard_negatives.kept == 0
    assert result.steps == 12


def test_that_a_run_that_wants_none_looks_for_none(whole_run) -> None:
    assert whole_run.hard_negatives is None
    assert not (whole_run.final_model.parent / FILE).exists()
