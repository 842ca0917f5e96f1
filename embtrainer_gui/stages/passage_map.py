"""The map of passages: where the untrained and the tuned model see each of them, and the clusters that they form."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.config import MapConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.files import atomic_write
from embtrainer_gui.core.found_file import PassageMap, stamp_of, write_found
from embtrainer_gui.core.interchange.csv_rows import neutralised
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.clusters import clusters_of, suitable_count
from embtrainer_gui.ml.map_layout import lay_out
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.model_choice import choice_named
from embtrainer_gui.stages.retrieval import Library
from embtrainer_gui.text.cluster_words import cluster_names

DIGITS = 4
STATUS = {
    "base": mark("Placing the passages by the untrained model..."),
    "tuned": mark("Placing the passages by the tuned model..."),
}


def run(ctx: Context, config: MapConfig, out: Path) -> dict[str, Any]:
    """Write the map to ``out``: as CSV where its name ends so, else as the file that the window reads.

    Raises:
        UserError: the project has fewer than two passages.
        EnvironmentProblem: ``out`` cannot be written.
    """
    stamp = stamp_of(ctx.project)  # before the work: what changes meanwhile makes it out of date
    library = Library(ctx.project)
    rows = _drawn(len(library), config)
    if len(rows) < 2:
        raise UserError(mark("A map needs two passages at least."), mark("Import more papers."))
    if len(rows) < len(library):
        text = mark("The map shows {shown} of {total} passages, drawn by lot.")
        ctx.warn(text.format(shown=len(rows), total=len(library)))
    found = _map(ctx, config, library, rows, stamp)
    if out.suffix.lower() == ".csv":
        _write_csv(out, found, library, rows)
    else:
        write_found(out, found)
    return {
        "path": str(out),
        "points": len(rows),
        "passages": len(library),
        "models": list(found.layouts),
        "clusters": found.names,
    }


def _drawn(total: int, config: MapConfig) -> NDArray[np.int64]:
    if total <= config.most:
        return np.arange(total)
    return np.sort(np.random.default_rng(config.seed).choice(total, config.most, replace=False))


def _map(ctx: Context, config: MapConfig, library: Library, rows: NDArray[np.int64], stamp: str) -> PassageMap:
    models = ["base", *(["tuned"] if ctx.project.runs.latest() is not None else [])]
    layouts: dict[str, NDArray[np.float64]] = {}
    vectors: NDArray[np.float32] = np.empty((0, 0), np.float32)
    threads = int(os.environ.get("OMP_NUM_THREADS") or 0) or os.cpu_count() or 1
    for model in models:
        index = library.vectors(choice_named(ctx.project, model), ctx)
        vectors = index.vectors(library.digests[rows])
        ctx.status(STATUS[model])
        layouts[model] = lay_out(vectors, config.seed, ctx, layouts.get("base"), threads)
    ctx.status(mark("Looking for clusters..."))
    clusters = clusters_of(vectors, config.clusters or suitable_count(len(rows)), config.seed)
    names = cluster_names([passage.text for passage in library.passages_at(rows.tolist())], clusters.tolist())
    return PassageMap(
        stamp=stamp,
        at=utc_now(),
        passages=library.ids[rows].tolist(),
        total=len(library),
        layouts=_scaled(layouts),
        clusters=clusters.tolist(),
        names=names,
        clustered_by=models[-1],
    )


def _scaled(layouts: dict[str, NDArray[np.float64]]) -> dict[str, tuple[list[float], list[float]]]:
    """The untrained one from -1 to 1; the others by the same shift and scale."""
    first = layouts["base"]
    middle = (first.max(axis=0) + first.min(axis=0)) / 2
    reach = float(np.abs(first - middle).max()) or 1.0
    scaled = {model: ((places - middle) / reach).round(DIGITS) for model, places in layouts.items()}
    return {model: (places[:, 0].tolist(), places[:, 1].tolist()) for model, places in scaled.items()}


def _write_csv(path: Path, found: PassageMap, library: Library, rows: NDArray[np.int64]) -> None:
    axes = [(f"{axis}_{model}", values) for model, layout in found.layouts.items()
            for axis, values in zip("xy", layout, strict=True)]  # fmt: skip

    def write(file: BinaryIO) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        table = csv.writer(text)
        names = [name for name, _ in axes]
        table.writerow(["passage", "document", "title", "page", "section", "cluster", "cluster_words", *names, "text"])
        for place, passage in enumerate(library.passages_at(rows.tolist())):
            document = library.document_of[passage.document_id]
            cluster = found.clusters[place]
            words = [passage.id, document.file_name, document.title, passage.page, passage.section, cluster + 1]
            cells = [neutralised(str(word)) for word in (*words, found.names[cluster])]
            table.writerow([*cells, *(values[place] for _, values in axes), neutralised(passage.text)])
        text.detach()  # flushes, and leaves the file to its owner

    atomic_write(path, write)
