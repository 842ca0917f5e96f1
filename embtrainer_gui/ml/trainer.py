"""Fine-tuning on question-passage pairs.

A loop of our own on accelerate, not SentenceTransformerTrainer: the batch here is a set of passages with all their
questions in micro-batches by length, and checkpoints must be whole, without pickle, and chosen by retrieval quality.
Each of these replaces a part of that trainer (collator, sampler, loss, checkpointing, best-model logic).
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from embtrainer_gui.core.errors import AppError, Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.memory import give_back
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.batching import batches_per_epoch, epoch_batches
from embtrainer_gui.ml.checkpoint import Checkpoints
from embtrainer_gui.ml.dev_search import CHOICE_METRIC, DevSearch
from embtrainer_gui.ml.final_model import choose_and_save
from embtrainer_gui.ml.fingerprint import refuse_if_changed, run_fingerprint
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.negatives import load_negatives
from embtrainer_gui.ml.optimizer import optimizer_tensors, restore_optimizer
from embtrainer_gui.ml.request import TrainingRequest, TrainingResult, negatives_record
from embtrainer_gui.ml.run_files import RunFiles
from embtrainer_gui.ml.schedule import evaluation_steps, learning_rate_factor
from embtrainer_gui.ml.step import Stepper
from embtrainer_gui.ml.training_set import TrainingSet, training_set, usable_batch_size
from embtrainer_gui.ml.weight_average import WeightAverage

CHECKPOINT_SECONDS = 600
FEWEST_DEV_PASSAGES = 200
AVERAGED = 0.3  # share of the run's steps in the mean from which on it can be chosen: before, it is one step's luck
EVALUATION_SHARE = 0.8  # passages encoded by all evaluations, of those trained on: about a quarter of the time
RNG = "rng/torch"


@dataclass(slots=True)
class RunState:
    """What a checkpoint holds besides tensors: ``averaged`` counts the steps in the mean of the weights,
    ``evaluations`` are ``{"epoch", "step", "metrics", "candidate"}`` with None for NaN."""

    step: int = 0
    training_seconds: float = 0.0
    seconds: float = 0.0
    averaged: int = 0
    evaluations: list[dict[str, Any]] = field(default_factory=list)

    def scored(self) -> dict[int, float]:
        """The choice metric of the candidates by step, where it is a number."""
        scores = {row["step"]: row["metrics"][CHOICE_METRIC] for row in self.evaluations if row["candidate"]}
        return {step: score for step, score in scores.items() if score is not None}

    def best(self) -> int | None:
        """The step with the highest score, the earliest of equals; None before any."""
        scores = self.scored()
        return max(scores, key=lambda step: (scores[step], -step)) if scores else None


def train(request: TrainingRequest, reporter: Reporter) -> TrainingResult:
    """Train, choose the best model on dev (the untrained one is a candidate) and save it as ``final_model``.

    Raises UserError for data that cannot train or does not belong to the run, and for a loss that is not finite;
    EnvironmentProblem for a full disk or memory; Cancelled with the name of the checkpoint saved on the way out.
    """
    data = training_set(request)
    facts = {
        "base_model": request.config.base_model,
        "num_epochs": request.config.epochs,
        "train_examples": data.pairs,
        "eval_examples": len(request.dev.questions),
    }
    files = RunFiles(request.out_dir, facts)
    checkpoints = Checkpoints(request.out_dir / "checkpoints")
    if not request.resume and checkpoints.steps():
        raise UserError(
            mark("The run {name} has checkpoints already."),
            mark("Resume it, or start a new run."),
            name=request.out_dir.name,
        )
    run = _Run(request, data, files, checkpoints, reporter)
    try:
        return run.run()
    except Exception as problem:
        ending = problem if isinstance(problem, AppError) else _shortage(request, problem)
        if files.begun:  # a refused resume leaves what the run said of itself
            _write_ending(files, ending or problem)
        if ending is None or ending is problem:
            raise
        raise ending from problem


def _write_ending(files: RunFiles, problem: Exception) -> None:
    if isinstance(problem, Cancelled):
        files.interrupted(checkpoint=problem.checkpoint)
    else:
        files.failed(str(problem) if isinstance(problem, AppError) else f"{type(problem).__name__}: {problem}")


def _shortage(request: TrainingRequest, problem: Exception) -> EnvironmentProblem | None:
    """The error for a lack of memory, which torch reports in several ways; None for any other ``problem``."""
    if not isinstance(problem, MemoryError | torch.OutOfMemoryError) and "can't allocate memory" not in str(problem):
        return None
    return EnvironmentProblem(
        mark("There is not enough memory for {batch} passages of up to {length} tokens in a batch."),
        mark("Lower the batch size or the longest text, or choose a smaller model; then start a new run."),
        batch=request.config.batch_size,
        length=request.config.max_seq_length,
    )


class _Run:
    def __init__(
        self, request: TrainingRequest, data: TrainingSet, files: RunFiles, checkpoints: Checkpoints, reporter: Reporter
    ) -> None:
        self._request, self._config = request, request.config
        self._data, self._files, self._checkpoints, self._reporter = data, files, checkpoints, reporter
        self._fingerprint = run_fingerprint(request)
        self._state = RunState()
        self._batch_size = usable_batch_size(self._config.batch_size, len(data.passages), reporter)
        self._per_epoch = batches_per_epoch(len(data.passages), self._batch_size)
        self._total = self._per_epoch * self._config.epochs
        self._evaluate_at = evaluation_steps(self._total, self._config.evaluations)
        self._average = WeightAverage()
        self._epoch = -1
        self._batches: list[Any] = []

    def run(self) -> TrainingResult:
        self._began = time.monotonic()
        resumed = self._checkpoints.newest(self._reporter) if self._request.resume else None
        self._load(resumed)
        self._saved_at, self._saved_step = time.monotonic(), resumed
        try:
            self._evaluate()
            while self._state.step < self._total:
                self._train_step()
                if self._state.step in self._evaluate_at:
                    give_back()  # batches of all sizes leave gaps in the heap, which grew by a third within a run
                    self._evaluate()
                if self._state.step in self._evaluate_at or time.monotonic() - self._saved_at > CHECKPOINT_SECONDS:
                    self._save()
            return self._finish()
        except Cancelled:
            raise Cancelled(self._save_on_the_way_out()) from None

    def _load(self, resumed: int | None) -> None:
        """Load the base model, or the checkpoint of step ``resumed`` if it belongs to this run, and tokenise."""
        config = self._config
        self._reporter.status(mark("Loading the model..."))
        folder = self._request.base_model_dir
        tensors: dict[str, torch.Tensor] = {}
        if resumed is not None:
            tensors, state, fingerprint = self._checkpoints.load(resumed)
            refuse_if_changed(fingerprint, self._fingerprint)
            self._state, folder = RunState(**state), self._checkpoints.path(resumed)
        elif self._request.resume:
            self._reporter.warn(mark("No complete checkpoint was found: the run begins anew."))
        torch.manual_seed(config.seed)
        self._model = load_model(folder, config.max_seq_length)
        untrained = self._model if resumed is None else load_model(self._request.base_model_dir, config.max_seq_length)
        self._reporter.status(mark("Tokenising..."))
        hard = None if resumed is None else load_negatives(self._request.out_dir, self._data)
        self._stepper = Stepper(self._model, self._data, config, untrained, self._reporter, hard)
        if tensors:
            torch.set_rng_state(tensors.pop(RNG))
            self._average.restore(self._model, tensors, self._state.averaged)
            restore_optimizer(self._stepper.optimizer, self._model, tensors)
        self._files.begin(resumed)
        self._keep_negatives(known=hard is not None)
        self._dev = self._dev_search()

    def _keep_negatives(self, *, known: bool) -> None:
        """Keep the hard negatives for a resumed run, and say how many there are or why there is none."""
        hard = self._stepper.hard
        if hard is None:
            return
        if not known:
            self._request.keep_close(hard.close)
            hard.save(self._request.out_dir)
        tell = self._reporter.status if hard.report.kept else self._reporter.warn
        tell(hard.report.sentence())

    def _dev_search(self) -> DevSearch | None:
        """The dev set, with fewer irrelevant passages where searching them all would take long beside the training."""
        dev, config = self._request.dev, self._config
        if not dev.questions:
            self._reporter.warn(mark("There are no dev questions: the last checkpoint is taken, unchecked."))
            return None
        affordable = EVALUATION_SHARE * len(self._data.passages) * config.epochs / (len(self._evaluate_at) + 1)
        return DevSearch(self._model, dev.limited(max(FEWEST_DEV_PASSAGES, int(affordable)), config.seed))

    def _train_step(self) -> None:
        state, config = self._state, self._config
        self._reporter.raise_if_cancelled()
        epoch, place = divmod(state.step, self._per_epoch)
        if epoch != self._epoch:
            self._epoch = epoch
            self._batches = epoch_batches(self._data.groups, self._batch_size, config.seed, epoch, self._data.documents)
        rate = config.learning_rate * learning_rate_factor(state.step, self._total, config.warmup_ratio)
        start = time.monotonic()
        outcome = self._stepper.step(self._batches[place], rate, self._reporter)
        state.training_seconds += time.monotonic() - start
        if not (np.isfinite(outcome.loss) and np.isfinite(outcome.grad_norm)):
            raise UserError(
                mark("Training stopped at step {step}: the loss is no longer a number."),
                mark("Start a new run with a lower learning rate; the best checkpoint so far is kept."),
                step=state.step + 1,
            )
        state.step += 1
        if state.step > config.average_from * self._total:
            self._average.add(self._model)
            state.averaged = self._average.count
        self._report({"loss": outcome.loss, "learning_rate": rate, "grad_norm": outcome.grad_norm, **outcome.taught})
        self._reporter.progress(
            state.step, self._total, mark("epoch {epoch} of {epochs}").format(epoch=epoch + 1, epochs=config.epochs)
        )
        self._files.running(step=state.step, total_steps=self._total, epoch=round(state.step / self._per_epoch, 4))

    def _report(self, values: dict[str, float]) -> None:
        epoch = self._state.step / self._per_epoch
        self._files.metric(self._state.step, epoch, values)
        self._reporter.metric(self._state.step, epoch, values)

    def _evaluate(self) -> None:
        """Search the dev questions if that is due at this step and was not done."""
        state = self._state
        done = {row["step"] for row in state.evaluations}
        if self._dev is None or state.step not in self._evaluate_at or state.step in done:
            return
        self._reporter.status(mark("Searching the dev questions..."))
        with self._average.applied(self._model):
            metrics = self._dev.score(self._model, self._reporter)
        known = {name: value if np.isfinite(value) else None for name, value in metrics.items()}
        if None in known.values():
            self._reporter.warn(
                mark("The evaluation at step {step} gave no number, so this checkpoint cannot be chosen.").format(
                    step=state.step
                )
            )
        state.evaluations.append(
            {
                "epoch": round(state.step / self._per_epoch, 4),
                "step": state.step,
                "metrics": known,
                "candidate": self._is_candidate(),
            }
        )
        self._report({f"eval_{name}": value for name, value in metrics.items()})
        self._files.evaluations(state.evaluations)
        self._reporter.status(mark("Training..."))

    def _is_candidate(self) -> bool:
        """The untrained model and means of many steps; where nothing is averaged, every step, and always the last."""
        step, averaged = self._state.step, self._state.averaged
        alone = self._config.average_from == 1 or step == self._total
        return step == 0 or alone or averaged >= AVERAGED * self._total

    def _save(self) -> Path:
        state = self._state
        state.seconds += time.monotonic() - self._began
        self._began = time.monotonic()
        tensors = optimizer_tensors(self._stepper.optimizer, self._model) | {RNG: torch.get_rng_state()}
        with self._average.applied(self._model) as last:
            path = self._checkpoints.save(state.step, self._model, tensors | last, asdict(state), self._fingerprint)
        self._saved_at, self._saved_step = time.monotonic(), state.step
        self._checkpoints.prune(self._config.checkpoints, state.best())
        return path

    def _save_on_the_way_out(self) -> str:
        """Save before stopping and return the name of the newest checkpoint, "" if there is none."""
        if self._saved_step != self._state.step:
            try:
                self._save()
            except EnvironmentProblem as problem:
                self._reporter.warn(str(problem))
        return "" if self._saved_step is None else self._checkpoints.path(self._saved_step).name

    def _release(self) -> None:
        """Let go of the optimizer and the copies of the weights: all that follows works on checkpoints."""
        del self._stepper, self._model
        self._average = WeightAverage()
        give_back()

    def _finish(self) -> TrainingResult:
        state = self._state
        self._reporter.status(mark("Saving the best model..."))
        best = state.best() if self._dev else self._total
        if best is None:
            self._reporter.warn(mark("No evaluation gave a number: the last checkpoint is taken, unchecked."))
            best = self._total
        hard = self._stepper.hard
        self._release()
        chosen = choose_and_save(
            self._request, best, state.scored().get(best), self._checkpoints, self._dev, self._reporter
        )
        by_step = {row["step"]: row["metrics"] for row in state.evaluations}
        seconds = state.seconds + time.monotonic() - self._began
        result = TrainingResult(
            steps=self._total,
            best_step=best,
            merge=chosen.merge,
            dev_base=by_step.get(0, {}),
            dev_best=chosen.metrics or by_step.get(best, {}),
            final_model=chosen.folder,
            pairs=self._data.pairs,
            seconds=seconds,
            training_seconds=state.training_seconds,
            hard_negatives=hard.report if hard else None,
        )
        self._files.completed(
            duration_seconds=round(seconds, 3),
            final_model_path=chosen.folder.name,
            best_step=best,
            merge=chosen.merge,
            dev_base=result.dev_base,
            dev_best=result.dev_best,
            **negatives_record(result),
        )
        return result
