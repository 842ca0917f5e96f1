"""The watch on real trainings: each fault provoked by absurd settings or data, and silence on healthy runs."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from ml.conftest import Requests
from safetensors.torch import load_file, save_file

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.messages import Metric, Noticed
from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.watch import Watch
from embtrainer_gui.ml.request import DevSet, TrainingRequest
from embtrainer_gui.ml.trainer import train

ALONE = {"remember": 0, "lexical": 0, "average_from": 1.0, "layer_decay": 1.0}


class Watching(Silent):
    def __init__(self, config: TrainConfig) -> None:
        self._watch = Watch(config)
        self.found: list[Noticed] = []

    def metric(self, step: int, epoch: float, values: dict[str, float]) -> None:
        self.found += self._watch.take(Metric(step=step, epoch=epoch, values=dict(values)))


def faults(request: TrainingRequest, *, breaks: bool = False) -> dict[str, Noticed]:
    """What was said of a real run, by its kind; each was said once."""
    watching = Watching(request.config)
    if breaks:
        with pytest.raises(UserError, match="no longer a number"):
            train(request, watching)
    else:
        train(request, watching)
    assert len({notice.fault for notice in watching.found}) == len(watching.found)
    return {notice.fault: notice for notice in watching.found}


@pytest.mark.parametrize("seed", range(5))
def test_that_a_healthy_run_is_left_in_peace(tiny_request: Requests, seed: int) -> None:
    assert faults(tiny_request(seed=seed, epochs=5, evaluations=3)) == {}


def test_that_a_learning_rate_that_is_too_high_is_noticed(tiny_request: Requests) -> None:
    """A tiny random model stands any rate that the settings allow: this is the bundled one, on short texts."""
    settings = {"learning_rate": 1e-2, "warmup_ratio": 0.3, "epochs": 5, "evaluations": 1, "max_seq_length": 16}
    found = faults(replace(tiny_request(**settings, **ALONE), base_model_dir=bundled_folder()))
    assert "The loss rises again" in found["learning-rate"].text
    assert found["learning-rate"].changes == {"learning_rate": 0.003}
    assert "collapse" in found  # as which it ends


def test_that_learning_by_heart_is_noticed(tiny_request: Requests) -> None:
    """Twenty questions with the answers of others: they can be learned, and teach nothing."""
    request = tiny_request(learning_rate=5e-3, epochs=24, batch_size=5, evaluations=4, **ALONE)
    questions, rows = zip(*request.pairs[:20], strict=True)
    wrong = random.Random(1).sample(rows, len(rows))
    found = faults(replace(request, pairs=list(zip(questions, wrong, strict=True))))
    assert list(found) == ["by-heart"]
    assert found["by-heart"].changes["epochs"] < 24


def test_that_texts_that_all_become_alike_are_noticed(tiny_request: Requests) -> None:
    settings = {"loss": "ContrastiveLoss", "contrastive_margin": 0.001, "hard_negatives": 0, "learning_rate": 5e-3}
    found = faults(tiny_request(evaluations=1, **settings, **ALONE))
    assert list(found) == ["collapse"]
    assert found["collapse"].changes == {"loss": "MultipleNegativesRankingLoss"}


def test_that_a_run_that_learns_nothing_is_noticed(tiny_request: Requests) -> None:
    found = faults(tiny_request(learning_rate=1e-9, epochs=4, evaluations=2, **ALONE))
    assert list(found) == ["nothing-learned"]


def test_that_dev_questions_that_give_their_passages_away_are_noticed(tiny_request: Requests) -> None:
    passages = list(tiny_request().dev.passages)
    leaking = DevSet(passages, passages, [{row: 1} for row in range(len(passages))])
    found = faults(tiny_request(dev=leaking, epochs=1))
    assert list(found) == ["leak"]
    assert found["leak"].page == "review"


def test_that_a_loss_that_is_no_number_is_noticed(tiny_request: Requests, tiny_model: Path, tmp_path: Path) -> None:
    """Weights so large that their products have no number."""
    huge = tmp_path / "huge"
    shutil.copytree(tiny_model, huge)
    file = next(huge.rglob("*.safetensors"))
    weights = {name: tensor * 1e30 if tensor.ndim > 1 else tensor for name, tensor in load_file(file).items()}
    save_file(weights, file, metadata={"format": "pt"})
    found = faults(replace(tiny_request(**ALONE), base_model_dir=huge), breaks=True)
    assert list(found) == ["not-a-number"]
