"""Fine-tuning on question-passage pairs.

A loop of our own, not SentenceTransformerTrainer: the batch here is a set of passages with all their
questions in micro-batches by length, and checkpoints must be whole, without pickle, and chosen by retrieval quality.
Each of these replaces a part of that trainer (collator, sampler, loss, checkpointing, best-model logic).

Of several processes (``ml.ranks``) all train; the first one alone reports, writes files, searches and chooses.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from embtrainer_gui.core.errors import AppError, Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.memory import give_back
from embtrainer_gui.core.prompts import prompts_of
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.batching import batches_per_epoch, epoch_batches
from embtrainer_gui.ml.checkpoint import Checkpoints
from embtrainer_gui.ml.dev_search import CHOICE_METRIC, DevSearch, search_within
from embtrainer_gui.ml.final_model import choose_and_save
from embtrainer_gui.ml.fingerprint import refuse_if_changed, refuse_unlike_ranks, run_fingerprint
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.lora import adapter_tensors, add_adapters, merged_model, restore_adapters
from embtrainer_gui.ml.negatives import load_negatives
from embtrainer_gui.ml.optimizer import optimizer_tensors, restore_optimizer
from embtrainer_gui.ml.ranks import Ranks, join_ranks
from embtrainer_gui.ml.request import TrainingRequest, TrainingResult, further_record
from embtrainer_gui.ml.rounds import begin_round
from embtrainer_gui.ml.run_files import RunFiles
from embtrainer_gui.ml.run_state import RunState
from embtrainer_gui.ml.schedule import evaluation_steps, learning_rate_factor
from embtrainer_gui.ml.shortage import ran_out
from embtrainer_gui.ml.step import Stepper
from embtrainer_gui.ml.training_set import TrainingSet, training_set, usable_batch_size
from embtrainer_gui.ml.weight_average import WeightAverage

CHECKPOINT_SECONDS = 600
AVERAGED = 0.3  # share of the run's steps in the mean from which on it can be chosen: before, it is one step's luck
RNG = "rng/torch"


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
    ranks = join_ranks()
    with ranks.together():
        if ranks.is_first and not request.resume and checkpoints.steps():
            raise UserError(
                mark("The run {name} has checkpoints already."),
                mark("Resume it, or start a new run."),
                name=request.out_dir.name,
            )
    run = _Run(request, data, files, checkpoints, reporter, ranks)
    try:
        result = run.run()
        ranks.leave()
        return result
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
    if not ran_out(problem):
        return None
    return EnvironmentProblem(
        mark("There is not enough memory for {batch} passages of up to {length} tokens in a batch."),
        mark("Lower the batch size or the longest text, or choose a smaller model; then start a new run."),
        batch=request.config.batch_size,
        length=request.config.max_seq_length,
    )


class _Run:
    def __init__(
        self,
        request: TrainingRequest,
        data: TrainingSet,
        files: RunFiles,
        checkpoints: Checkpoints,
        reporter: Reporter,
        ranks: Ranks,
    ) -> None:
        self._request, self._config, self._ranks = request, request.config, ranks
        self._data, self._files, self._checkpoints, self._reporter = data, files, checkpoints, reporter
        self._fingerprint = run_fingerprint(request)
        self._state = RunState()
        self._batch_size = usable_batch_size(self._config.batch_size, len(data.passages), reporter)
        self._per_epoch = batches_per_epoch(len(data.passages), self._batch_size)
        self._round = self._per_epoch * self._config.epochs
        self._total = self._round * self._config.soup
        self._evaluate_at = evaluation_steps(self._total, self._config.evaluations)
        self._average = WeightAverage()
        self._dev: DevSearch | None = None
        self._epoch = -1
        self._batches: list[Any] = []

    def run(self) -> TrainingResult:
        self._began = time.monotonic()
        refuse_unlike_ranks(self._ranks, self._fingerprint)
        resumed = self._ranks.from_first(self._newest)
        self._load(resumed)
        self._saved_at, self._saved_step = time.monotonic(), resumed
        try:
            self._between_steps()
            while self._state.step < self._total:
                self._train_step()
                self._between_steps()
            return self._ranks.from_first(self._finish)
        except Cancelled:
            raise Cancelled(self._save_on_the_way_out()) from None

    def _newest(self) -> int | None:
        return self._checkpoints.newest(self._reporter) if self._request.resume else None

    def _between_steps(self) -> None:
        with self._ranks.together():
            if self._ranks.is_first:
                self._evaluate_and_save()
            self._reporter.raise_if_cancelled()

    def _evaluate_and_save(self) -> None:
        """What is due at this step."""
        step = self._state.step
        due = step in self._evaluate_at
        if due and step:
            give_back()  # batches of all sizes leave gaps in the heap, which grew by a third within a run
        self._evaluate()
        if not step:
            self._score_original()
        late = time.monotonic() - self._saved_at > CHECKPOINT_SECONDS
        if (due or late) and step not in (0, self._saved_step):
            self._save()

    def _load(self, resumed: int | None) -> None:
        """Load the base model, or the checkpoint of step ``resumed`` if it belongs to this run, and tokenise."""
        config = self._config
        self._reporter.status(mark("Loading the model..."))
        folder = self._request.base_model_dir
        tensors: dict[str, torch.Tensor] = {}
        if resumed is not None:
            with self._ranks.together():
                if self._ranks.is_first:
                    tensors, state, fingerprint = self._checkpoints.load(resumed)
                    refuse_if_changed(fingerprint, self._fingerprint)
                    self._state = RunState(**state)
                    folder = folder if config.lora_rank else self._checkpoints.path(resumed)
            self._state = self._ranks.from_first(lambda: self._state)
        elif self._request.resume:
            self._reporter.warn(mark("No complete checkpoint was found: the run begins anew."))
        torch.manual_seed(config.seed)
        prompts = prompts_of(config)
        with self._ranks.together():
            self._model = untrained = load_model(folder, config.max_seq_length, prompts=prompts)
            if resumed is not None:
                untrained = load_model(self._request.base_model_dir, config.max_seq_length)
            add_adapters(self._model, config.lora_rank)
        self._reporter.status(mark("Tokenising..."))
        hard = None
        if resumed is not None:
            hard = self._ranks.from_first(lambda: load_negatives(self._request.out_dir, self._data))
        self._stepper = Stepper(
            self._model, self._data, config, untrained, self._reporter, hard, self._ranks, self._state.halved
        )
        if tensors:
            torch.set_rng_state(tensors.pop(RNG))
            restore_adapters(self._model, tensors)
            self._average.restore(self._model, tensors, self._state.averaged)
            restore_optimizer(self._stepper.optimizer, self._model, tensors)
        if resumed is not None:
            self._ranks.align(self._model, self._stepper.optimizer)
        with self._ranks.together():
            if self._ranks.is_first:
                self._files.begin(resumed)
                self._keep_negatives(known=hard is not None)
                passages, searches = len(self._data.passages), len(self._evaluate_at)
                self._dev = search_within(self._model, self._request.dev, config, passages, searches, self._reporter)

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

    def _train_step(self) -> None:
        state, config = self._state, self._config
        epoch, place = divmod(state.step, self._per_epoch)
        if epoch != self._epoch:
            self._epoch = epoch
            self._batches = epoch_batches(self._data.groups, self._batch_size, config.seed, epoch, self._data.documents)
        done = state.step % self._round  # of this round
        if state.step and not done:
            begin_round(self._model, self._request.base_model_dir, config)
            self._stepper.forget()
        rate = config.learning_rate * learning_rate_factor(done, self._round, config.warmup_ratio)
        start = time.monotonic()
        outcome = self._stepper.step(self._batches[place], rate, self._reporter)
        state.training_seconds += time.monotonic() - start
        if not (np.isfinite(outcome.loss) and np.isfinite(outcome.grad_norm)):
            broken = {"loss": outcome.loss, "grad_norm": outcome.grad_norm}
            self._reporter.metric(state.step + 1, (state.step + 1) / self._per_epoch, broken)
            raise UserError(
                mark("Training stopped at step {step}: the loss is no longer a number."),
                mark("Start a new run with a lower learning rate; the best checkpoint so far is kept."),
                step=state.step + 1,
            )
        state.step += 1
        self._tell_shortage()
        if not self._ranks.is_first:
            return
        if done + 1 > config.average_from * self._round or (config.soup > 1 and done + 1 == self._round):
            self._average.add(self._model)
            state.averaged = self._average.count
        self._report({"loss": outcome.loss, "learning_rate": rate, "grad_norm": outcome.grad_norm, **outcome.taught})
        told = mark("epoch {epoch} of {epochs}").format(epoch=epoch + 1, epochs=config.epochs * config.soup)
        self._reporter.progress(state.step, self._total, told)
        self._files.running(step=state.step, total_steps=self._total, epoch=round(state.step / self._per_epoch, 4))

    def _tell_shortage(self) -> None:
        """Say once in a run that memory ran out; it goes on with less at once."""
        room = self._stepper.room
        if room.halved and not self._state.halved:
            self._reporter.warn(
                mark(
                    "Memory ran short, so each batch is now worked on in smaller parts, of {tokens} tokens. That takes"
                    " a little longer; batches, losses and steps are the same as before."
                ).format(tokens=room.tokens())
            )
        self._state.halved = room.halved

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
        self._report({f"eval_{name}": value for name, value in (metrics | self._dev.aside).items()})
        self._files.evaluations(state.evaluations)
        self._reporter.status(mark("Training..."))

    def _score_original(self) -> None:
        """Where the run goes on from a tuned model: what the untrained one scores on dev, and whether that is more."""
        state, folder = self._state, self._request.original_dir
        if folder is None or self._dev is None or state.original or not state.evaluations:
            return
        original = load_model(folder, self._config.max_seq_length, prompts=prompts_of(self._config))
        metrics = self._dev.score(original, self._reporter)
        score, start = metrics[CHOICE_METRIC], state.evaluations[0]["metrics"][CHOICE_METRIC]
        state.original = metrics if np.isfinite(score) else {}
        if start is not None and score > start:
            self._reporter.warn(
                mark(
                    "On the dev questions the untrained model scores {score:.3f} and the one that this run goes on from"
                    " {start:.3f}: starting from the untrained one may lead further."
                ).format(score=score, start=start)
            )

    def _is_candidate(self) -> bool:
        """The untrained model and means of many steps; where nothing is averaged, every step, and always the last."""
        step, averaged = self._state.step, self._state.averaged
        alone = (self._config.average_from == 1 and self._config.soup == 1) or step == self._total
        return step == 0 or alone or averaged >= AVERAGED * self._total

    def _save(self) -> Path:
        state = self._state
        state.seconds += time.monotonic() - self._began
        self._began = time.monotonic()
        tensors = optimizer_tensors(self._stepper.optimizer, self._model) | {RNG: torch.get_rng_state()}
        with self._average.applied(self._model) as last:
            tensors |= last | adapter_tensors(self._model)
            whole = merged_model(self._model)
            path = self._checkpoints.save(state.step, whole, tensors, asdict(state), self._fingerprint)
        self._saved_at, self._saved_step = time.monotonic(), state.step
        self._checkpoints.prune(self._config.checkpoints, state.best())
        return path

    def _save_on_the_way_out(self) -> str:
        """Save before stopping and return the name of the newest checkpoint, "" if there is none."""
        if self._ranks.is_first and self._saved_step != self._state.step:
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
        chosen = choose_and_save(self._request, best, state.scored(), self._checkpoints, self._dev, self._reporter)
        cut: dict[str, dict[str, float]] = {}
        if self._dev and self._config.matryoshka:
            saved = load_model(chosen.folder, self._config.max_seq_length)
            cut = self._dev.score_cut(saved, self._config.matryoshka, self._reporter)
        by_step = {row["step"]: row["metrics"] for row in state.evaluations}
        seconds = state.seconds + time.monotonic() - self._began
        result = TrainingResult(
            steps=self._total,
            best_step=chosen.step,
            merge=chosen.merge,
            dev_base=by_step.get(0, {}),
            dev_best=chosen.metrics or by_step.get(chosen.step, {}),
            final_model=chosen.folder,
            pairs=self._data.pairs,
            seconds=seconds,
            training_seconds=state.training_seconds,
            hard_negatives=hard.report if hard else None,
            halved=state.halved,
            processes=self._ranks.size,
            dev_original=state.original,
            dimensions=cut,
        )
        self._files.completed(
            duration_seconds=round(seconds, 3),
            final_model_path=chosen.folder.name,
            best_step=chosen.step,
            merge=chosen.merge,
            dev_base=result.dev_base,
            dev_best=result.dev_best,
            **further_record(result),
        )
        return result
