"""Rounds of one run that start from the same model, and whose weights are averaged."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from ml.test_trainer import Watcher, difference
from safetensors.torch import load_file

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.messages import Metric
from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.watch import Watch
from embtrainer_gui.ml.fingerprint import refuse_if_changed, run_fingerprint
from embtrainer_gui.ml.request import DevSet, TrainingRequest
from embtrainer_gui.ml.trainer import train


def rows(request: TrainingRequest, name: str) -> list[float]:
    lines = map(json.loads, (request.out_dir / "training_metrics.jsonl").read_text().splitlines())
    return [line[name] for line in lines if name in line]


def test_that_each_round_begins_anew_from_the_first_weights(tiny_request) -> None:
    request = tiny_request(soup=2, evaluations=1)
    result = train(request, Silent())
    rates, losses = rows(request, "learning_rate"), rows(request, "loss")
    assert result.steps == len(rates) == 24
    assert rates[12:] == rates[:12]
    assert losses[12] > 1.3 * losses[11]
    assert losses[12] == pytest.approx(losses[0], rel=0.2)


def test_that_the_rounds_have_other_batches(tiny_request) -> None:
    request = tiny_request(soup=2, evaluations=1)
    train(request, Silent())
    losses = rows(request, "loss")
    assert losses[12] != losses[0]


def test_that_the_model_is_the_mean_of_the_rounds(tiny_request) -> None:
    """Of the last steps of both, where nothing else is averaged: the first round alone is a run without soup."""
    alone, both = (tiny_request(f"soup{n}", dev=DevSet(), soup=n, average_from=1, evaluations=1) for n in (1, 2))
    first = load_file(train(alone, Silent()).final_model / "model.safetensors")
    mean = load_file(train(both, Silent()).final_model / "model.safetensors")
    kept = (both.out_dir / "checkpoints" / "checkpoint-24").glob("training_state-*.safetensors")
    last = {name: value for path in kept for name, value in load_file(path).items() if name.startswith("raw/")}
    name = next(name for name in mean if name.endswith("query.weight"))
    second = next(value for key, value in last.items() if key.endswith(name))
    assert torch.allclose(mean[name], (first[name] + second) / 2, atol=1e-6)


@pytest.mark.parametrize("stop", [40, 75])
def test_that_a_resumed_soup_equals_an_uninterrupted_one(tiny_request, stop: int) -> None:
    whole, broken = tiny_request("whole", soup=2), tiny_request("broken", soup=2)
    expected = train(whole, Silent())
    with pytest.raises(Cancelled):
        train(broken, Watcher(cancel_at=stop))
    resumed = train(replace(broken, resume=True), Silent())
    assert difference(expected.final_model, resumed.final_model) == 0.0


def test_that_the_watch_takes_a_new_round_for_no_rise_of_the_loss() -> None:
    watch = Watch(TrainConfig(epochs=1, soup=2))
    falling = [3.0 * 0.95**step for step in range(60)]
    told = []
    for step, loss in enumerate(falling + falling, 1):
        told += watch.take(Metric(step=step, epoch=step / 60, values={"loss": loss, "grad_norm": 1.0}))
    assert told == []
    alone = Watch(TrainConfig(epochs=2, soup=1))
    for step, loss in enumerate(falling + falling, 1):
        told += alone.take(Metric(step=step, epoch=step / 60, values={"loss": loss, "grad_norm": 1.0}))
    assert told


def test_that_a_run_of_before_there_were_rounds_goes_on_as_one_round(tiny_request) -> None:
    of_before = run_fingerprint(tiny_request(soup=1))
    del of_before["config"]["soup"]
    refuse_if_changed(of_before, run_fingerprint(tiny_request(soup=1)))
    with pytest.raises(UserError, match=r"soup \(1 -> 2\)"):
        refuse_if_changed(of_before, run_fingerprint(tiny_request(soup=2)))
