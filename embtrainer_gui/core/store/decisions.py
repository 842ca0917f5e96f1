"""The journal of decisions: each can be taken back and made again, also after a restart.

A batch is one act of the user: one pair, or thousands by one click. Undo takes the newest batch that stands; redo takes
the oldest one above it that was undone, unless a new decision has come since: that one ends the line of redos.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import apsw

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store.backups import steps_before
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.documents import PAUSE_SECONDS, ROWS_PER_TRANSACTION

MANY = 50  # decisions at once that a backup is made before
ENDED = 2  # ``undone`` of the first row of a batch that is no redo any more: rows of a million are not written anew
_WHY = ": "  # between the action and its reason


class Act(StrEnum):
    """What the user did; stored as the action of a decision."""

    ACCEPT = "accept"
    REJECT = "reject"
    LATER = "later"
    EDIT = "edit"
    NEW = "new"
    ACCEPT_SHOWN = "accept shown"
    REJECT_SHOWN = "reject shown"
    KEEP_FIRST = "keep first"
    ACCEPT_CLEAN = "accept clean"
    ACCEPT_ALL = "accept all"


class Why(StrEnum):
    """Why a pair was rejected, where the reviewer says so."""

    WRONG_ANSWER = "wrong-answer"
    UNCLEAR = "unclear"
    NEEDS_PAPER = "needs-paper"
    TOO_EASY = "too-easy"
    BAD_PASSAGE = "bad-passage"


@dataclass(frozen=True, slots=True)
class Batch:
    """One act in the journal; ``pair_id`` is its first pair, ``count`` how many it changed."""

    number: int
    act: str  # of Act, or what a newer version wrote
    why: str
    pair_id: int
    count: int
    before: PairState
    after: PairState
    at: str


@dataclass(frozen=True, slots=True)
class Texts:
    """What an edit changes."""

    question: str
    answer: str


class DecisionStore:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: dict[int, int] = {}  # a batch of a million is counted once

    def decide(self, pair_id: int, state: PairState, act: Act, at: str) -> Batch | None:
        """Give one pair a state; None where it has it already. On the disk when this returns."""
        with self._database.transaction() as connection:
            before = _state(connection, pair_id)
            if before == state and act is not Act.LATER:
                return None
            number = next_number(connection)
            journal(connection, number, act, [(pair_id, before, state)], at)
            connection.execute("UPDATE pairs SET state = ? WHERE id = ?", (state, pair_id))
        return Batch(number, act, "", pair_id, 1, before, state, at)

    def later(self, pair_id: int, at: str) -> Batch | None:
        """Put a pair off: it keeps its state, and undo comes back to it."""
        state = PairState(self._database.one("SELECT state FROM pairs WHERE id = ?", (pair_id,)))
        return self.decide(pair_id, state, Act.LATER, at)

    def edit(self, pair_id: int, texts: Texts, at: str) -> Batch:
        """Change the question and the answer, and accept the pair; it has to be checked again."""
        with self._database.transaction() as connection:
            row = next(iter(connection.execute("SELECT state, question, answer FROM pairs WHERE id = ?", (pair_id,))))
            number = next_number(connection)
            change = {
                "before": {"question": row[1], "answer": row[2]},
                "after": {"question": texts.question, "answer": texts.answer},
            }
            journal(connection, number, Act.EDIT, [(pair_id, row[0], PairState.ACCEPTED)], at, change)
            _write_texts(connection, pair_id, change["after"])
            connection.execute("UPDATE pairs SET state = ? WHERE id = ?", (PairState.ACCEPTED, pair_id))
        return Batch(number, Act.EDIT, "", pair_id, 1, PairState(row[0]), PairState.ACCEPTED, at)

    def bulk(self, pair_ids: Sequence[int], state: PairState, act: str, at: str) -> Iterator[tuple[int, int]]:
        """Give many pairs a state as one batch; yields ``(pairs looked at, pairs changed)`` after each transaction.

        A backup comes first, where there is no fresh one: it yields ``(0, 0)`` between its steps.
        """
        number, changed = 0, 0
        if len(pair_ids) >= MANY:
            yield from ((0, 0) for _ in steps_before(self._database.path.parent, "bulk"))
        for start in range(0, len(pair_ids), ROWS_PER_TRANSACTION):
            block = list(pair_ids[start : start + ROWS_PER_TRANSACTION])
            with self._database.transaction() as connection:
                rows = list(
                    connection.execute(
                        "SELECT id, state FROM pairs WHERE id IN (SELECT value FROM json_each(?)) AND state != ?",
                        (json.dumps(block), state),
                    )
                )
                number = number or (next_number(connection) if rows else 0)
                journal(connection, number, act, [(pair_id, before, state) for pair_id, before in rows], at)
                connection.executemany("UPDATE pairs SET state = ? WHERE id = ?", [(state, row[0]) for row in rows])
            changed += len(rows)
            yield start + len(block), changed

    def say_why(self, number: int, why: Why) -> None:
        """Add the reason to a rejection that stands in the journal."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE decisions SET action = ? WHERE batch = ? AND (action = ? OR action LIKE ?)",
                (f"{Act.REJECT}{_WHY}{why}", number, Act.REJECT, f"{Act.REJECT}{_WHY}%"),
            )

    def next_undo(self) -> Batch | None:
        """What ``undo`` would take back."""
        number = self._newest_standing()
        return None if number is None else self._batch(number)

    def next_redo(self) -> Batch | None:
        """What ``redo`` would make again."""
        standing = self._newest_standing()
        if standing is not None and self._edge(standing, "DESC")[1] == 1:
            return self._batch(standing)  # a redo of many that was interrupted
        above = standing or 0
        while (number := self._database.one("SELECT min(batch) FROM decisions WHERE batch > ?", (above,))) is not None:
            if self._edge(number, "ASC")[1] != ENDED:
                return self._batch(int(number))
            above = int(number)
        return None

    def undo_steps(self, batch: Batch) -> Iterator[int]:
        """Take a batch back, last pair first; yields the number of pairs after each transaction."""
        return self._turn(batch.number, undone=True)

    def redo_steps(self, batch: Batch) -> Iterator[int]:
        """Make an undone batch again, first pair first; yields the number of pairs after each transaction."""
        return self._turn(batch.number, undone=False)

    def undo(self) -> Batch | None:
        """Take back the newest act that stands, whole; None where there is none."""
        batch = self.next_undo()
        if batch:
            for _ in self.undo_steps(batch):
                time.sleep(PAUSE_SECONDS if batch.count > ROWS_PER_TRANSACTION else 0)
        return batch

    def redo(self) -> Batch | None:
        """Make the act again that was undone last, whole; None where there is none."""
        batch = self.next_redo()
        if batch:
            for _ in self.redo_steps(batch):
                time.sleep(PAUSE_SECONDS if batch.count > ROWS_PER_TRANSACTION else 0)
        return batch

    def recent(self, limit: int = 10) -> list[Batch]:
        """The last acts that stand, newest first."""
        found: list[Batch] = []
        number = self._newest_standing()
        while number is not None and len(found) < limit:
            found.append(self._batch(number))
            number = self._standing_below(number)
        return found

    def _newest_standing(self) -> int | None:
        newest = self._database.one("SELECT max(batch) FROM decisions")
        return None if newest is None else self._standing_below(int(newest) + 1)

    def _standing_below(self, number: int) -> int | None:
        """Hops from batch to batch by the index: the rows of a batch of a million are not walked through.

        Undo goes from the last row to the first, redo the other way: the first row tells whether anything stands.
        """
        below = self._database.one("SELECT max(batch) FROM decisions WHERE batch < ?", (number,))
        while below is not None and self._edge(below, "ASC")[1]:
            below = self._database.one("SELECT max(batch) FROM decisions WHERE batch < ?", (below,))
        return None if below is None else int(below)

    def _edge(self, number: int, order: str) -> tuple[int, int]:
        """``(id, undone)`` of the first or last row of a batch."""
        sql = f"SELECT id, undone FROM decisions WHERE batch = ? ORDER BY id {order} LIMIT 1"
        row = self._database.rows(sql, (number,))[0]
        return int(row[0]), int(row[1])

    def _batch(self, number: int) -> Batch:
        if number not in self._counts:
            count = self._database.one("SELECT count(*) FROM decisions WHERE batch = ?", (number,))
            self._counts[number] = int(count)
        row = self._database.rows(
            "SELECT action, pair_id, before, after, at FROM decisions WHERE batch = ? ORDER BY id LIMIT 1", (number,)
        )[0]
        act, _, why = row[0].partition(_WHY)
        return Batch(number, act, why, row[1], self._counts[number], PairState(row[2]), PairState(row[3]), row[4])

    def _turn(self, number: int, *, undone: bool) -> Iterator[int]:
        order, column, text = ("DESC", "before", "before") if undone else ("ASC", "after", "after")
        done = 0
        while True:
            with self._database.transaction() as connection:
                rows = list(
                    connection.execute(
                        f"SELECT id, pair_id, {column}, edit FROM decisions WHERE batch = ? AND undone != ?"
                        f" ORDER BY id {order} LIMIT ?",
                        (number, undone, ROWS_PER_TRANSACTION),
                    )
                )
                connection.executemany("UPDATE pairs SET state = ? WHERE id = ?", [(row[2], row[1]) for row in rows])
                for row in rows:
                    if row[3]:
                        _write_texts(connection, row[1], json.loads(row[3])[text])
                connection.executemany("UPDATE decisions SET undone = ? WHERE id = ?", [(undone, r[0]) for r in rows])
            done += len(rows)
            if rows:
                yield done
            if len(rows) < ROWS_PER_TRANSACTION:
                return


