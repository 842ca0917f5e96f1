"""The pairs to review in their order: which ones, and where each stands, for a million of them.

The order is: pending before rejected before accepted, inside each as the filter says (review_order). The queue is a
snapshot of ids (8 bytes each): a pair that is decided keeps its place until the queue is made again. It is read in
slices, each from where the last one ended, so that neither opening nor a search ever holds the window up.
"""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from embtrainer_gui.core import pair_maker
from embtrainer_gui.core.pair_maker import Maker
from embtrainer_gui.core.records import PairState, QAPair, QuestionKind, Reason
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.pairs import COLUMNS, pair_of_row
from embtrainer_gui.core.store.review_order import ANY, Order, Span, SpotCheck, walk

SLICE = 10_000  # pairs looked at in one step: 2 ms
SEARCHED_SLICE = 4_000  # where texts are read too: 3 ms
_SIMILAR = "similar:"
STATES = (PairState.PENDING, PairState.REJECTED, PairState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class PairFilter:
    """Which pairs are shown, and in which order; no states means all of them, ``clean`` those without a reason. Each
    word of ``text`` has to occur; ``#12`` is a number, and ``similar:12`` means the questions that resemble that of
    pair 12."""

    states: tuple[PairState, ...] = (PairState.PENDING,)
    reason: Reason | None = None
    kind: QuestionKind | None = None
    document: int | None = None
    text: str = ""
    clean: bool = False
    order: Order = Order.SUSPICION
    maker: Maker | None = None

    @classmethod
    def similar_to(cls, pair_id: int) -> PairFilter:
        return cls(states=(), text=f"{_SIMILAR}{pair_id}")

    @property
    def similar(self) -> int | None:
        """The pair whose group this filter shows."""
        return _similar(self.text)

    @property
    def is_whole(self) -> bool:
        """Whether it shows all that is to be reviewed, in whatever order."""
        return replace(self, order=Order.SUSPICION) == PairFilter()

    def to_json(self) -> dict[str, Any]:
        return {
            "states": list(self.states),
            "reason": self.reason,
            "kind": self.kind,
            "document": self.document,
            "text": self.text,
            "clean": self.clean,
            "order": self.order,
            "maker": self.maker,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> PairFilter:
        """Read what ``to_json`` gave; the standard filter where that was written by another version."""
        try:
            return cls(
                tuple(PairState(state) for state in kept["states"]),
                Reason(kept["reason"]) if kept["reason"] else None,
                QuestionKind(kept["kind"]) if kept["kind"] else None,
                int(kept["document"]) if kept["document"] is not None else None,
                str(kept["text"]),
                bool(kept.get("clean")),
                Order(kept.get("order", Order.SUSPICION)),
                Maker(kept["maker"]) if kept.get("maker") else None,
            )
        except (KeyError, TypeError, ValueError):
            return cls()


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A pair with where it comes from, as the table and the card show it."""

    pair: QAPair
    document_id: int
    title: str
    file_name: str
    page: int


class ReviewQueue:
    """Ids in order. ``load`` until ``is_complete``; rows that are there already never move."""

    def __init__(self, database: Database, shown: PairFilter | None = None) -> None:
        self._database = database
        self.filter = shown or PairFilter()
        self.ids: array[int] = array("q")
        self.is_complete = False
        self._decided: set[int] = set()
        self._conditions, self._values = _conditions(self.filter, has_removed(database))
        by_chance = self.filter.order is Order.CHANCE
        self._spot_check = SpotCheck() if by_chance else None
        limit = min(SLICE, SEARCHED_SLICE) if self._conditions or by_chance else SLICE
        self._walk = walk(database, self.filter.order, _span(self.filter), limit)

    def __len__(self) -> int:
        return len(self.ids)

    def load(self, seconds: float = 0.01) -> int:
        """Read further slices for about so long; gives how many ids came. At least one slice is read."""
        before, until = len(self.ids), time.monotonic() + seconds
        while not self.is_complete:
            self._load_slice()
            if time.monotonic() >= until:
                break
        return len(self.ids) - before

    def finish(self) -> None:
        """Read all that is left, however long that takes."""
        while not self.is_complete:
            self.load(1.0)

    def position(self, pair_id: int) -> int | None:
        """The row of a pair, among those loaded."""
        try:
            return self.ids.index(pair_id)
        except ValueError:
            return None

    def moved(self, pair_id: int) -> None:
        """A pair was given another state: a later slice must not bring it a second time."""
        if not self.is_complete:
            self._decided.add(pair_id)

    def rows(self, start: int, count: int) -> list[QueueRow]:
        """The rows from ``start``, as they are in the database now."""
        return read_rows(self._database, self.ids[start : start + count])

    def _load_slice(self) -> None:
        found = next(self._walk, None)
        if found is None:
            self.is_complete = True
            if self._spot_check:
                self.ids.extend(pair_id for pair_id in self._spot_check.ids() if pair_id not in self._decided)
            return
        if found and self._conditions:
            found = self._filtered(found)
        if self._decided:
            found = [pair_id for pair_id in found if pair_id not in self._decided]
        if self._spot_check:
            self._spot_check.feed(found)
        else:
            self.ids.extend(found)

    def _filtered(self, ids: list[int]) -> list[int]:
        rows = self._database.rows(
            "SELECT q.id FROM json_each(?) wanted CROSS JOIN pairs q ON q.id = wanted.value"
            f" WHERE {' AND '.join(self._conditions)}",
            (json.dumps(ids), *self._values),
        )
        kept = {row[0] for row in rows}
        return [pair_id for pair_id in ids if pair_id in kept]


def read_rows(database: Database, ids: Sequence[int]) -> list[QueueRow]:
    """The pairs of ``ids``, in that order."""
    rows = database.rows(
        f"SELECT {COLUMNS}, d.id, d.title, s.file_name, p.page FROM json_each(?) wanted"
        " CROSS JOIN pairs q ON q.id = wanted.value JOIN passages p ON p.id = q.passage_id"
        " JOIN documents d ON d.id = p.document_id JOIN sources s ON s.id = d.source_id ORDER BY wanted.key",
        (json.dumps(list(ids)),),
    )
    return [QueueRow(pair_of_row(row), *row[-4:]) for row in rows]


def has_removed(database: Database) -> bool:
    """Whether a paper was taken out of the project: its pairs are not shown."""
    return bool(database.one("SELECT EXISTS (SELECT 1 FROM sources WHERE removed_at IS NOT NULL)"))


def clean_pending(database: Database) -> ReviewQueue:
    """All pending pairs that no check has flagged."""
    return ReviewQueue(database, PairFilter(clean=True))


def _span(shown: PairFilter) -> Span:
    states = [state for state in STATES if not shown.states or state in shown.states]
    most = 0 if shown.clean else ANY
    return Span(states, 1 if shown.reason else 0, most, shown.kind, shown.document)


def _conditions(shown: PairFilter, without_removed: bool) -> tuple[list[str], list[object]]:
    """SQL on ``pairs q`` for all that the index of the queue does not tell."""
    conditions: list[str] = []
    values: list[object] = []
    if shown.clean and shown.order is Order.PAPER:
        conditions.append("q.severity = 0")
    if shown.reason:
        conditions.append("instr(q.reasons, ?) > 0")
        values.append(json.dumps(shown.reason.value))
    if shown.kind:
        conditions.append("q.kind = ?")
        values.append(shown.kind)
    if shown.maker:
        conditions.append(pair_maker.condition(shown.maker))
    if shown.document is not None:
        conditions.append("q.passage_id IN (SELECT id FROM passages WHERE document_id = ?)")
        values.append(shown.document)
    for word in shown.text.split():
        if word.startswith("#") and word[1:].isdecimal():
            conditions.append("q.id = ?")
            values.append(int(word[1:]))
        elif (pair_id := _similar(word)) is not None:
            conditions.append("q.alike = (SELECT alike FROM pairs WHERE id = ?)")
            values.append(pair_id)
        else:
            conditions.append("(q.question LIKE ? ESCAPE '\\' OR q.answer LIKE ? ESCAPE '\\')")
            values += [_anywhere(word)] * 2
    if without_removed:
        conditions.append(
            "q.passage_id NOT IN (SELECT p.id FROM passages p JOIN documents d ON d.id = p.document_id"
            " JOIN sources s ON s.id = d.source_id WHERE s.removed_at IS NOT NULL)"
        )
    return conditions, values


def _similar(text: str) -> int | None:
    number = text.removeprefix(_SIMILAR)
    return int(number) if number != text and number.isdecimal() else None


def _anywhere(word: str) -> str:
    for special in ("\\", "%", "_"):
        word = word.replace(special, f"\\{special}")
    return f"%{word}%"
