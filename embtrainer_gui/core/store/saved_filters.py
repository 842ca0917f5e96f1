"""Filters of the review that the user gave a name; they belong to the project."""

from __future__ import annotations

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.store.meta import MetaStore
from embtrainer_gui.core.store.review_queue import PairFilter
from embtrainer_gui.core.translate import mark

KEY = "review_filters"
MOST, LONGEST = 30, 60


class SavedFilters:
    def __init__(self, meta: MetaStore) -> None:
        self._meta = meta

    def all(self) -> dict[str, PairFilter]:
        """``{name: filter}`` by name; what another version wrote and nobody can read becomes the standard filter."""
        kept = self._meta.get(KEY, {})
        return {name: PairFilter.from_json(kept[name]) for name in sorted(kept, key=str.casefold)}

    def save(self, name: str, shown: PairFilter) -> None:
        """Keep a filter under a name; one that had it before is replaced.

        Raises:
            UserError: no name, or a too long one, or too many filters.
        """
        name, kept = " ".join(name.split()), self._meta.get(KEY, {})
        if not name or len(name) > LONGEST:
            raise UserError(
                mark("A filter needs a name of at most {most} characters."), mark("Type another name."), most=LONGEST
            )
        if name not in kept and len(kept) >= MOST:
            raise UserError(mark("There are {most} saved filters already."), mark("Remove one first."), most=MOST)
        self._meta.set(KEY, {**kept, name: shown.to_json()})

    def remove(self, name: str) -> None:
        kept = self._meta.get(KEY, {})
        self._meta.set(KEY, {other: kept[other] for other in kept if other != name})