def next_number(connection: apsw.Connection) -> int:
    """The number of the next batch, which ends the line of redos; call it inside the transaction that uses it."""
    newest = below = int(next(iter(connection.execute("SELECT coalesce(max(batch), 0) FROM decisions")))[0])
    first = "SELECT id, undone FROM decisions WHERE batch = ? ORDER BY id LIMIT 1"
    while below and (row := next(iter(connection.execute(first, (below,)))))[1]:
        connection.execute("UPDATE decisions SET undone = ? WHERE id = ?", (ENDED, row[0]))
        query = connection.execute("SELECT coalesce(max(batch), 0) FROM decisions WHERE batch < ?", (below,))
        below = int(next(iter(query))[0])
    last = "SELECT id FROM decisions WHERE batch = ? ORDER BY id DESC LIMIT 1"  # of one that was taken back in part
    connection.execute(f"UPDATE decisions SET undone = ? WHERE undone = 1 AND id = ({last})", (ENDED, below))
    return newest + 1


def journal(
    connection: apsw.Connection,
    number: int,
    act: str,
    changes: Sequence[tuple[int, str, str]],
    at: str,
    edit: dict[str, Any] | None = None,
) -> None:
    """Write ``(pair id, state before, state after)`` of one batch."""
    note = json.dumps(edit) if edit else None
    connection.executemany(
        "INSERT INTO decisions (at, action, pair_id, before, after, batch, edit) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(at, act, pair_id, before, after, number, note) for pair_id, before, after in changes],
    )


def _state(connection: apsw.Connection, pair_id: int) -> PairState:
    return PairState(next(iter(connection.execute("SELECT state FROM pairs WHERE id = ?", (pair_id,))))[0])


def _write_texts(connection: apsw.Connection, pair_id: int, texts: dict[str, str]) -> None:
    connection.execute(
        "UPDATE pairs SET question = ?, answer = ?, checked = 0 WHERE id = ?",
        (texts["question"], texts["answer"], pair_id),
    )
