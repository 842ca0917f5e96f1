"""Train a run bundle: the same run as in a project, in the bundle's own folder, with its result sealed at the end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from embtrainer_gui import __version__
from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.errors import AppError, Cancelled, UserError
from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.lineage import lineage_of
from embtrainer_gui.core.messages import Failed, Finished, Started, Stopped
from embtrainer_gui.core.process_place import process_place
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import RUN_LOCK
from embtrainer_gui.ml.model_files import model_fingerprint
from embtrainer_gui.stages.bundle_files import (
    BASE,
    FORMAT,
    RESULT,
    RUN,
    Bundle,
    check_files,
    read_bundle,
    read_data,
    sealed,
)
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.descent import Descent
from embtrainer_gui.stages.forgetting import general_record
from embtrainer_gui.stages.train_model import CANCEL, EVENTS, RunContext, help_train, summary_of, train_on

CAME_BACK = (EVENTS, "training_metrics.jsonl", "training_progress.json", "eval/*.csv", "final_model/**/*")


def run(ctx: JobContext, folder: Path) -> dict[str, Any]:
    """Train, or go on from the last checkpoint; gives the object that ``train --json`` prints.

    Raises:
        UserError: a damaged bundle, or one that is trained already.
        EnvironmentProblem, Cancelled: as in training a project.
    """
    bundle = read_bundle(folder)
    if (folder / RESULT).exists():
        raise UserError(
            mark("The run in {path} is trained already."),
            mark("Take it into the project: embtrainer import-run PROJECT {path}"),
            path=folder,
        )
    check_files(folder, bundle.files)
    base, data, out = _base(folder, bundle), read_data(folder), folder / RUN
    resume = any((out / "checkpoints").glob("checkpoint-*"))
    descent = Descent(base, None, lineage_of(bundle.config.base_model, (), out))
    if not process_place().is_first:
        result = help_train(ctx, bundle.config, descent, data, folder, resume=resume)
        return summary_of(RUN, result, result.final_model.parents[1])
    out.mkdir(exist_ok=True)
    (out / CANCEL).unlink(missing_ok=True)
    with FolderLock(out, RUN_LOCK):
        recorder, began = RunContext(ctx, out, bundle.config), utc_now()
        recorder.emit(Started(stage="train", pid=os.getpid()))
        try:
            result = train_on(recorder, bundle.config, descent, out, data, project=Path(bundle.project), resume=resume)
            general = general_record(recorder, base, result.final_model, bundle.config.max_seq_length)
        except Cancelled as stop:
            recorder.emit(Stopped(checkpoint=stop.checkpoint))
            raise
        except AppError as problem:
            kind = "user" if problem.exit_code == 2 else "environment"
            recorder.emit(Failed(kind=kind, message=problem.message, hint=problem.hint))
            raise
        summary = {**summary_of(RUN, result, folder), **general}
        summary |= {"stand_ins": bundle.stand_ins} if bundle.stand_ins else {}
        recorder.emit(Finished(summary=summary))
        _seal(folder, bundle, summary, began)
    return summary


def _base(folder: Path, bundle: Bundle) -> Path:
    base = folder / BASE if bundle.base_included else model_folder(bundle.config.base_model)
    if model_fingerprint(base) != bundle.base_hash:
        raise UserError(
            mark("The base model {name} here is another one than where the run was packed."),
            mark("Install the same version of the program on both computers."),
            name=bundle.config.base_model,
        )
    return base


def _seal(folder: Path, bundle: Bundle, summary: dict[str, Any], began: str) -> None:
    from embtrainer_gui.ml.device import describe_device

    out = folder / RUN
    files = [path for pattern in CAME_BACK for path in out.glob(pattern) if path.is_file()]
    result = {
        "format": FORMAT,
        "bundle": bundle.identity,
        "made_by": __version__,
        "device": describe_device(),
        "started_at": began,
        "finished_at": utc_now(),
        "summary": summary,
        "files": sealed(out, files),
    }
    atomic_write_json(folder / RESULT, result)
