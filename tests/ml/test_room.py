"""Memory that runs out within a run: less at once, the same batches and losses; told once; below a floor an error."""

from __future__ import annotations

import ctypes
import json
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from ml.forked import on_ranks, start
from ml.test_trainer import Watcher, difference, progress, rows
from tiny_model import make_tiny_model

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.process_place import process_place
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml import encoder, step
from embtrainer_gui.ml.checkpoint import Checkpoints
from embtrainer_gui.ml.encoder import encode_tokens
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.request import DevSet, TrainingRequest, TrainingResult
from embtrainer_gui.ml.room import LEAST_TOKENS
from embtrainer_gui.ml.shortage import ran_out
from embtrainer_gui.ml.step import Stepper
from embtrainer_gui.ml.tokens import TokenisedTexts
from embtrainer_gui.ml.trainer import train
from embtrainer_gui.ml.training_set import training_set

GPU = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
CPU = RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried ...")


def limited(monkeypatch: pytest.MonkeyPatch, most: int, problem: Exception = CPU) -> list[int]:
    """A model that has memory for ``most`` padded tokens at once; gives the sizes that it was asked for."""
    asked: list[int] = []
    real = step.embed

    def embed(model: Any, tokens: TokenisedTexts, chosen: Any, task: Any) -> torch.Tensor:
        asked.append(len(chosen) * int(tokens.lengths[chosen].max()))
        if asked[-1] > most and torch.is_grad_enabled():
            raise problem
        return real(model, tokens, chosen, task)

    monkeypatch.setattr(step, "embed", embed)
    return asked


