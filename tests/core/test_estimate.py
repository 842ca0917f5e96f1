"""The estimate of a run's time, and what earlier runs teach about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.estimate import (
    Cost,
    Estimate,
    correction,
    error,
    machine,
    read_estimate,
    write_estimate,
)
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.training_plan import TrainingFacts

FACTS = TrainingFacts(pairs=100, passages=30)
TOLD = Estimate(TrainConfig().model_dump(mode="json"), 100, 30, machine("auto"), Cost(50, 80), Cost(60, 100))


def run(cpu: float, *, told: Estimate = TOLD, state: str = "done") -> Run:
    summary = {"estimate": told.record(), "spent": Cost(cpu / 2, cpu).record()}
    return Run(1, "run-1", state, {}, "", summary)


def test_that_an_estimate_is_of_the_settings_the_data_and_the_machine_that_it_was_made_for(tmp_path: Path) -> None:
    assert read_estimate(tmp_path) is None
    write_estimate(tmp_path / "models", TOLD)
    found = read_estimate(tmp_path / "models")
    assert found == TOLD
    assert found.is_of(TrainConfig(), FACTS, "auto")
    assert not found.is_of(TrainConfig(epochs=9), FACTS, "auto")
    assert not found.is_of(TrainConfig(), replace(FACTS, pairs=101), "auto")
    assert not found.is_of(TrainConfig(), FACTS, "cpu")


@pytest.mark.parametrize("content", ["", "[]", '{"config": 1}', '{"measured": {"wall": 1, "cpu": 1}}', "\x00"])
def test_that_a_damaged_estimate_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "estimate.json").write_text(content, encoding="utf-8")
    assert read_estimate(tmp_path) is None


def test_that_later_estimates_are_corrected_by_what_runs_really_took() -> None:
    assert correction([], "auto") == Cost(1, 1)
    found = correction([run(96), run(96), run(800)], "auto")  # one of them was disturbed
    assert (round(found.cpu, 6), round(found.wall, 6)) == (1.2, 0.96)
    assert correction([run(80 * 50)] * 3, "auto").cpu == 2.0  # no further than that
    assert correction([run(96)], "cpu") == Cost(1, 1)
    assert correction([run(96, state="stopped")], "auto") == Cost(1, 1)


def test_that_the_error_is_that_of_what_was_told() -> None:
    assert error(run(110).summary, "cpu") == pytest.approx(0.1)
    assert error({"spent": {"cpu": 3.0}}, "cpu") is None
