"""Several processes that train one run do what one process with the whole batch does."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ml.forked import on_ranks, start, start_ranks
from ml.test_trainer import difference, rows

from embtrainer_gui.core.config import LOSSES
from embtrainer_gui.core.errors import Cancelled
from embtrainer_gui.core.process_place import process_place, shared_threads
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.batching import epoch_batches
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.ranks import join_ranks
from embtrainer_gui.ml.request import TrainingRequest
from embtrainer_gui.ml.step import Stepper
from embtrainer_gui.ml.trainer import train
from embtrainer_gui.ml.training_set import training_set

PAPERS = [row // 5 for row in range(30)]
NOISE = "key.bias"  # softmax takes no notice of it: its gradient is rounding, which Adam makes a step of full size


def steps_of(request: TrainingRequest, count: int) -> dict[str, Any]:
    """Losses, gradients and the weights after ``count`` steps, of this process among its ranks."""
    data, ranks = training_set(request), join_ranks()
    model = load_model(request.base_model_dir, 48)
    stepper = Stepper(model, data, request.config, model, Silent(), ranks=ranks)
    real, gradients, outcomes = stepper.optimizer.step, [], []

    def keep() -> None:
        having = [p.grad for p in model.parameters() if p.grad is not None]
        gradients.append(torch.cat([gradient.flatten() for gradient in having]).numpy())
        real()

    stepper.optimizer.step = keep  # type: ignore[method-assign]
    for batch in epoch_batches(data.groups, request.config.batch_size, 1, 0, data.documents)[:count]:
        outcomes.append(stepper.step(batch, 1e-3, Silent()))
    weights = {name: value.numpy() for name, value in model.state_dict().items() if NOISE not in name}
    return {"outcomes": outcomes, "gradients": gradients, "weights": weights}


@pytest.mark.parametrize("loss", LOSSES)
def test_that_two_processes_have_loss_gradient_and_weights_of_one_with_the_whole_batch(tiny_request, loss: str) -> None:
    request = replace(tiny_request(loss=loss, hard_negatives=2, max_grad_norm=100.0), documents=PAPERS)
    alone = start(steps_of, request, 3).result()
    for rank in on_ranks(2, steps_of, request, 3):
        for ours, theirs in zip(rank["outcomes"], alone["outcomes"], strict=True):
            assert ours.loss == pytest.approx(theirs.loss, abs=1e-5)
            assert ours.taught == pytest.approx(theirs.taught, abs=1e-5)
            assert ours.taught
        for ours, theirs in zip(rank["gradients"], alone["gradients"], strict=True):
            norm = np.linalg.norm(theirs)
            assert np.abs(ours - theirs).max() < 1e-5 * max(1, norm)
            assert norm > 0.01
        apart = [np.abs(rank["weights"][name] - value) for name, value in alone["weights"].items()]
        assert max(each.mean() for each in apart) < 1e-6  # three steps of 1e-3
        assert max(each.max() for each in apart) < 1e-4


def test_that_more_processes_than_passages_train_too(tiny_request) -> None:
    request = tiny_request(batch_size=2, remember=0, lexical=0)
    alone, ranks = start(steps_of, request, 2).result(), on_ranks(5, steps_of, request, 2)
    for rank in ranks:
        assert [o.loss for o in rank["outcomes"]] == pytest.approx([o.loss for o in alone["outcomes"]], abs=1e-5)
        assert np.abs(rank["gradients"][1] - alone["gradients"][1]).max() < 1e-5


class Stopping(Silent):
    """Cancels on rank 1 alone, after some questions whether to go on; rank 0 counts what is said."""

    def __init__(self, at: int | None = None) -> None:
        self.at, self.asked, self.warnings = at, 0, []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def raise_if_cancelled(self) -> None:
        self.asked += 1
        if self.at is not None and self.asked >= self.at and process_place().rank == 1:
            raise Cancelled


def run_of(request: TrainingRequest, stop_at: int | None = None) -> Any:
    try:
        return train(request, Stopping(stop_at))
    except Cancelled as stopped:
        return stopped.checkpoint


@pytest.fixture(scope="module")
def whole_of_two(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingRequest:
    """The uninterrupted run of two processes."""
    from ml.conftest import maker

    request = maker(tiny_model, tmp_path_factory.mktemp("two"))(hard_negatives=2)
    first, second = on_ranks(2, run_of, request)
    assert first == second
    assert first.steps == 12
    return request


def test_that_two_processes_make_one_run(tiny_request, whole_of_two: TrainingRequest) -> None:
    alone = tiny_request(hard_negatives=2)
    train(alone, Silent())
    for name in ("checkpoints/checkpoint-4", "final_model"):
        assert difference(alone.out_dir / name, whole_of_two.out_dir / name) < 3e-3  # the rate is 1e-3: NOISE
    ours, theirs = (
        [{key: row.get(key) for key in ("step", "epoch", "learning_rate")} for row in rows(run.out_dir)]
        for run in (whole_of_two, alone)
    )
    assert ours == theirs
    losses = [[row["loss"] for row in rows(run.out_dir) if "loss" in row] for run in (whole_of_two, alone)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-3)
    assert not (whole_of_two.out_dir / "cancel").exists()


@pytest.mark.parametrize("processes", [2, 1])
def test_that_a_run_of_two_that_one_was_asked_to_stop_goes_on_with_any_number(
    tiny_request, whole_of_two: TrainingRequest, processes: int
) -> None:
    request = tiny_request(hard_negatives=2)
    saved = on_ranks(2, run_of, request, 75)
    assert saved[0].startswith("checkpoint-")
    assert (request.out_dir / "checkpoints" / saved[0] / "COMPLETE").is_file()
    again = replace(request, resume=True)
    results = on_ranks(2, run_of, again) if processes == 2 else [start(run_of, again).result()]
    assert {result.steps for result in results} == {12}
    last = "checkpoints/checkpoint-12"
    apart = difference(whole_of_two.out_dir / last, request.out_dir / last)
    assert apart == 0.0 if processes == 2 else apart < 2e-3


def test_that_a_run_of_one_goes_on_with_two(tiny_request, whole_of_two: TrainingRequest) -> None:
    request = tiny_request(hard_negatives=2)
    alone = start(run_until, request, 6).result()
    assert alone == "checkpoint-6"
    assert {result.steps for result in on_ranks(2, run_of, replace(request, resume=True))} == {12}
    last = "checkpoints/checkpoint-12"
    assert difference(whole_of_two.out_dir / last, request.out_dir / last) < 2e-3


class Until(Silent):
    def __init__(self, step: int) -> None:
        self.step, self.over = step, False

    def metric(self, step: int, epoch: float, values: dict[str, float]) -> None:
        self.over = self.over or step >= self.step

    def raise_if_cancelled(self) -> None:
        if self.over:
            raise Cancelled


def run_until(request: TrainingRequest, step: int) -> Any:
    try:
        return train(request, Until(step))
    except Cancelled as stopped:
        return stopped.checkpoint


class Dies(Silent):
    """On rank 1: fails, or is killed, at the given question whether to go on."""

    def __init__(self, how: str) -> None:
        self.how, self.asked = how, 0

    def raise_if_cancelled(self) -> None:
        self.asked += 1
        if self.asked == 60 and process_place().rank == 1:
            if self.how == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            raise ValueError("a fault")


def run_with_death(request: TrainingRequest, how: str) -> Any:
    return train(request, Dies(how))


@pytest.mark.parametrize(("how", "said"), [("killed", "has ended"), ("failed", "process 1 of 2 failed: ValueError: a")])
def test_that_a_rank_that_dies_ends_all_with_a_sentence(tiny_request, how: str, said: str) -> None:
    request = tiny_request()
    first, second = on_ranks(2, run_with_death, request, how)
    assert first.startswith("EnvironmentProblem:")
    assert said in first
    assert "resume the run" in first.lower()
    assert second == (None if how == "killed" else "ValueError: a fault")
    assert said in json.loads((request.out_dir / "training_progress.json").read_text())["error"]


def other_data(request: TrainingRequest) -> Any:
    if process_place().rank == 1:
        request = replace(request, pairs=request.pairs[:-1])
    return train(request, Silent())


def test_that_machines_with_other_data_are_refused_and_say_what_differs(tiny_request) -> None:
    first, second = on_ranks(2, other_data, tiny_request())
    assert "the training pairs (60 -> 59)" in first
    assert second.startswith("UserError: This machine would train something else")


def test_that_threads_are_shared_out_among_the_processes_of_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shared_threads(0) == 0
    assert shared_threads(7) == 7
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    for name, value in (("RANK", 3), ("WORLD_SIZE", 4), ("LOCAL_RANK", 1), ("LOCAL_WORLD_SIZE", 2)):
        monkeypatch.setenv(name, str(value))
    assert shared_threads(0) == 3
    assert shared_threads(5) == 2
    assert shared_threads(1) == 1


def test_that_two_ranks_wait_for_none_that_never_comes(tiny_request, monkeypatch: pytest.MonkeyPatch) -> None:
    first = start_ranks(2, run_alone_of_two, tiny_request())
    first[1].process.kill()
    assert "did not find each other" in first[0].result()


def run_alone_of_two(request: TrainingRequest) -> Any:
    from datetime import timedelta

    from embtrainer_gui.ml import ranks

    ranks.JOINING = timedelta(seconds=1)
    return train(request, Silent())
