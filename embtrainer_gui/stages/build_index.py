"""Make searches of a large library quick: encode what is new, and make the codes that are scanned for candidates.

A search answers without this as well, by a scan of all vectors. ``Library.nearest(...).how`` tells which one answers.
"""

from __future__ import annotations

from typing import Any

from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.code_index import make_codes
from embtrainer_gui.ml.passage_index import is_due, open_index
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library, base_choice, tuned_choice


def run(ctx: Context) -> dict[str, Any]:
    """Bring the index of the untrained model and of the tuned one up to date.

    Gives ``{"passages", "encoded", "indexes": {model: {"how", "recall", "candidates"}}}``: ``recall`` of the ten
    nearest as measured when codes were made, None where none were needed. What was encoded stays where it is stopped;
    codes are made wholly or not at all.

    Raises:
        UserError: no passages.
        EnvironmentProblem: the disk refuses.
    """
    library, encoded = Library(ctx.project, ctx.workplace), 0
    choices = {"base": base_choice(ctx.project)}
    if ctx.project.runs.latest():
        choices["tuned"] = tuned_choice(ctx.project)
    indexes: dict[str, dict[str, Any]] = {}
    for name, choice in choices.items():
        before = library.unencoded(choice)
        vectors = library.vectors(choice, ctx)
        encoded += before
        rows = vectors.rows(library.digests)
        index, made = open_index(vectors, rows), None
        if is_due(index, len(library)):
            ctx.status(mark("Building the search index..."))
            made = make_codes(vectors, ctx)
            index = open_index(vectors, rows)
        recall, candidates = (round(made.recall, 4), made.candidates) if made else (None, None)
        indexes[name] = {"how": index.how, "recall": recall, "candidates": candidates}
    return {"passages": len(library), "encoded": encoded, "indexes": indexes}
