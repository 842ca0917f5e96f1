"""A rehearsal of a run: its first batch as the model reads it, and what a few real steps cost on this machine.

Nothing of it stays: the weights are thrown away, and what it writes is deleted. How long it takes does not depend on
the size of the project: each kind of work is done on a part of the data and scaled to all of it.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.estimate import Cost, Part, Stopwatch, measured
from embtrainer_gui.core.loss_fields import hard_negatives_of
from embtrainer_gui.core.prompts import prompts_of
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.batching import IntArray, batches_per_epoch
from embtrainer_gui.ml.checkpoint import Checkpoints
from embtrainer_gui.ml.dev_search import DevSearch, affordable
from embtrainer_gui.ml.device import describe_device
from embtrainer_gui.ml.final_model import USUAL_SEARCHES
from embtrainer_gui.ml.fingerprint import run_fingerprint
from embtrainer_gui.ml.first_batch import ReadText, as_read
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.lora import adapter_tensors, add_adapters, merged_model
from embtrainer_gui.ml.negatives import mine_negatives
from embtrainer_gui.ml.optimizer import optimizer_tensors
from embtrainer_gui.ml.part_reporter import PartReporter
from embtrainer_gui.ml.request import DevSet, TrainingRequest
from embtrainer_gui.ml.sample_batches import BatchSample, part_of, sample_batches
from embtrainer_gui.ml.schedule import evaluation_steps
from embtrainer_gui.ml.shortage import ran_out
from embtrainer_gui.ml.step import Stepper
from embtrainer_gui.ml.trainer import CHECKPOINT_SECONDS
from embtrainer_gui.ml.training_set import training_set
from embtrainer_gui.ml.weight_average import WeightAverage

STEPS_SECONDS = 40.0  # after which no further step is timed, where that many were
LEAST_STEPS = 2
MINED = 32  # questions for which hard negatives are looked for
SEARCHED = 150  # dev questions and passages each
SECOND_WEIGHTS = 0.25  # of a checkpoint: those before the average of the weights do not hold them
PARTS = 12  # of the progress


@dataclass(frozen=True, slots=True)
class BatchText:
    """``role``: passage or question; ``passage`` is the place of its passage in the batch, from 1."""

    role: str
    passage: int
    text: ReadText


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """``parts`` cost what the whole run will; ``memory`` in bytes is the most that this process has taken, 0 where the
    system does not tell. ``cut`` as of BatchSample."""

    device: str
    batch: list[BatchText]
    cut: float
    cut_questions: float
    parts: list[Part]
    memory: int
    steps: int
    evaluations: int

    def record(self) -> dict[str, Any]:
        return asdict(self)


def rehearse(
    request: TrainingRequest, reporter: Reporter, before: Cost, *, disk: bool, closing_characters: int
) -> Rehearsal:
    """``before`` is what was spent until now: the data was read, libraries were loaded. ``out_dir`` of the request is
    the folder that checkpoints are tried in, where ``disk`` has room for one; it goes away. ``closing_characters`` are
    those of the texts that are encoded when the model is saved (the forgetting check).

    Raises what the run would: UserError for data that cannot train, EnvironmentProblem for too little memory; and
    Cancelled.
    """
    shutil.rmtree(request.out_dir, ignore_errors=True)
    try:
        return _Rehearsal(request, reporter, closing_characters).run(before, disk=disk)
    except (MemoryError, RuntimeError) as problem:
        if not ran_out(problem):
            raise
        raise EnvironmentProblem(
            mark("There is not enough memory for {batch} passages of up to {length} tokens in a batch."),
            mark("Lower the batch size or the longest text, or choose a smaller model."),
            batch=request.config.batch_size,
            length=request.config.max_seq_length,
        ) from problem
    finally:
        shutil.rmtree(request.out_dir, ignore_errors=True)


class _Rehearsal:
    def __init__(self, request: TrainingRequest, reporter: Reporter, closing_characters: int) -> None:
        self._request, self._config, self._reporter = request, request.config, reporter
        self._closing_characters, self._a_character = closing_characters, Cost()
        self._quiet = PartReporter(reporter)
        self._done = 0

    def run(self, before: Cost, *, disk: bool) -> Rehearsal:
        config = self._config
        read = Stopwatch()
        self._data = training_set(self._request)
        fingerprint = run_fingerprint(self._request)
        reading = before + read.spent()
        size = min(config.batch_size, len(self._data.passages))
        steps = batches_per_epoch(len(self._data.passages), size) * config.epochs * config.soup
        searches = len(evaluation_steps(steps, config.evaluations))
        loading = self._load()
        sample = sample_batches(self._model, self._request, self._data, size)
        first = self._first_batch(sample.first)
        preparing = self._prepare(sample)
        a_step = self._steps(sample)
        search = self._search(searches)
        saves = searches - 1 + int(a_step.wall * steps // CHECKPOINT_SECONDS)
        self._say(mark("Trying a checkpoint..."))
        checkpoint = self._checkpoint(fingerprint) if disk else Cost()
        ending = self._finish(disk)
        parts = [
            Part("read", 1, reading),
            Part("load", 1, loading),
            Part("prepare", 1, preparing),
            Part("steps", steps, a_step * steps),
            Part("search", searches, search * searches),
            Part("save", saves, checkpoint * saves * (1 - SECOND_WEIGHTS * config.average_from)),
            Part("finish", 1, ending + search * USUAL_SEARCHES + self._a_character * self._closing_characters),
        ]
        self._reporter.progress(PARTS, PARTS)
        cut = sample.cut, sample.cut_questions
        return Rehearsal(describe_device(), first, *cut, parts, _peak_memory(), steps, searches)

    def _say(self, text: str) -> None:
        self._reporter.status(text)
        self._tick()

    def _tick(self) -> None:
        self._done += 1
        self._reporter.progress(min(self._done, PARTS - 1), PARTS)
        self._reporter.raise_if_cancelled()

    def _load(self) -> Cost:
        self._say(mark("Loading the model..."))
        torch.manual_seed(self._config.seed)
        with measured() as loading:
            prompts = prompts_of(self._config)
            self._model = load_model(self._request.base_model_dir, self._config.max_seq_length, prompts=prompts)
            add_adapters(self._model, self._config.lora_rank)
        return loading.cost

    def _first_batch(self, rows: IntArray) -> list[BatchText]:
        """Each passage of the batch with its questions."""
        data = self._data
        batch = data.batch(rows)
        passages = as_read(self._model, [data.passages[row] for row in rows], "document")
        questions = as_read(self._model, [data.questions[row] for row in batch.questions], "query")
        found = []
        for place, passage in enumerate(passages):
            found.append(BatchText("passage", place + 1, passage))
            asked = batch.asked[batch.positive == place]
            found += [BatchText("question", place + 1, questions[number]) for number in asked]
        return found

    def _prepare(self, sample: BatchSample) -> Cost:
        """What comes before the first step: tokens, the teachers' rankings, hard negatives.

        Made for few passages and for more of them; the difference tells what each further one costs.
        """
        self._say(mark("Trying the preparations..."))
        rows = np.unique(np.concatenate([sample.largest, *sample.timed])).tolist()
        few = part_of(self._request, self._data, sample.timed[0].tolist())
        many = part_of(self._request, self._data, rows)
        with measured() as cold:  # with what is done once only
            self._stepper_of(few)
        self._tick()
        with measured() as warm:
            self._stepper_of(few)
        self._tick()
        self._passages = {row: place for place, row in enumerate(rows)}
        with measured() as more:
            self._stepper = self._stepper_of(many)
        self._tick()
        had, has = _asked(few), _asked(many)
        slope = (more.cost - warm.cost) * (1 / (has - had)) if has > had else Cost()
        return cold.cost + slope * (len(self._data.passages) - had) + self._mining()

    def _stepper_of(self, request: TrainingRequest) -> Stepper:
        return Stepper(self._model, training_set(request), self._config, self._model, self._quiet)

    def _mining(self) -> Cost:
        """Looking for hard negatives in all the passages, on unit vectors at random."""
        if not hard_negatives_of(self._config):
            return Cost()
        data = self._data
        rng = np.random.default_rng(self._config.seed)
        width = int(self._model.get_embedding_dimension() or 1)
        asked = min(MINED, len(data.questions))
        vectors = rng.standard_normal((asked + len(data.pool.texts), width)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

        def mine(questions: int) -> Cost:
            part = replace(data, questions=data.questions[:questions], answers=data.answers[:questions])
            with measured() as spent:
                mine_negatives(part, vectors[:questions], vectors[asked:], self._config.negative_margin, self._quiet)
            return spent.cost

        one, some = mine(1), mine(asked)
        return one + (some - one) * ((len(data.questions) - 1) / max(1, asked - 1))

    def _steps(self, sample: BatchSample) -> Cost:
        """One step in the mean of the run; the first, of the largest batch, is not timed."""
        self._reporter.status(mark("Trying some steps..."))
        self._average = WeightAverage()
        self._step(sample.largest)
        with measured() as averaging:
            self._average.add(self._model)
        spent, size, watch = Cost(), 0.0, Stopwatch()
        for number, rows in enumerate(sample.timed):
            if number >= LEAST_STEPS and watch.spent().wall > STEPS_SECONDS:
                break
            with measured() as step:
                self._step(rows)
            spent, size = spent + step.cost, size + sample.sizes[number]
            self._tick()
        return spent * (sample.mean_size / size) + averaging.cost * (1 - self._config.average_from)

    def _step(self, rows: IntArray) -> None:
        places = np.array([self._passages[row] for row in rows.tolist()], dtype=np.int64)
        self._stepper.step(places, self._config.learning_rate, self._reporter)

    def _search(self, searches: int) -> Cost:
        """One search of the dev questions, of a part of them and scaled by the characters."""
        if not self._request.dev.questions:
            return Cost()
        self._say(mark("Searching some dev questions..."))
        dev = affordable(self._request.dev, self._config, len(self._data.passages), searches)
        some = DevSet(_every(dev.questions), _every(dev.passages), [{0: 1}] * len(_every(dev.questions)))
        search = DevSearch(self._model, some)
        search.score(self._model, self._reporter)
        with measured() as spent:
            search.score(self._model, self._reporter)
        self._a_character = spent.cost * (1 / max(1, _characters(some)))
        return self._a_character * _characters(dev)

    def _checkpoint(self, fingerprint: dict[str, Any]) -> Cost:
        """Writing one with all that it may hold: the moments, and the weights beside their average."""
        state = {"step": 1}
        with measured() as spent:
            tensors = optimizer_tensors(self._stepper.optimizer, self._model)
            with self._average.applied(self._model) as last:
                tensors |= last | adapter_tensors(self._model)
                Checkpoints(self._request.out_dir).save(1, merged_model(self._model), tensors, state, fingerprint)
        return spent.cost

    def _finish(self, disk: bool) -> Cost:
        """Two models are loaded, and one is written."""
        with measured() as loading:
            model = load_model(self._request.base_model_dir, self._config.max_seq_length)
        with measured() as writing:
            if disk:
                model.save(str(self._request.out_dir / "final_model"), create_model_card=False)
        self._tick()
        return loading.cost * 2 + writing.cost


def _asked(request: TrainingRequest) -> int:
    """Passages with a question."""
    return len({row for _, row in request.pairs})


def _every(texts: Sequence[str]) -> list[str]:
    """At most ``SEARCHED`` of them, evenly."""
    return list(texts[:: max(1, -(-len(texts) // SEARCHED))])


def _characters(dev: DevSet) -> int:
    return sum(map(len, dev.questions)) + sum(map(len, dev.passages))


def _peak_memory() -> int:
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)