def test_that_a_step_that_ran_out_of_memory_is_done_again_in_smaller_parts(
    tiny_request, whole_run: TrainingResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, short = whole_run.final_model.parent, tiny_request()
    limited(monkeypatch, 250)
    watcher = Watcher()
    result = train(short, watcher)
    assert result.halved == 4  # 2048, 1024, 512, 256, 128
    told = [text for text in watcher.warnings if "Memory ran short" in text]
    assert len(told) == 1
    assert "the same as before" in told[0]
    assert progress(short.out_dir)["micro_batch_halved"] == 4
    assert "micro_batch_halved" not in progress(whole)
    ours, theirs = ([row for row in rows(run) if "loss" in row] for run in (short.out_dir, whole))
    assert [row["step"] for row in ours] == list(range(1, 13))
    assert [row["loss"] for row in ours] == pytest.approx([row["loss"] for row in theirs], abs=1e-3)
    assert difference(whole / "checkpoints/checkpoint-4", short.out_dir / "checkpoints/checkpoint-4") < 2e-3


@pytest.mark.parametrize("problem", [GPU, CPU, MemoryError()])
def test_that_nothing_of_the_failed_step_is_applied(
    tiny_request, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    made = stepper(tiny_request())
    asked = limited(monkeypatch, 300, problem)
    taken: list[torch.Tensor] = []
    real = made.optimizer.step
    before = weights(made)

    def keep() -> None:
        taken.append(weights(made))
        real()

    monkeypatch.setattr(made.optimizer, "step", keep)
    made.step(np.arange(12), 1e-3, Silent())
    assert asked[0] > 300
    assert len(taken) == 1
    assert torch.equal(taken[0], before)
    other = stepper(tiny_request())
    other.room.halved = made.room.halved
    other.step(np.arange(12), 1e-3, Silent())
    assert torch.equal(weights(made), weights(other))


def stepper(request: TrainingRequest) -> Stepper:
    model = load_model(request.base_model_dir, 48, "cpu")
    return Stepper(model, training_set(request), request.config, model, Silent())


def weights(made: Stepper) -> torch.Tensor:
    return torch.cat([value.flatten() for value in made.model.state_dict().values() if value.is_floating_point()])


def test_that_below_the_floor_the_error_names_the_cure(tiny_request, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, 20)
    with pytest.raises(EnvironmentProblem, match="8 passages of up to 48 tokens") as stopped:
        train(tiny_request(), Silent())
    assert "batch size" in stopped.value.hint


def test_that_the_smaller_parts_stay_in_the_checkpoint_and_are_told_of_once(
    tiny_request, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, broken = tiny_request("whole"), tiny_request("broken")
    limited(monkeypatch, 250)
    train(whole, Silent())
    watcher = Watcher(cancel_at=60)
    with pytest.raises(Exception, match="Stopped"):
        train(broken, watcher)
    checkpoints = Checkpoints(broken.out_dir / "checkpoints")
    _, state, _ = checkpoints.load(checkpoints.steps()[-1])
    assert state["halved"] == 4
    again = Watcher()
    assert train(replace(broken, resume=True), again).halved == 4
    assert [len([text for text in w.warnings if "Memory" in text]) for w in (watcher, again)] == [1, 0]
    last = "checkpoints/checkpoint-12"
    assert difference(whole.out_dir / last, broken.out_dir / last) == 0.0


def test_that_half_as_much_is_kept_for_the_backward_pass_too(tiny_request) -> None:
    made = stepper(tiny_request()).room
    tokens, kept = made.tokens(), made.kept()
    made.halve()
    assert (made.tokens(), made.kept()) == (tokens // 2, pytest.approx(kept / 2, rel=0.1))
    while not made.is_least:
        made.halve()
    assert made.tokens() == LEAST_TOKENS


def test_that_a_dev_search_that_runs_out_of_memory_goes_on_in_smaller_parts(
    tiny_request, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = tiny_request()
    model = load_model(request.base_model_dir, 48, "cpu")
    tokens = TokenisedTexts(model, [*request.passages, *request.passages[:7]], "document")
    plain = encode_tokens(model, tokens, "document")
    sizes: list[int] = []
    real = encoder.embed

    def embed(model: Any, tokens: TokenisedTexts, chosen: Any, task: Any) -> torch.Tensor:
        sizes.append(len(chosen))
        if len(chosen) > 9:
            raise CPU
        return real(model, tokens, chosen, task)

    monkeypatch.setattr(encoder, "embed", embed)
    assert np.abs(encode_tokens(model, tokens, "document") - plain).max() < 1e-5
    assert sum(size > 9 for size in sizes) < 5  # the rest is not tried whole again and again
    chosen = np.array([31, 4, 17])
    assert np.abs(encode_tokens(model, tokens, "document", rows=chosen) - plain[chosen]).max() < 1e-5


def test_that_one_text_that_does_not_fit_is_an_error(tiny_request, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(tiny_request().base_model_dir, 48, "cpu")

    def embed(*_: object) -> torch.Tensor:
        raise CPU

    monkeypatch.setattr(encoder, "embed", embed)
    with pytest.raises(RuntimeError, match="can't allocate"):
        encode_tokens(model, TokenisedTexts(model, ["one", "two"], "document"), "document")


def test_that_other_errors_are_no_lack_of_memory() -> None:
    assert not ran_out(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not ran_out(EnvironmentProblem("One of the processes ran out of memory."))
    assert ran_out(OSError(12, "Cannot allocate memory"))


M_MMAP_THRESHOLD = -3  # of mallopt(3)
SPARE = 200 * 2**20
LONG = {"batch_size": 30, "max_seq_length": 256, "epochs": 2, "remember": 0.0, "lexical": 0.0, "average_from": 1.0}


def run_in(request: TrainingRequest, spare: int) -> Any:
    """Train with steps that find the address space ending ``spare`` bytes above what is taken before the first.

    Freed blocks go back to the system, as real memory does: glibc would keep their addresses.
    """
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 2**18)
    ends: list[int] = []
    real, hard = Stepper.step, resource.getrlimit(resource.RLIMIT_AS)[1]

    def squeezed(self: Stepper, *arguments: Any) -> Any:
        ends.append(ends[0] if ends else psutil.Process().memory_info().vms + spare)
        resource.setrlimit(resource.RLIMIT_AS, (ends[0], hard))
        try:
            return real(self, *arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (hard, hard))

    Stepper.step = squeezed  # type: ignore[method-assign]
    watcher = Watcher()
    try:
        return train(request, watcher), watcher.warnings
    except EnvironmentProblem as problem:
        return problem.message, watcher.warnings


@pytest.mark.slow
def test_that_a_run_in_too_little_memory_ends_with_the_losses_of_one_in_plenty(tiny_request, tmp_path: Path) -> None:
    """A real limit on the address space, which torch meets in the middle of a step."""
    model = make_tiny_model(tmp_path, width=128, layers=6, positions=256)
    plenty, little = (long_texts(tiny_request(name, **LONG), model) for name in ("plenty", "little"))
    start(run_in, plenty, 2**34).result()
    result, warnings = start(run_in, little, SPARE).result()
    assert result.halved >= 1
    assert len([text for text in warnings if "Memory ran short" in text]) == 1
    ours, theirs = ([row["loss"] for row in rows(run.out_dir) if "loss" in row] for run in (little, plenty))
    assert ours == pytest.approx(theirs, abs=1e-3)


def long_texts(request: TrainingRequest, model: Path) -> TrainingRequest:
    passages = [f"{passage} {'It was found again in the water. ' * 30}" for passage in request.passages]
    return replace(request, base_model_dir=model, passages=passages, dev=DevSet())


def run_short_of(request: TrainingRequest) -> Any:
    """Rank 1 has memory for less than rank 0."""
    real = step.embed

    def embed(model: Any, tokens: TokenisedTexts, chosen: Any, task: Any) -> torch.Tensor:
        if process_place().rank == 1 and len(chosen) * int(tokens.lengths[chosen].max()) > 150:
            raise CPU
        return real(model, tokens, chosen, task)

    step.embed = embed
    return train(request, Silent())


def test_that_all_ranks_make_do_with_what_the_smallest_has(tiny_request, whole_run: TrainingResult) -> None:
    request = tiny_request()
    first, second = on_ranks(2, run_short_of, request)
    assert first.halved == second.halved > 0
    runs = (request.out_dir, whole_run.final_model.parent)
    losses = [[row["loss"] for row in rows(run) if "loss" in row] for run in runs]
    assert losses[0] == pytest.approx(losses[1], abs=1e-3)
    assert json.loads((request.out_dir / "training_progress.json").read_text())["training_completed"]
