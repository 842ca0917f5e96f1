"""Marks of Search become training pairs: in one step they are pairs and test questions no more."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence

import apsw

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.decisions import Act, journal, next_number
from embtrainer_gui.core.store.pairs import INSERT, NewPair, insert_row
from embtrainer_gui.core.store.test_sets import drop_empty

Change = tuple[int, PairState, PairState]


def train_on_marks(
    database: Database, pairs: Sequence[NewPair], wrong: Sequence[tuple[str, int]], questions: Collection[int], at: str
) -> int:
    """Accept ``pairs``, note which passages are ``wrong`` for a question, and take ``questions`` (by id) out of the
    marks; gives how many pairs are new or newly accepted.

    The pairs are one act in the journal: undoing it puts them among the rejected.
    """
    with database.transaction() as connection:
        changes = [change for pair in pairs for change in _accept(connection, pair)]
        if changes:
            journal(connection, next_number(connection), Act.NEW, changes, at)
        for question, passage in wrong:
            _clear(connection, question, passage, at)
        sql = "DELETE FROM test_questions WHERE id IN (SELECT value FROM json_each(?))"
        connection.execute(sql, (json.dumps(list(questions)),))
        drop_empty(connection)
    return len(changes)


def _accept(connection: apsw.Connection, pair: NewPair) -> Iterator[Change]:
    sql = "SELECT id, state FROM pairs WHERE question = ? AND passage_id = ? ORDER BY state != ? LIMIT 1"
    values = (pair.question, pair.passage_id, PairState.ACCEPTED)
    known = next(iter(connection.execute(sql, values)), None)
    if known is None:
        connection.execute(INSERT, insert_row(pair))
        yield int(connection.last_insert_rowid()), PairState.REJECTED, PairState.ACCEPTED
    elif known[1] != PairState.ACCEPTED:
        connection.execute("UPDATE pairs SET state = ? WHERE id = ?", (PairState.ACCEPTED, known[0]))
        yield int(known[0]), PairState(known[1]), PairState.ACCEPTED


def _clear(connection: apsw.Connection, question: str, passage: int, at: str) -> None:
    """As an answered doubt: the passage may stand as a wrong answer however alike it looks."""
    sql = (
        "INSERT INTO doubts (pair_id, question, passage_id, share, at, run)"
        " SELECT id, question, ?2, 1.0, ?3, '' FROM pairs WHERE question = ?1 AND passage_id != ?2 LIMIT 1"
        " ON CONFLICT (question, passage_id) DO UPDATE SET pair_id = excluded.pair_id RETURNING id, answer"
    )
    for doubt, before in list(connection.execute(sql, (question, passage, at))):
        connection.execute("UPDATE doubts SET answer = 'wrong' WHERE id = ?", (doubt,))
        connection.execute(
            "INSERT INTO doubt_answers (at, doubt_id, before, after) VALUES (?, ?, ?, 'wrong')", (at, doubt, before)
        )
