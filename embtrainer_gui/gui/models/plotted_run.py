"""A training run as the charts show it. No Qt, no numpy."""

from __future__ import annotations

from dataclasses import dataclass

from embtrainer_gui.gui.models.run_history import RunHistory

TOKENS = ("accent", "warn", "good", "bad", "text-2")


@dataclass(frozen=True, slots=True)
class PlottedRun:
    """``token`` is its colour; the first one shown is the one that the notes speak of."""

    name: str
    history: RunHistory
    token: str = "accent"


def run_token(number: int) -> str:
    """The colour of the ``number``-th run that is drawn."""
    return TOKENS[number % len(TOKENS)]
