"""Doubtful passages: those that look so much like the right one of a question that they may be right as well.

Each is asked about once; an answer is kept whatever is found later, and its journal lets it be taken back and given
again, also after a restart. It is a journal of its own, so that Undo beside doubtful passages undoes an answer on one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.decisions import ENDED
from embtrainer_gui.core.store.schema import HIDDEN

MOST_OPEN = 300  # that wait for an answer: more than that nobody answers, and the strongest are taken first


class DoubtAnswer(StrEnum):
    OPEN = "open"
    RIGHT = "right"  # it answers the question as well
    WRONG = "wrong"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class FoundDoubt:
    """``passage_id`` scores ``share`` of what the pair's own passage scores for its question."""

    pair_id: int
    question: str
    passage_id: int
    share: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """``right_id`` is the passage of the pair that asks; ``at`` is when it was found."""

    id: int
    pair_id: int
    question: str
    right_id: int
    passage_id: int
    share: float
    answer: DoubtAnswer
    at: str


@dataclass(frozen=True, slots=True)
class Turned:
    """The ``answer`` on a doubt of a pair that was taken back or given again."""

    doubt_id: int
    pair_id: int
    answer: DoubtAnswer


_HIDDEN_RIGHT = HIDDEN.replace("s.", "t.")
_SHOWN = (
    " FROM doubts x JOIN pairs q ON q.id = x.pair_id"
    " JOIN passages p ON p.id = x.passage_id JOIN documents d ON d.id = p.document_id"
    " JOIN sources s ON s.id = d.source_id"
    " JOIN passages r ON r.id = q.passage_id JOIN documents e ON e.id = r.document_id"
    " JOIN sources t ON t.id = e.source_id"
    f" WHERE q.question = x.question AND NOT {HIDDEN} AND NOT {_HIDDEN_RIGHT}"
)
_ALIVE = f"{_SHOWN} AND q.state = '{PairState.ACCEPTED}'"
"""Doubts whose pair is accepted and asks what it asked then, and whose papers are in the project."""

_COLUMNS = "x.id, x.pair_id, x.question, q.passage_id, x.passage_id, x.share, x.answer, x.at"


class DoubtStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, found: Iterable[FoundDoubt], at: str, run: str = "") -> int:
        """Store the strongest of what was found while there is room; gives how many are new.

        One that is known keeps its answer and gets its new share.
        """
        known = {(row[1], row[2]): row[0] for row in self._database.rows("SELECT id, question, passage_id FROM doubts")}
        added = 0
        with self._database.transaction() as connection:
            room = MOST_OPEN - self.counts()[DoubtAnswer.OPEN]
            for doubt in sorted(found, key=lambda one: -one.share):
                number = known.get((doubt.question, doubt.passage_id))
                if number is not None:
                    values: tuple[object, ...] = (doubt.pair_id, doubt.share, number)
                    connection.execute("UPDATE doubts SET pair_id = ?, share = ? WHERE id = ?", values)
                elif added < room:
                    values = (doubt.pair_id, doubt.question, doubt.passage_id, doubt.share, at, run)
                    connection.execute(_INSERT, values)
                    added += connection.changes()
        return added

    def all(self, answers: Sequence[DoubtAnswer] = tuple(DoubtAnswer)) -> list[Doubt]:
        """Those of accepted pairs and papers in the project, the strongest first."""
        sql = f"SELECT {_COLUMNS}{_ALIVE} AND x.answer IN ({','.join('?' * len(answers))}) ORDER BY x.share DESC, x.id"
        return [_doubt(row) for row in self._database.rows(sql, answers)]

    def get(self, doubt_id: int) -> Doubt | None:
        """None where its pair is not accepted any more, or asks something else, or a paper is gone."""
        rows = self._database.rows(f"SELECT {_COLUMNS}{_ALIVE} AND x.id = ?", (doubt_id,))
        return _doubt(rows[0]) if rows else None

    def of_pair(self, pair_id: int) -> list[Doubt]:
        """What a pair collides with, whether it is accepted or not, the strongest first."""
        sql = f"SELECT {_COLUMNS}{_SHOWN} AND q.id = ? ORDER BY x.share DESC, x.id"
        return [_doubt(row) for row in self._database.rows(sql, (pair_id,))]

    def counts(self) -> dict[DoubtAnswer, int]:
        found = dict(self._database.rows(f"SELECT x.answer, count(*){_ALIVE} GROUP BY x.answer"))
        return {answer: int(found.get(answer.value, 0)) for answer in DoubtAnswer}

    def fingerprint(self) -> str:
        """Changes when an answer does that training or comparing uses; "" while there is none."""
        rows = self._database.rows("SELECT id, answer FROM doubts WHERE answer IN ('right', 'wrong') ORDER BY id")
        return hashlib.blake2b(repr(rows).encode(), digest_size=8).hexdigest() if rows else ""

    def answer(self, doubt_id: int, answer: DoubtAnswer, at: str) -> bool:
        """Give an answer; on the disk when this returns. False where that is its answer already, or it is gone."""
        with self._database.transaction() as connection:
            before = next(iter(connection.execute("SELECT answer FROM doubts WHERE id = ?", (doubt_id,))), None)
            if before is None or before[0] == answer:
                return False
            connection.execute("UPDATE doubt_answers SET undone = ? WHERE undone = 1", (ENDED,))
            connection.execute(
                "INSERT INTO doubt_answers (at, doubt_id, before, after) VALUES (?, ?, ?, ?)",
                (at, doubt_id, before[0], answer),
            )
            connection.execute("UPDATE doubts SET answer = ? WHERE id = ?", (answer, doubt_id))
        return True

    def undo(self) -> Turned | None:
        """Take back the newest answer that stands; None where there is none."""
        return self._turn(_UNDO, undone=True)

    def redo(self) -> Turned | None:
        """Give the answer again that was taken back last; None where there is none."""
        return self._turn(_REDO, undone=False)

    def next_undo(self) -> Turned | None:
        """What ``undo`` would take back."""
        return self._next(_UNDO)

    def next_redo(self) -> Turned | None:
        """What ``redo`` would give again."""
        return self._next(_REDO)

    def _next(self, which: str) -> Turned | None:
        sql = "SELECT a.doubt_id, x.pair_id, a.after FROM doubt_answers a JOIN doubts x ON x.id = a.doubt_id"
        rows = self._database.rows(f"{sql} WHERE a.id = ({which})")
        return Turned(int(rows[0][0]), int(rows[0][1]), DoubtAnswer(rows[0][2])) if rows else None

    def _turn(self, which: str, *, undone: bool) -> Turned | None:
        with self._database.transaction() as connection:
            number = next(iter(connection.execute(which)))[0]
            if number is None:
                return None
            sql = (
                "SELECT a.doubt_id, x.pair_id, a.before, a.after FROM doubt_answers a"
                " JOIN doubts x ON x.id = a.doubt_id WHERE a.id = ?"
            )
            doubt_id, pair_id, before, after = next(iter(connection.execute(sql, (number,))))
            connection.execute("UPDATE doubts SET answer = ? WHERE id = ?", (before if undone else after, doubt_id))
            connection.execute("UPDATE doubt_answers SET undone = ? WHERE id = ?", (undone, number))
        return Turned(int(doubt_id), int(pair_id), DoubtAnswer(after))


_UNDO = "SELECT max(id) FROM doubt_answers WHERE NOT undone"
_REDO = (
    "SELECT min(id) FROM doubt_answers WHERE undone = 1"
    " AND id > (SELECT coalesce(max(id), 0) FROM doubt_answers WHERE NOT undone)"
)
_INSERT = "INSERT OR IGNORE INTO doubts (pair_id, question, passage_id, share, at, run) VALUES (?, ?, ?, ?, ?, ?)"


def _doubt(row: tuple[Any, ...]) -> Doubt:
    return Doubt(row[0], row[1], row[2], row[3], row[4], row[5], DoubtAnswer(row[6]), row[7])
