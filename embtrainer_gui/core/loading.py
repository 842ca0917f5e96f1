"""Few collections of garbage while libraries load: they make half a million objects and no cycles, and each collection
walks over those that are there (a sixth of the processor time until a model stands: 6.2 s, 5.4 s without)."""

from __future__ import annotations

import gc

WHILE_LOADING = 50_000  # new objects between two collections
_USUAL = gc.get_threshold()


def begin_loading() -> None:
    """The process is about to load its libraries."""
    gc.set_threshold(WHILE_LOADING)


def end_loading() -> None:
    """They are there: from now on garbage, which may hold large arrays, goes as soon as it usually does."""
    gc.set_threshold(*_USUAL)
