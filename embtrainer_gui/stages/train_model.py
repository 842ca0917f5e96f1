"""Train: the accepted pairs of the training papers make a run; dev papers choose its checkpoint."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from embtrainer_gui.core.base_model import readable_tokens
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import AppError, Cancelled, UserError
from embtrainer_gui.core.estimate import Cost, Stopwatch, read_estimate
from embtrainer_gui.core.held_back import held_back, held_back_words
from embtrainer_gui.core.lora import refuse_without_peft
from embtrainer_gui.core.loss_fields import hard_negatives_of, refuse_untrainable
from embtrainer_gui.core.messages import Event, Failed, Finished, Metric, Started, Stopped, to_line
from embtrainer_gui.core.process_place import process_place
from embtrainer_gui.core.prompts import prompt_advice, prompts_of
from embtrainer_gui.core.records import PairState, QAPair, Split
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.settings import device_wanted
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.training_plan import training_facts, without_keywords
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.watch import Watch
from embtrainer_gui.core.workflow import RUN_LOCK, data_fingerprint
from embtrainer_gui.ml.part_reporter import PartReporter
from embtrainer_gui.ml.request import CloseCall, DevSet, TrainingRequest, TrainingResult, further_record
from embtrainer_gui.stages.context import Context, JobContext
from embtrainer_gui.stages.descent import Descent, descent_of, papers_of
from embtrainer_gui.stages.forgetting import general_record
from embtrainer_gui.stages.judgements import Judgements, judgements, keep_close_calls
from embtrainer_gui.stages.model_card import write_card
from embtrainer_gui.stages.retrieval import Library
from embtrainer_gui.stages.split import VERSION
from embtrainer_gui.stages.title_texts import title_texts
from embtrainer_gui.text.near_duplicate import groups, near_pairs, sketch

EVENTS = "events.jsonl"
CANCEL = "cancel"
METRIC_LINE = '{"type":"metric"'
ALIKE_PASSAGES = 0.5  # estimated Jaccard: no two such passages stand in one batch, each would be a false negative


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


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a project gives a run: passages of the training papers that have accepted questions (all of them where
    hard negatives are looked for), and the dev set. ``papers`` are the keys of those learned from; ``answers`` and
    ``titles`` are empty unless asked for."""

    passages: list[str]
    groups: list[int]
    documents: list[int]
    pairs: list[tuple[str, int]]
    general: list[tuple[str, int]]  # keyword queries
    dev: DevSet
    papers: list[str]
    answers: list[str]
    titles: list[tuple[str, str, int]]
    judged: Judgements  # in the rows of ``passages``; right ones are among ``pairs``
    asked: list[QAPair]
    passage_ids: list[int]
    held_back: int = 0  # accepted pairs that a labelled test set keeps out


def data_for(project: Project, config: TrainConfig, as_of: str = "") -> TrainingData:
    """What a run with ``config`` needs of ``training_data``; the same errors."""
    return training_data(
        project,
        whole_papers=hard_negatives_of(config) > 0,
        answers=config.answer_weight > 0,
        titles=config.title_weight > 0,
        as_of=as_of,
    )


def training_data(
    project: Project, *, whole_papers: bool = False, answers: bool = False, titles: bool = False, as_of: str = ""
) -> TrainingData:
    """Accepted questions by split; with ``whole_papers`` also the passages of the training papers without one.

    A doubtful passage that was found right is a further right one of its question. ``as_of`` is when a run began that
    goes on: see ``judgements``.

    Raises:
        UserError: no split yet (fewer than three unlike papers), or no accepted question.
    """
    if not project.meta.get(VERSION, 0):
        raise UserError(
            mark("There are no test papers: the project has fewer than three unlike papers."),
            mark("Import more papers: without unseen ones nobody can tell whether the model got better."),
        )
    library = Library(project)
    accepted = project.pairs.all(state=PairState.ACCEPTED)
    if not accepted:
        raise UserError(
            mark("No question is accepted yet."),
            mark("Accept those that no check flagged: embtrainer pairs {path} accept --checks clean"),
            path=project.folder,
        )
    split_of = {p.id: library.document_of[p.document_id].split for p in library.passages}
    learnt = {p.id: p.text for p in library.passages if split_of[p.id] is not Split.TEST}
    held = held_back(project, [pair.question for pair in accepted], lambda: learnt, as_of)
    every = [pair for pair in accepted if pair.passage_id in learnt]
    accepted = [pair for pair in every if not held.holds(pair.question, pair.passage_id)]
    train = [pair for pair in accepted if split_of.get(pair.passage_id) is Split.TRAIN]
    train, keywords = without_keywords(train, lambda pair: pair.kind)
    judged = judgements(project, library, train, (Split.TRAIN,), as_of)
    judged = replace(judged, right=[one for one in judged.right if library.passages[one[1]].id not in held.passages])
    asked = {library.row_of[pair.passage_id] for pair in train}.union(row for _, row in judged.right)
    others = [
        row
        for row, p in enumerate(library.passages)
        if whole_papers and split_of[p.id] is Split.TRAIN and p.id not in held.passages
    ]
    rows = sorted(asked.union(others))
    place = {row: number for number, row in enumerate(rows)}
    texts = [library.texts[row] for row in rows]
    alike = near_pairs([sketch(text) for text in texts], ALIKE_PASSAGES)
    papers: dict[int, int] = {}  # by their first passage: ids follow the order in which files happened to be read
    return TrainingData(
        passages=texts,
        groups=groups(len(texts), alike),
        documents=[papers.setdefault(library.passages[row].document_id, len(papers)) for row in rows],
        pairs=[
            *((pair.question, place[library.row_of[pair.passage_id]]) for pair in train),
            *((question, place[row]) for question, row in judged.right),
        ],
        general=[
            (pair.question, place[library.row_of[pair.passage_id]])
            for pair in keywords
            if library.row_of[pair.passage_id] in place
        ],
        dev=_dev_set(project, library, [pair for pair in accepted if split_of.get(pair.passage_id) is Split.DEV]),
        papers=papers_of(library.document_of, {library.passages[row].document_id for row in rows}, every=titles),
        answers=[*(pair.answer for pair in train), *("" for _ in judged.right)] if answers else [],
        titles=title_texts(library, ALIKE_PASSAGES, held.passages) if titles else [],
        judged=judged.within(place),
        asked=train,
        passage_ids=[library.passages[row].id for row in rows],
        held_back=len(every) - len(accepted),
    )


def _dev_set(project: Project, library: Library, pairs: Sequence[QAPair]) -> DevSet:
    """Dev questions over the passages of dev and training papers; test papers are not looked at."""
    seen = [
        row
        for row, passage in enumerate(library.passages)
        if library.document_of[passage.document_id].split is not Split.TEST
    ]
    place = {row: number for number, row in enumerate(seen)}
    relevant: dict[str, dict[int, int]] = {}
    for pair in pairs:
        relevant.setdefault(pair.question, {})[place[library.row_of[pair.passage_id]]] = 1
    for question, row in judgements(project, library, pairs, (Split.DEV, Split.TRAIN)).right:
        relevant[question][place[row]] = 1
    return DevSet(list(relevant), [library.texts[row] for row in seen], list(relevant.values()))


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
    told = read_estimate(project.models)
    if told is None or not told.is_of(config, training_facts(project), device_wanted()):
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
