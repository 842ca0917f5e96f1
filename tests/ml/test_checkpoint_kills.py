"""kill -9 in the middle of writing a checkpoint: the run goes on from a complete one and ends as if it never was."""

from __future__ import annotations

import os
import random
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ml.forked import on_ranks
from ml.test_trainer import difference

from embtrainer_gui.core.config import LOSSES
from embtrainer_gui.core.process_place import process_place
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.checkpoint import MARKER, Checkpoints
from embtrainer_gui.ml.request import TrainingRequest, TrainingResult
from embtrainer_gui.ml.trainer import train

PAPERS = [row // 5 for row in range(30)]
SECONDS = 0.04  # that a checkpoint of the tiny model takes to write
RANKING = LOSSES[0]
CASES = [*((loss, "untrained", 1) for loss in LOSSES), (RANKING, "tuned", 1), (RANKING, "untrained", 2)]


def killed_in(request: TrainingRequest, step: int, delay: float) -> Any:
    """Train until the checkpoint of ``step`` is being written for ``delay`` seconds; then the first rank dies."""
    real = Checkpoints.save

    def save(self: Checkpoints, at: int, *arguments: Any) -> Path:
        if at == step and process_place().rank == 0:
            threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return real(self, at, *arguments)

    Checkpoints.save = save  # type: ignore[method-assign]
    return train(request, Silent())


def plain(request: TrainingRequest) -> TrainingResult:
    return train(request, Silent())


@pytest.mark.parametrize(("loss", "start", "processes"), CASES)
def test_that_a_kill_within_a_checkpoint_costs_nothing_but_the_steps_since_the_last(
    tiny_request, whole_run: TrainingResult, kills: int, loss: str, start: str, processes: int
) -> None:
    """With --soak 30 kills, five in each case."""
    wanted, epochs = (5, 3) if kills > 3 else (1, 1)
    steps = 4 * epochs
    config = {"loss": loss, "hard_negatives": 2, "epochs": epochs, "evaluations": steps}
    calm, killed = (replace(tiny_request(name, **config), documents=PAPERS) for name in ("calm", "killed"))
    if start == "tuned":
        calm, killed = (replace(request, base_model_dir=whole_run.final_model) for request in (calm, killed))
    on_ranks(processes, plain, calm)
    checkpoints, rng = Checkpoints(killed.out_dir / "checkpoints"), random.Random(loss + start)
    within = attempts = complete = 0
    while within < wanted:
        attempts += 1
        assert attempts <= 4 * wanted, "no kill met a checkpoint that was being written"
        step = min(complete + 2, steps)
        results = on_ranks(processes, killed_in, replace(killed, resume=complete > 0), step, rng.random() * SECONDS)
        assert not isinstance(results[0], TrainingResult) or step == steps
        within += checkpoints.path(step).is_dir() and not (checkpoints.path(step) / MARKER).exists()
        found = checkpoints.newest(Silent())
        assert found is not None
        assert found >= step - 1, "a complete checkpoint was lost"
        complete = found
        if complete == steps:
            break
    results = on_ranks(processes, plain, replace(killed, resume=True))
    assert {result.steps for result in results} == {steps}
    for name in (f"checkpoints/checkpoint-{steps}", "final_model"):
        assert difference(calm.out_dir / name, killed.out_dir / name) == 0.0
    kept = [step for step in checkpoints.steps() if (checkpoints.path(step) / MARKER).exists()]
    assert kept[-3:] == [steps - 2, steps - 1, steps]
    assert len(kept) <= 4  # and the best
