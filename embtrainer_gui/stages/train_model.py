"""Train: the accepted pairs of the training papers make a run; dev papers choose its checkpoint."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from embtrainer_gui.core.base_model import readable_tokens
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import AppError, Cancelled, UserError
from embtrainer_gui.core.estimate import Cost, Stopwatch, read_estimate
from embtrainer_gui.core.held_back import held_back_words
from embtrainer_gui.core.lora import refuse_without_peft
from embtrainer_gui.core.loss_fields import refuse_untrainable
from embtrainer_gui.core.messages import Event, Failed, Finished, Metric, Started, Stopped, to_line
from embtrainer_gui.core.process_place import process_place
from embtrainer_gui.core.prompts import prompt_advice, prompts_of
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.settings import device_wanted
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.training_plan import training_facts
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.watch import Watch
from embtrainer_gui.core.workflow import RUN_LOCK, data_fingerprint
from embtrainer_gui.ml.part_reporter import PartReporter
from embtrainer_gui.ml.request import CloseCall, TrainingRequest, TrainingResult, further_record
from embtrainer_gui.stages.context import Context, JobContext
from embtrainer_gui.stages.descent import Descent, descent_of
from embtrainer_gui.stages.forgetting import general_record
from embtrainer_gui.stages.judgements import keep_close_calls
from embtrainer_gui.stages.model_card import write_card
from embtrainer_gui.stages.training_data import TrainingData, data_for

EVENTS = "events.jsonl"
CANCEL = "cancel"
METRIC_LINE = '{"type":"metric"'


def run(ctx: Context, config: TrainConfig, *, resume: bool = False) -> dict[str, Any]:
    """Train a new run, or go on with the newest unfinished one; gives the object that ``train --json`` prints.

    Raises:
        UserError: nothing to train on, a loss without what it needs, or nothing (or something else) to resume.
        EnvironmentProblem: the disk is full, or another process trains this run. The last checkpoint stays.
        Cancelled: stopped, after a checkpoint.
    """
    refuse_untrainable(config)
    refuse_without_peft(config.lora_rank)
    watch = Stopwatch()
    project = ctx.project
    earlier = _unfinished(project) if resume else None
    data = data_for(project, config, as_of=earlier.started_at if earlier else "")
    if not process_place().is_first:
        return _help(ctx, config, data, resume)
    name = earlier.name if earlier else project.runs.free_name()
    folder = project.models / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CANCEL).unlink(missing_ok=True)
    with FolderLock(folder, RUN_LOCK):
        run_id = project.runs.begin(name, config.model_dump(), data_fingerprint(project), utc_now())
        recorder = RunContext(ctx, folder, config)
        recorder.emit(Started(stage="train", pid=os.getpid()))
        try:
            descent = descent_of(
                config.base_model, project.runs.all(), project.models, recorder, project.documents.all()
            )
            advice = prompt_advice(config.base_model, descent.start, prompts_of(config))
            if advice:
                recorder.warn(advice)
            _tell_limit(recorder, config)
            if data.held_back:
                recorder.warn(held_back_words(data.held_back))
            keep = partial(_keep_close, ctx, name, data)
            result = train_on(
                recorder, config, descent, folder, data, project=project.folder, resume=resume, keep_close=keep
            )
            untrained, length = descent.original or descent.start, config.max_seq_length
            general = general_record(recorder, untrained, result.final_model, length, project.index)
        except Cancelled as stop:
            project.runs.finish(run_id, "stopped", {}, utc_now())
            recorder.emit(Stopped(checkpoint=stop.checkpoint))
            raise
        except AppError as problem:
            project.runs.finish(run_id, "failed", {"error": problem.message}, utc_now())
            kind = "user" if problem.exit_code == 2 else "environment"
            recorder.emit(Failed(kind=kind, message=problem.message, hint=problem.hint))
            raise
        summary = summary_of(name, result, project.folder) | general | descent.record()
        summary |= {"stand_ins": data.stand_ins} if data.stand_ins else {}
        summary |= {} if resume else _times(project, config, watch.spent())
        project.runs.finish(run_id, "done", summary, utc_now())
        write_card(ctx)
        recorder.emit(Finished(summary=summary))
    return summary


def _help(ctx: Context, config: TrainConfig, data: TrainingData, resume: bool) -> dict[str, Any]:
    project = ctx.project
    descent = descent_of(
        config.base_model, project.runs.all(), project.models, PartReporter(ctx), project.documents.all()
    )
    result = help_train(ctx, config, descent, data, project.folder, resume=resume)
    return summary_of(result.final_model.parent.name, result, result.final_model.parents[2])


def help_train(
    ctx: JobContext, config: TrainConfig, descent: Descent, data: TrainingData, root: Path, *, resume: bool
) -> TrainingResult:
    """Train along with the process that writes the run, on this machine or on another one; ``root`` is the project or
    the bundle, and nothing is written there."""
    ctx.status(mark("This machine trains along; the machine that started first shows how it goes."))
    return train_on(PartReporter(ctx), config, descent, root, data, project=root, resume=resume)


class RunContext(JobContext):
    """A context whose events are also appended to ``events.jsonl`` of the run, and which the file ``cancel`` stops.
    Its metrics say how long the run has taken so far, earlier parts of a resumed one included, and are watched."""

    def __init__(self, ctx: JobContext, folder: Path, config: TrainConfig) -> None:
        super().__init__(self._record, threading.Event())
        self._outer = ctx
        self._folder = folder
        self.watch = Watch(config)
        self._began = time.monotonic()
        self._before: float | None = 0.0  # None where the earlier parts did not tell, so that nothing adds to them
        for metric in _told_before(folder / EVENTS):
            self._before = metric.seconds
            self.watch.take(metric)

    def metric(self, step: int, epoch: float, values: dict[str, float]) -> None:
        spent = None if self._before is None else round(self._before + time.monotonic() - self._began, 3)
        self.tell(Metric(step=step, epoch=epoch, values=dict(values), seconds=spent))

    def _record(self, event: Event) -> None:
        with (self._folder / EVENTS).open("a", encoding="utf-8") as file:
            file.write(to_line(event) + "\n")
        self._outer.emit(event)

    def raise_if_cancelled(self) -> None:
        self._outer.raise_if_cancelled()
        if (self._folder / CANCEL).exists():
            raise Cancelled


def _told_before(events: Path) -> Iterator[Metric]:
    """The metrics of the earlier parts of a run."""
    with contextlib.suppress(FileNotFoundError), events.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith(METRIC_LINE):
                with contextlib.suppress(ValidationError):  # it was being written when the power went
                    yield Metric.model_validate_json(line)


def _tell_limit(recorder: Reporter, config: TrainConfig) -> None:
    length = readable_tokens(config.base_model, config.max_seq_length)
    if length < config.max_seq_length:
        told = mark("The model reads at most {length} tokens at once: texts are cut there, not at {wanted}.")
        recorder.warn(told.format(length=length, wanted=config.max_seq_length))


def train_on(
    recorder: Reporter,
    config: TrainConfig,
    descent: Descent,
    folder: Path,
    data: TrainingData,
    *,
    project: Path,
    resume: bool,
    keep_close: Callable[[Sequence[CloseCall]], object] | None = None,
) -> TrainingResult:
    """Train what ``descent`` starts from on ``data``, with the run's files in ``folder``; ``project`` is where the data
    comes from, and ``keep_close`` that of ``TrainingRequest``."""
    recorder.status(mark("Loading PyTorch..."))
    from embtrainer_gui.ml.trainer import train

    request = training_request(config, descent, folder, data, project=project, resume=resume)
    return train(replace(request, keep_close=keep_close) if keep_close else request, recorder)


def _keep_close(ctx: Context, run: str, data: TrainingData, close: Sequence[CloseCall]) -> None:
    keep_close_calls(ctx, run, close, data.asked, dict(zip(data.passages, data.passage_ids, strict=True)))


def training_request(
    config: TrainConfig, descent: Descent, folder: Path, data: TrainingData, *, project: Path, resume: bool = False
) -> TrainingRequest:
    """That of a run whose files lie in ``folder``."""
    return TrainingRequest(
        config=config,
        base_model_dir=descent.start,
        out_dir=folder,
        passages=data.passages,
        passage_groups=data.groups,
        pairs=data.pairs,
        dev=data.dev,
        documents=data.documents,
        general=data.general,
        answers=data.answers,
        titles=data.titles,
        lineage=descent.lineage(folder.name, project.resolve().name, data.papers, config.matryoshka),
        original_dir=descent.original,
        spared=data.judged.spared,
        cleared=data.judged.cleared,
        resume=resume,
    )


def _times(project: Project, config: TrainConfig, spent: Cost) -> dict[str, Any]:
    """What an uninterrupted run took, and what it was told that it would, where it was."""
    told = read_estimate(project.models) if process_place().size == 1 else None  # a check tries one process
    if told is None or not told.is_of(config, training_facts(project).trained(config), device_wanted()):
        return {"spent": spent.record()}
    return {"spent": spent.record(), "estimate": told.record()}


def summary_of(name: str, result: TrainingResult, root: Path) -> dict[str, Any]:
    """What ``train --json`` prints of a run, but for the forgetting check; the model's path is that below ``root``."""
    return {
        "run": name,
        "steps": result.steps,
        "pairs": result.pairs,
        "best_step": result.best_step,
        "dev": {"base": result.dev_base, "best": result.dev_best},
        "model": str(result.final_model.relative_to(root)),
        "seconds": round(result.seconds, 1),
        **further_record(result),
    }


def _unfinished(project: Project) -> Run:
    runs = project.runs.all()
    if not runs or runs[-1].state == "done":
        raise UserError(
            mark("There is no unfinished training run to resume."),
            mark("Start a new one: embtrainer train {path}"),
            path=project.folder,
        )
    return runs[-1]


def has_checkpoint(project: Project, run_: Run) -> bool:
    """Whether an unfinished run left something to resume from."""
    return any((project.models / run_.name / "checkpoints").glob("checkpoint-*/COMPLETE"))
