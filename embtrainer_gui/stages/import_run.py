"""Take the result of a run bundle into the project: checked file by file, then a run like any other."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.general_report import report_of
from embtrainer_gui.core.model_check import check_model_folder
from embtrainer_gui.core.negatives_report import NegativesReport
from embtrainer_gui.core.new_folder import new_folder
from embtrainer_gui.core.records import Split
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import data_fingerprint
from embtrainer_gui.ml.model_files import model_fingerprint
from embtrainer_gui.stages.bundle_files import (
    DATA_FILES,
    RESULT,
    RUN,
    Bundle,
    check_files,
    damaged,
    read_bundle,
    read_data,
    read_object,
)
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.model_card import write_card
from embtrainer_gui.stages.passage_table import text_key
from embtrainer_gui.stages.retrieval import Library

MODEL = "final_model/"
OF_A_MODEL = (".json", ".safetensors", ".txt", ".model", ".md")
OF_A_RUN = re.compile(r"events\.jsonl|training_metrics\.jsonl|training_progress\.json|eval/[\w.-]+\.csv")
OWN_MODULES = "sentence_transformers."
LONGEST_HEADER = 100_000_000


def run(ctx: Context, folder: Path) -> dict[str, Any]:
    """Gives the run's summary.

    Raises:
        UserError: a file that is damaged, changed, or does not belong into a run (named); a bundle of another project,
            or of papers that are test papers here; another base model.
        EnvironmentProblem: the project cannot be written.
    """
    project = ctx.project
    ctx.status(mark("Checking the files..."))
    bundle, result = read_bundle(folder), _result(folder)
    if result["bundle"] != bundle.identity:
        raise damaged(folder / "bundle.json", mark("it is not the one that was trained"))
    check_files(folder, {name: bundle.files.get(name, {}) for name in DATA_FILES})
    _check_result(folder / RUN, result["files"])
    _check_base(bundle)
    _check_project(ctx, folder, bundle)
    name = project.runs.free_name()
    summary = _summary(folder, result, name)
    with new_folder(project.models / name) as draft:
        for file in result["files"]:
            copy = draft / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / RUN / file, copy)
    times = [_time(folder, result, key) for key in ("started_at", "finished_at")]
    run_id = project.runs.begin(name, bundle.config.model_dump(), bundle.fingerprint, times[0])
    project.runs.finish(run_id, "done", summary, times[1])
    ctx.items_changed("runs", 1)
    write_card(ctx)
    return summary


def _result(folder: Path) -> dict[str, Any]:
    if not (folder / RESULT).is_file():
        raise UserError(
            mark("{path} holds no result yet: {name} is missing."),
            mark("Train it first, with train.sh in that folder, and copy the whole folder back."),
            path=folder,
            name=RESULT,
        )
    told = read_object(folder / RESULT)
    if not isinstance(told.get("files"), dict) or not all(isinstance(e, dict) for e in told["files"].values()):
        raise damaged(folder / RESULT, mark("it lists no files"))
    return {"bundle": "", **told}


def _check_result(out: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    """Only curves, figures and a model in safetensors that brings no code."""
    for name in files:
        parts = PurePosixPath(name).parts
        of_model = name.startswith(MODEL) and ".." not in parts and name.endswith(OF_A_MODEL)
        if not of_model and not OF_A_RUN.fullmatch(name):
            raise damaged(out / name, mark("no such file belongs into a run: only figures and a model in safetensors"))
    check_files(out, files)
    for name in files:
        if name.endswith(".safetensors"):
            _check_header(out / name)
        if name.endswith(("config.json", "modules.json")):
            _refuse_code(out / name)
    listed = {out / name for name in files}
    for path in (out / MODEL).rglob("*"):
        if path.is_file() and path not in listed:
            raise damaged(path, mark("it was not there when the result was sealed"))
    check_model_folder(out / MODEL)


def _check_header(path: Path) -> None:
    """Eight bytes of length, then JSON: whatever else the file is, it is not run when it is loaded."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        try:
            header = json.loads(file.read(length)) if 0 < length < LONGEST_HEADER else None
        except ValueError:
            header = None
    if not isinstance(header, dict):
        raise damaged(path, mark("it is not in safetensors format"))


def _refuse_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8", errors="replace")
    modules = json.loads(text) if path.name == "modules.json" else []
    foreign = [m for m in modules if not str(m.get("type", "")).startswith(OWN_MODULES)]
    if foreign or '"auto_map"' in text:
        raise damaged(path, mark("the model wants to run code of its own"))


def _check_base(bundle: Bundle) -> None:
    """Compare and Search need the untrained model, and the very one."""
    name = bundle.config.base_model
    if model_fingerprint(model_folder(name)) != bundle.base_hash:
        raise UserError(
            mark("The base model {name} on this computer is another one than the run began with."),
            mark("Put the model back that was there when the run was packed."),
            name=name,
        )


def _check_project(ctx: Context, folder: Path, bundle: Bundle) -> None:
    """The run's passages are the project's, and none is of a test paper: Compare would flatter the model."""
    library, data = Library(ctx.project), read_data(folder)
    splits: dict[str, set[Split | None]] = {}
    for key, passage in zip(library.keys, library.passages, strict=True):
        splits.setdefault(key, set()).add(library.document_of[passage.document_id].split)
    found = [splits.get(text_key(text), set()) for text in (*data.passages, *data.dev.passages)]
    if not any(found):
        raise UserError(
            mark("{path} was packed from another project ({name}): none of its passages is in this one."),
            mark("Import it into the project that it was packed from."),
            path=folder,
            name=bundle.project,
        )
    if any(of == {Split.TEST} for of in found):
        raise UserError(
            mark("The run in {path} was trained on papers that are test papers now: Compare would flatter it."),
            mark("Pack the run again with the split as it is, and train that."),
            path=folder,
        )
    if bundle.fingerprint != data_fingerprint(ctx.project):
        ctx.warn(mark("Papers, accepted questions or the split changed since the run was packed."))


def _summary(folder: Path, result: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Of what the result says only what a run says of itself, each of its kind."""
    try:
        told = result["summary"]
        negatives = told.get("hard_negatives")
        general = report_of(told)
        summary = {
            "run": name,
            **{key: int(told[key]) for key in ("steps", "pairs", "best_step")},
            "dev": {which: _numbers(told["dev"][which]) for which in ("base", "best")},
            "model": f"models/{name}/final_model",
            "seconds": float(told["seconds"]),
            **({"hard_negatives": asdict(NegativesReport(**_numbers(negatives)))} if negatives else {}),
            **({"general": _numbers(asdict(general))} if general else {}),
            "device": str(result["device"])[:200],
        }
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise damaged(folder / RESULT, problem) from problem
    return summary


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in values.items():
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{name}: {value!r}")
    return dict(values)


def _time(folder: Path, result: Mapping[str, Any], key: str) -> str:
    try:
        return datetime.fromisoformat(result[key]).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except (KeyError, TypeError, ValueError) as problem:
        raise damaged(folder / RESULT, problem) from problem
