"""Train: the accepted pairs of the training papers make a run; dev papers choose its checkpoint."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import AppError, Cancelled, UserError
from embtrainer_gui.core.loss_fields import hard_negatives_of, refuse_untrainable
from embtrainer_gui.core.messages import Event, Failed, Finished, Metric, Started, Stopped, to_line
from embtrainer_gui.core.records import PairState, QAPair, Split
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.training_plan import without_keywords
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import RUN_LOCK, data_fingerprint
from embtrainer_gui.ml.request import DevSet, TrainingRequest, TrainingResult, negatives_record
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.judgements import Judgements, judgements, keep_close_calls
from embtrainer_gui.stages.retrieval import Library
from embtrainer_gui.stages.split import VERSION
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
    project = ctx.project
    earlier = _unfinished(project) if resume else None
    as_of = earlier.started_at if earlier else ""
    data = training_data(project, whole_papers=hard_negatives_of(config) > 0, as_of=as_of)
    name = earlier.name if earlier else project.runs.free_name()
    folder = project.models / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CANCEL).unlink(missing_ok=True)
    with FolderLock(folder, RUN_LOCK):
        run_id = project.runs.begin(name, config.model_dump(), data_fingerprint(project), utc_now())
        recorder = RunContext(ctx, folder)
        recorder.emit(Started(stage="train", pid=os.getpid()))
        try:
            result = _train(recorder, config, folder, data, resume)
        except Cancelled as stop:
            project.runs.finish(run_id, "stopped", {}, utc_now())
            recorder.emit(Stopped(checkpoint=stop.checkpoint))
            raise
        except AppError as problem:
            project.runs.finish(run_id, "failed", {"error": problem.message}, utc_now())
            kind = "user" if problem.exit_code == 2 else "environment"
            recorder.emit(Failed(kind=kind, message=problem.message, hint=problem.hint))
            raise
        summary = _summary(name, result, project)
        project.runs.finish(run_id, "done", summary, utc_now())
        recorder.emit(Finished(summary=summary))
    return summary


class RunContext(Context):
    """A context whose events are also appended to ``events.jsonl`` of the run, and which the file ``cancel`` stops.
    Its metrics say how long the run has taken so far, earlier parts of a resumed one included."""

    def __init__(self, ctx: Context, folder: Path) -> None:
        super().__init__(ctx.project, self._record, threading.Event())
        self._outer = ctx
        self._folder = folder
        self._began = time.monotonic()
        self._before = _seconds_so_far(folder / EVENTS)

    def metric(self, step: int, epoch: float, values: dict[str, float]) -> None:
        spent = None if self._before is None else round(self._before + time.monotonic() - self._began, 3)
        self.emit(Metric(step=step, epoch=epoch, values=values, seconds=spent))

    def _record(self, event: Event) -> None:
        with (self._folder / EVENTS).open("a", encoding="utf-8") as file:
            file.write(to_line(event) + "\n")
        self._outer.emit(event)

    def raise_if_cancelled(self) -> None:
        self._outer.raise_if_cancelled()
        if (self._folder / CANCEL).exists():
            raise Cancelled


def _seconds_so_far(events: Path) -> float | None:
    """Of the earlier parts of a run; None where they did not tell, so that later ones cannot add to it."""
    so_far: float | None = 0.0
    with contextlib.suppress(FileNotFoundError), events.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith(METRIC_LINE):
                with contextlib.suppress(ValueError):  # it was being written when the power went
                    so_far = json.loads(line).get("seconds")
    return so_far


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a project gives a run: passages of the training papers that have accepted questions (all of them where
    hard negatives are looked for), and the dev set."""

    passages: list[str]
    groups: list[int]
    documents: list[int]
    pairs: list[tuple[str, int]]
    general: list[tuple[str, int]]  # keyword queries
    dev: DevSet
    judged: Judgements  # in the rows of ``passages``; right ones are among ``pairs``
    asked: list[QAPair]
    passage_ids: list[int]


def training_data(project: Project, *, whole_papers: bool = False, as_of: str = "") -> TrainingData:
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
    train = [pair for pair in accepted if split_of.get(pair.passage_id) is Split.TRAIN]
    train, keywords = without_keywords(train, lambda pair: pair.kind)
    judged = judgements(project, library, train, (Split.TRAIN,), as_of)
    asked = {library.row_of[pair.passage_id] for pair in train}.union(row for _, row in judged.right)
    others = [row for row, p in enumerate(library.passages) if whole_papers and split_of[p.id] is Split.TRAIN]
    rows = sorted(asked.union(others))
    place = {row: number for number, row in enumerate(rows)}
    texts = [library.texts[row] for row in rows]
    alike = near_pairs([sketch(text) for text in texts], ALIKE_PASSAGES)
    return TrainingData(
        passages=texts,
        groups=groups(len(texts), alike),
        documents=[library.passages[row].document_id for row in rows],
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
        judged=judged.within(place),
        asked=train,
        passage_ids=[library.passages[row].id for row in rows],
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


def _train(recorder: RunContext, config: TrainConfig, folder: Path, data: TrainingData, resume: bool) -> TrainingResult:
    recorder.status(mark("Loading PyTorch..."))
    from embtrainer_gui.ml.trainer import train

    request = TrainingRequest(
        config=config,
        base_model_dir=model_folder(config.base_model),
        out_dir=folder,
        passages=data.passages,
        passage_groups=data.groups,
        pairs=data.pairs,
        dev=data.dev,
        documents=data.documents,
        general=data.general,
        spared=data.judged.spared,
        cleared=data.judged.cleared,
        keep_close=lambda close: keep_close_calls(
            recorder, folder.name, close, data.asked, dict(zip(data.passages, data.passage_ids, strict=True))
        ),
        resume=resume,
    )
    return train(request, recorder)


def _summary(name: str, result: TrainingResult, project: Project) -> dict[str, Any]:
    return {
        "run": name,
        "steps": result.steps,
        "pairs": result.pairs,
        "best_step": result.best_step,
        "dev": {"base": result.dev_base, "best": result.dev_best},
        "model": str(result.final_model.relative_to(project.folder)),
        "seconds": round(result.seconds, 1),
        **negatives_record(result),
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
