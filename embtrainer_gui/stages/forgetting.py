"""The forgetting check: the untrained and the saved model on general questions that ship with the program.

It is a report. No model is chosen by it, or it would be a second dev set.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.errors import AppError, Cancelled
from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.general_report import GeneralReport
from embtrainer_gui.core.settings import resource_path
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.evaluate import bootstrap
from embtrainer_gui.ml.model_files import model_fingerprint
from embtrainer_gui.ml.request import DevSet
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.question_set import folder_set

LONGEST = 128  # tokens: two thirds of the cost of 256, and a passage says its point at the beginning
KNOWN = "general.json"  # in a project's index: scores of the untrained model
CHARACTERS_A_TOKEN = 5
DIGITS = 4


class GeneralSet(NamedTuple):
    """``articles[i]``: the number of the article that question i is about."""

    dev: DevSet
    articles: list[int]


@cache
def general_set() -> GeneralSet:
    """300 questions over 400 passages of MedQuAD (resources/general)."""
    folder = resource_path("general", "corpus.jsonl").parent
    found = folder_set(folder)
    with (folder / "corpus.jsonl").open(encoding="utf-8") as file:
        articles = [json.loads(line)["document"] for line in file]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(articles))}
    of_question = [numbers[articles[next(iter(rows))]] for rows in found.relevant]
    return GeneralSet(DevSet(found.questions, found.texts, found.relevant), of_question)


def characters_encoded(index: Path) -> int:
    """Of all texts of a check, which encodes them with the saved model, and with the untrained one where its scores
    are not known yet."""
    found = general_set().dev
    each = sum(map(len, found.questions)) + sum(len(text[: LONGEST * CHARACTERS_A_TOKEN]) for text in found.passages)
    return each * (1 if (index / KNOWN).exists() else 2)


def general_record(
    ctx: JobContext, base: Path, tuned: Path, max_seq_length: int, index: Path | None = None
) -> dict[str, Any]:
    """``{"general": GeneralReport}`` for a summary; nothing, with a warning, where it cannot be measured: that must not
    lose a model that is saved. A run that is stopped here is done without it.

    ``index`` keeps the scores of the untrained model for the next run.
    """
    try:
        return {"general": asdict(general_report(ctx, base, tuned, max_seq_length, index))}
    except Cancelled:
        return {}
    except AppError as problem:
        ctx.warn(mark("The forgetting check could not be made: {reason}").format(reason=problem))
        return {}


def general_report(
    ctx: JobContext, base: Path, tuned: Path, max_seq_length: int, index: Path | None = None
) -> GeneralReport:
    """Raises what loading a model raises."""
    ctx.status(mark("Forgetting check: searching general questions..."))
    length = min(max_seq_length, LONGEST)
    before = _untrained(ctx, base, length, index)
    same = model_fingerprint(base) == model_fingerprint(tuned)
    now = before if same else scores(ctx, tuned, length)
    low, high = bootstrap(now - before, general_set().articles)
    figures = (float(value) for value in (before.mean(), now.mean(), (now - before).mean(), low, high))
    return GeneralReport(len(before), len(general_set().dev.passages), *(round(value, DIGITS) for value in figures))


def _untrained(ctx: JobContext, base: Path, max_seq_length: int, index: Path | None) -> NDArray[np.float64]:
    key = [model_fingerprint(base), max_seq_length]
    if index is None:
        return scores(ctx, base, max_seq_length)
    try:
        known = json.loads((index / KNOWN).read_text(encoding="utf-8"))
        if known["key"] == key:
            return np.array(known["ndcg@10"], dtype=np.float64)
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not measured yet, or damaged: it is measured again
    found = scores(ctx, base, max_seq_length)
    atomic_write_json(index / KNOWN, {"key": key, "ndcg@10": found.tolist()})
    return found


def scores(ctx: JobContext, model: Path, max_seq_length: int) -> NDArray[np.float64]:
    """nDCG@10 (n,) of each general question, by the model in a folder."""
    from embtrainer_gui.ml.dev_search import DevSearch
    from embtrainer_gui.ml.loading import load_model

    loaded = load_model(model, max_seq_length)
    found, _ = DevSearch(loaded, general_set().dev).each(loaded, ctx)
    return found.ndcg10
