"""Shares of the kinds of questions, as people type them: ``fact=3, method=2``."""

from __future__ import annotations

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.core.translate import mark

ASKABLE = tuple(kind for kind in QuestionKind if kind is not QuestionKind.UNKNOWN)


def read_kinds(text: str) -> dict[QuestionKind, float]:
    """``{kind: share}`` that add up to 1; a kind without a number counts once, and no text is all kinds alike.

    Raises:
        ValueError: an unknown kind, one that is named twice, or a share that is no number above 0.
    """
    weights: dict[QuestionKind, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in ASKABLE:
            raise ValueError(mark("{name} is no kind; there are {kinds}").format(name=name, kinds=", ".join(ASKABLE)))
        kind = QuestionKind(name)
        if kind in weights:
            raise ValueError(mark("{name} is named twice").format(name=name))
        weights[kind] = _weight(name, number or "1")
    weights = weights or dict.fromkeys(ASKABLE, 1.0)
    total = sum(weights.values())
    return {kind: weight / total for kind, weight in weights.items()}


def checked_kinds(text: str) -> str:
    """The same text; raises ValueError as ``read_kinds`` does."""
    read_kinds(text)
    return text


def _weight(name: str, number: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = 0.0
    if not 0 < weight < 1e6:
        raise ValueError(mark("the share of {name} must be a number above 0").format(name=name))
    return weight
