"""Take the passages with their vectors out of a project, for other programs to search: FAISS or Qdrant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.new_folder import refuse_taken
from embtrainer_gui.core.translate import mark
from embtrainer_gui.export.faiss_index import FaissKind, write_faiss
from embtrainer_gui.export.qdrant_index import qdrant_place, write_qdrant
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.export_project import passage_rows
from embtrainer_gui.stages.retrieval import Library, base_choice, tuned_choice


def export_faiss(ctx: Context, out: Path, kind: FaissKind = "flat") -> dict[str, Any]:
    """Gives ``{"as", "path", "items"}``, as ``export_project.run`` does. Raises as ``write_faiss`` does."""
    refuse_taken(out)  # before the passages are encoded
    library, vectors, length = _encoded(ctx)
    ctx.status(mark("Building the index..."))
    write_faiss(out, vectors, passage_rows(library), length, kind, ctx)
    return {"as": "faiss", "path": str(out), "items": len(library)}


def export_qdrant(ctx: Context, target: str, key: str = "") -> dict[str, Any]:
    """``target`` is a new folder or a server's address. Gives and raises as ``export_faiss``, with ``write_qdrant``."""
    place = qdrant_place(target)
    if place.folder is not None:
        refuse_taken(place.folder)
    library, vectors, length = _encoded(ctx)
    ctx.status(mark("Writing the collection..."))
    write_qdrant(place, vectors, passage_rows(library), length, ctx, key)
    return {"as": "qdrant", "path": target, "items": len(library)}


def _encoded(ctx: Context) -> tuple[Library, NDArray[np.float32], int]:
    """The library, its vectors by the tuned model or else the untrained one, and the length at which it read."""
    library = Library(ctx.project)
    choice = tuned_choice(ctx.project) if ctx.project.runs.latest() else base_choice(ctx.project)
    return library, library.vectors(choice, ctx).vectors(library.digests), choice.max_seq_length
