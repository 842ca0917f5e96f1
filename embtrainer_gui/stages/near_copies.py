"""Passages that are near copies of others: the same text in two papers, preprint and article, boilerplate."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import CopiesConfig
from embtrainer_gui.core.found_file import CopyGroup, NearCopies, stamp_of, write_found
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.near_copies import Group, near_groups
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.model_choice import choice_named
from embtrainer_gui.stages.retrieval import Library

MOST_GROUPS = 1000
MOST_NAMED = 50  # passages of a group


def find(ctx: Context, config: CopiesConfig) -> NearCopies:
    """Groups of passages with at least ``config.least`` between them, the strongest first.

    Raises:
        UserError: no passages, or no tuned model where one is asked for.
    """
    stamp = stamp_of(ctx.project)  # before the work: what changes meanwhile makes it out of date
    library = Library(ctx.project)
    index = library.vectors(choice_named(ctx.project, config.model), ctx)
    rows_of_text: dict[bytes, list[int]] = defaultdict(list)
    for row, digest in enumerate(library.digests):
        rows_of_text[digest.tobytes()].append(row)
    texts = list(rows_of_text.values())  # each with the rows that hold it
    ctx.status(mark("Comparing the passages..."))
    found = near_groups(index.vectors(library.digests[[rows[0] for rows in texts]]), config.least, ctx)
    grouped = {place for group in found for place in group.rows}
    twice = [place for place, rows in enumerate(texts) if len(rows) > 1 and place not in grouped]
    groups = []
    for group in [*(Group((place,), 1.0, 1.0) for place in twice), *found]:
        rows = [row for place in group.rows for row in texts[place]]
        highest = 1.0 if len(rows) > len(group.rows) else group.highest
        named = library.ids[rows[:MOST_NAMED]].tolist()
        groups.append(
            CopyGroup(passages=named, size=len(rows), highest=round(highest, 4), lowest=round(group.lowest, 4))
        )
    groups.sort(key=lambda group: (-group.highest, -group.size))
    return NearCopies(
        stamp=stamp,
        at=utc_now(),
        model=config.model,
        least=config.least,
        groups=groups[:MOST_GROUPS],
        groups_found=len(groups),
        passages=len(library),
    )


def run(ctx: Context, config: CopiesConfig, out: Path) -> dict[str, Any]:
    """Write them to ``out``, which the window reads.

    Raises:
        EnvironmentProblem: ``out`` cannot be written; else as ``find``.
    """
    found = find(ctx, config)
    write_found(out, found)
    return {"path": str(out), "groups": found.groups_found, "passages": sum(group.size for group in found.groups)}
