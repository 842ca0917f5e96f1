"""The orders in which pairs are reviewed. Each walk gives ids in slices, so that a million of them hold nothing up."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from embtrainer_gui.core.records import PairState, QuestionKind
from embtrainer_gui.core.store.database import Database

SPOT_CHECK = 400  # pairs taken by chance: more than that tells hardly more, see core.review_stop
_MASK = (1 << 64) - 1
ANY = 1 << 31  # reasons: more than any pair has


class Order(StrEnum):
    SUSPICION = "suspicion"  # most reasons first
    PAPER = "paper"  # as one reads: paper by paper, passage by passage
    KIND = "kind"  # one kind of question after the other, in each the most reasons first
    CHANCE = "chance"  # a sample, from which one may conclude to the others


@dataclass(frozen=True, slots=True)
class Span:
    """What a walk goes through: states in their order, and how many reasons a pair has (``least`` to ``most``)."""

    states: Sequence[PairState]
    least: int = 0
    most: int = ANY
    kind: QuestionKind | None = None
    document: int | None = None


def walk(database: Database, order: Order, span: Span, limit: int) -> Iterator[list[int]]:
    """Ids of pairs in slices of at most ``limit``, which may be empty.

    All orders keep to the states, and all but ``PAPER`` to the reasons. The kind and the paper only spare a walk what
    it need not look at: whoever reads the slices filters them.
    """
    if order is Order.PAPER:
        return _by_paper(database, span, limit)
    return _by_kind(database, span, limit) if order is Order.KIND else _by_suspicion(database, span, limit)


def _by_suspicion(database: Database, span: Span, limit: int) -> Iterator[list[int]]:
    for state in span.states:
        for severity in _hops(database, "pairs WHERE state = ?", (state,), span):
            where = "pairs INDEXED BY pairs_queue WHERE state = ? AND severity = ?"
            yield from _slices(database, where, (state, severity), limit)


def _by_kind(database: Database, span: Span, limit: int) -> Iterator[list[int]]:
    for state in span.states:
        for kind in (span.kind,) if span.kind else QuestionKind:
            within = "pairs INDEXED BY pairs_kind WHERE state = ? AND kind = ?"
            for severity in _hops(database, within, (state, kind), span):
                yield from _slices(database, f"{within} AND severity = ?", (state, kind, severity), limit)


def _hops(database: Database, within: str, values: tuple[object, ...], span: Span) -> Iterator[int]:
    """The numbers of reasons that occur, most first, found by hops in the index."""
    sql = f"SELECT max(severity) FROM {within} AND severity < ?"
    found = database.one(sql, (*values, span.most + 1))
    while found is not None and found >= span.least:
        yield int(found)
        found = database.one(sql, (*values, found))


def _slices(database: Database, where: str, values: tuple[object, ...], limit: int) -> Iterator[list[int]]:
    after, length = 0, limit
    while length == limit:
        rows = database.rows(f"SELECT id FROM {where} AND id > ? ORDER BY id LIMIT ?", (*values, after, limit))
        length = len(rows)
        if rows:
            after = rows[-1][0]
            yield [row[0] for row in rows]


def _by_paper(database: Database, span: Span, limit: int) -> Iterator[list[int]]:
    documents = [span.document]
    if span.document is None:
        documents = [row[0] for row in database.rows("SELECT id FROM documents ORDER BY id")]
    sql = (
        "SELECT p.number, q.id FROM passages p CROSS JOIN pairs q ON q.passage_id = p.id AND q.state = ?"
        " WHERE p.document_id = ? AND p.number >= ? AND (p.number > ? OR q.id > ?) ORDER BY p.number, q.id LIMIT ?"
    )
    for state in span.states:
        for document in documents:
            number, last, length = -1, 0, limit
            while length == limit:
                rows = database.rows(sql, (state, document, number, number, last, limit))
                length = len(rows)
                if rows:
                    number, last = rows[-1]
                yield [row[1] for row in rows]


class SpotCheck:
    """The pairs that chance takes of those that are fed to it: those whose ids have the lowest hashes (a bottom-k
    sample; Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007).

    A pair that is decided leaves the sample and the next one comes in; the others stay, also after a restart.
    """

    def __init__(self, size: int = SPOT_CHECK, rank: Callable[[int], int] | None = None) -> None:
        self._size, self._rank = size, rank or chance_rank
        self._taken: list[tuple[int, int]] = []

    def feed(self, ids: Sequence[int]) -> None:
        rank = self._rank
        fresh = heapq.nsmallest(self._size, ((rank(pair_id), pair_id) for pair_id in ids))
        self._taken = sorted([*self._taken, *fresh])[: self._size]

    def ids(self) -> list[int]:
        return [pair_id for _, pair_id in self._taken]


def chance_rank(number: int) -> int:
    """A fixed hash of an id, even over 64 bits (SplitMix64; Steele, Lea and Flood, OOPSLA 2014)."""
    mixed = (number * 0x9E3779B97F4A7C15) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)
