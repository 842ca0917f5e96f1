"""Take things out of a project: passages, pairs, the tuned model, settings, the methods paragraph."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.files import atomic_write, atomic_write_json, atomic_write_text
from embtrainer_gui.core.lineage import without_path
from embtrainer_gui.core.model_licence import CARD
from embtrainer_gui.core.new_folder import new_folder
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.translate import mark
from embtrainer_gui.export.citations import references_text
from embtrainer_gui.export.methods import methods_text, model_name
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.model_card import card_of
from embtrainer_gui.stages.pair_files import export_pairs
from embtrainer_gui.stages.project_record import project_record
from embtrainer_gui.stages.retrieval import Library, tuned_choice

Kind = Literal["model", "passages", "jsonl", "beir", "settings", "methods", "onnx"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ROWS_AT_ONCE = 1000


def run(ctx: Context, kind: Kind, out: Path) -> dict[str, Any]:
    """Write ``out``; gives ``{"as", "path", "items"}``.

    Raises:
        UserError: nothing of that kind to export, or ``out`` is taken.
        EnvironmentProblem: ``out`` cannot be written; what stood there is untouched.
    """
    if kind == "onnx":
        from embtrainer_gui.stages import onnx_export

        return onnx_export.run(ctx, out)
    writers = {
        "passages": _passages,
        "model": _model,
        "jsonl": _pairs,
        "beir": _beir,
        "settings": _settings,
        "methods": _methods,
    }
    return {"as": kind, "path": str(out), "items": writers[kind](ctx, out)}


def passage_rows(library: Library) -> Iterator[dict[str, Any]]:
    """One object for each passage in use, in reading order."""
    for start in range(0, len(library), ROWS_AT_ONCE):
        for passage in library.passages_at(range(start, min(start + ROWS_AT_ONCE, len(library)))):
            document = library.document_of[passage.document_id]
            yield {
                "_id": passage.key,
                "title": document.title,
                "text": passage.text,
                "document": document.file_name,
                "page": passage.page,
                "section": passage.section,
                "boxes": [list(box) for box in passage.boxes],
            }


def _passages(ctx: Context, out: Path) -> int:
    library = Library(ctx.project)

    def write(file: BinaryIO) -> None:
        for row in passage_rows(library):
            file.write((json.dumps(row, ensure_ascii=False) + "\n").encode())

    atomic_write(out, write)
    return len(library)


def _model(ctx: Context, out: Path) -> int:
    choice = tuned_choice(ctx.project)
    with new_folder(out) as draft:
        shutil.copytree(choice.folder, draft, dirs_exist_ok=True)
        without_path(draft)
        (draft / CARD).write_text(card_of(ctx.project), encoding="utf-8")  # with what was compared since
    return 1


def _pairs(ctx: Context, out: Path) -> int:
    return export_pairs(ctx.project, out, "jsonl", {PairState.ACCEPTED})


def _beir(ctx: Context, out: Path) -> int:
    return export_pairs(ctx.project, out, "beir", {PairState.ACCEPTED})


def _settings(ctx: Context, out: Path) -> int:
    record = project_record(ctx.project)
    if record["training"]:  # a folder of this computer says nothing elsewhere
        config = record["training"]["config"]
        record["training"]["config"] = {**config, "base_model": model_name(str(config["base_model"]))}
    atomic_write_json(out, record)
    return 1


def _methods(ctx: Context, out: Path) -> int:
    record = project_record(ctx.project)
    if record["training"] is None:
        raise UserError(
            mark("There is nothing to describe: this project has no tuned model yet."),
            mark("Train one first: embtrainer train {path}"),
            path=ctx.project.folder,
        )
    atomic_write_text(out, f"{methods_text(record)}\n{references_text(record)}")
    return 1
