"""How alike texts are to a model: the cosine of each with each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import SearchModel
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.search_messages import LONGEST_TEXT, MOST_TEXTS
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.model_choice import choice_named
from embtrainer_gui.stages.retrieval import DenseEncoder


def run(ctx: Context, model: SearchModel, texts: Sequence[str]) -> dict[str, Any]:
    """Gives the object that ``similar --json`` prints.

    Raises:
        UserError: fewer than two texts or too many, or no such model.
    """
    if not 2 <= len(texts) <= MOST_TEXTS:
        raise UserError(
            mark("{count} texts were given; two to {most} can be compared."),
            mark("Write each in quotes, or name a file with a line each: --file FILE."),
            count=len(texts),
            most=MOST_TEXTS,
        )
    ctx.status(mark("Loading the model..."))
    matrix = cosines(choice_named(ctx.project, model).encoder(), texts)
    return {"model": model, "texts": list(texts), "cosines": matrix}


def texts_of(path: Path) -> list[str]:
    """The lines of a text file that are not blank.

    Raises:
        UserError: it cannot be read, or holds more text than is compared.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_TEXTS * LONGEST_TEXT + 1)
        lines = content.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else mark("it is no UTF-8 text")
        raise UserError(
            mark("{path} cannot be read: {reason}."),
            mark("Name a text file with a line each."),
            path=path,
            reason=reason,
        ) from problem
    if len(content) > MOST_TEXTS * LONGEST_TEXT:
        raise UserError(
            mark("{path} is too long to compare."),
            mark("At most {most} texts, a line each."),
            path=path,
            most=MOST_TEXTS,
        )
    return [line.strip() for line in lines if line.strip()]


def cosines(encoder: DenseEncoder, texts: Sequence[str]) -> list[list[float]]:
    """Rounded to four digits; read as passages are, which makes it the same in both directions."""
    vectors = encoder.encode_passages(texts)
    matrix: list[list[float]] = (vectors @ vectors.T).round(4).tolist()
    return matrix
