"""Question-answer pairs. Every change of their state goes through the journal (decisions.py)."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import PairState, QAPair, QuestionKind, Reason, Split
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.decisions import Act, DecisionStore, journal, next_number
from embtrainer_gui.core.store.documents import PAUSE_SECONDS, ROWS_PER_TRANSACTION
from embtrainer_gui.core.store.schema import HIDDEN
from embtrainer_gui.core.translate import mark

HAND = "hand"
_OF_REMOVED = (  # from the few removed sources down, so that it costs nothing where there is none
    " FROM sources s CROSS JOIN documents d ON d.source_id = s.id CROSS JOIN passages p ON p.document_id = d.id"
    f" CROSS JOIN pairs q ON q.passage_id = p.id WHERE {HIDDEN} AND s.removed_at IS NOT NULL"
)
COLUMNS = "q.id, q.uid, q.passage_id, q.question, q.answer, q.kind, q.source, q.state, q.reasons, q.extra"


@dataclass(frozen=True, slots=True)
class NewPair:
    """A pair before it has a row."""

    uid: str
    passage_id: int
    question: str
    answer: str
    kind: QuestionKind
    source: str
    created_at: str
    run_id: str
    extra: dict[str, Any]
    state: PairState = PairState.PENDING
    prompt: str = ""  # hash of the wording that a server was asked with
    model: str = ""  # of the server
    seed: int | None = None
    quote: str = ""  # of the passage, that the answer rests on


class PairStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add_generated(self, backend: str, passages: Sequence[tuple[int, Sequence[NewPair]]]) -> None:
        """Store what a generator made of some passages, and that it has been through them, in one step.

        A passage that this generator went through before (after a kill, or in another process) is left alone,
        so that nothing is made twice.
        """
        with self._database.transaction() as connection:
            for passage_id, pairs in passages:
                connection.execute(
                    "INSERT OR IGNORE INTO generated (passage_id, backend, made) VALUES (?, ?, ?)",
                    (passage_id, backend, len(pairs)),
                )
                if connection.changes():
                    connection.executemany(INSERT, [insert_row(pair) for pair in pairs])

    def any_generated(self) -> bool:
        return bool(self._database.one("SELECT EXISTS (SELECT 1 FROM generated)"))

    def generated_passages(self, backend: str) -> set[int]:
        rows = self._database.rows("SELECT passage_id FROM generated WHERE backend = ?", (backend,))
        return {row[0] for row in rows}

    def add(self, pairs: Sequence[NewPair]) -> int:
        """Store pairs whose uid is new; gives how many were."""
        added = 0
        for start in range(0, len(pairs), ROWS_PER_TRANSACTION):
            with self._database.transaction() as connection:
                for pair in pairs[start : start + ROWS_PER_TRANSACTION]:
                    connection.execute(INSERT.replace("INSERT", "INSERT OR IGNORE", 1), insert_row(pair))
                    added += connection.changes()
            time.sleep(PAUSE_SECONDS)
        return added

    def all(self, *, state: PairState | None = None, splits: Sequence[Split] = ()) -> list[QAPair]:
        sql = (
            f"SELECT {COLUMNS} FROM pairs q JOIN passages p ON p.id = q.passage_id"
            " JOIN documents d ON d.id = p.document_id JOIN sources s ON s.id = d.source_id WHERE s.removed_at IS NULL"
        )
        values: list[str] = []
        if state:
            sql += " AND q.state = ?"
            values.append(state)
        if splits:
            sql += f" AND d.split IN ({','.join('?' * len(splits))})"
            values.extend(splits)
        return [pair_of_row(row) for row in self._database.rows(f"{sql} ORDER BY q.id", values)]

    def provenance(self) -> dict[int, tuple[str, str]]:
        """``{pair id: (created_at, run_id)}``."""
        return {row[0]: (row[1], row[2]) for row in self._database.rows("SELECT id, created_at, run_id FROM pairs")}

    def counts(self) -> dict[str, int]:
        found = dict(self._database.rows("SELECT state, count(*) FROM pairs GROUP BY state"))
        hidden = dict(self._database.rows(f"SELECT q.state, count(*){_OF_REMOVED} GROUP BY q.state"))
        return {state.value: found.get(state.value, 0) - hidden.get(state.value, 0) for state in PairState}

    def uids(self) -> set[str]:
        """Of every pair, of removed papers too."""
        return {row[0] for row in self._database.rows("SELECT uid FROM pairs")}

    def get(self, ids: Iterable[int]) -> dict[int, QAPair]:
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM pairs q WHERE q.id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
        )
        return {row[0]: pair_of_row(row) for row in rows}

    def unchecked(self) -> int:
        hidden = self._database.one(f"SELECT count(*){_OF_REMOVED} AND NOT q.checked")
        return int(self._database.one("SELECT count(*) FROM pairs WHERE NOT checked")) - int(hidden)

    def any_pending_unchecked(self) -> bool:
        """Whether a pending pair that no check has flagged has not been checked either."""
        sql = "SELECT EXISTS (SELECT 1 FROM pairs WHERE state = ? AND severity = 0 AND NOT checked)"
        return bool(self._database.one(sql, (PairState.PENDING,)))

    def has_at_least(self, number: int, state: PairState, split: Split) -> bool:
        """Whether so many pairs of a state are on papers of a split, without reading them all."""
        sql = (
            "SELECT count(*) FROM (SELECT 1 FROM documents d JOIN passages p ON p.document_id = d.id"
            " JOIN pairs q ON q.passage_id = p.id JOIN sources s ON s.id = d.source_id"
            " WHERE d.split = ? AND q.state = ? AND s.removed_at IS NULL LIMIT ?)"
        )
        return int(self._database.one(sql, (split, state, number))) >= number

    def set_reasons(self, reasons: Mapping[int, Sequence[Reason]]) -> None:
        """Store what the checks found; pairs without a reason get an empty list."""
        rows = [(pair_id, json.dumps([r.value for r in found]), len(found)) for pair_id, found in reasons.items()]
        for start in range(0, len(rows), ROWS_PER_TRANSACTION):
            with self._database.transaction() as connection:
                connection.executemany(
                    "UPDATE pairs SET reasons = ?2, severity = ?3, checked = 1 WHERE id = ?1",
                    rows[start : start + ROWS_PER_TRANSACTION],
                )
            time.sleep(PAUSE_SECONDS)

    def decide(self, pair_ids: Iterable[int], state: PairState, action: str, at: str) -> int:
        """Give pairs a state, with one journal entry each; gives how many changed.

        All entries of one call share a batch number and can be taken back together.
        """
        steps = [(0, 0)]
        for step in DecisionStore(self._database).bulk(list(pair_ids), state, action, at):
            steps.append(step)
            time.sleep(PAUSE_SECONDS)
        return steps[-1][1]

    def add_by_hand(self, passage_id: int, question: str, answer: str, kind: QuestionKind, at: str) -> int:
        """Store a pair that the user wrote, accepted at once and journalled; gives its id.

        Undoing it puts it among the rejected: nothing that was typed is deleted.

        Raises:
            UserError: a text is empty, or the answer does not stand in the passage word by word.
        """
        question, answer = question.strip(), answer.strip()
        passage = self._database.one("SELECT text FROM passages WHERE id = ?", (passage_id,))
        if not question or not answer:
            raise UserError(mark("The question and the answer are needed."), mark("Type the question."))
        if passage is None or answer not in passage:
            raise UserError(
                mark("The answer is not in the passage word by word."), mark("Select it on the page, or copy it.")
            )
        pair = NewPair(str(uuid.uuid4()), passage_id, question, answer, kind, HAND, at, HAND, {}, PairState.ACCEPTED)
        with self._database.transaction() as connection:
            connection.execute(INSERT, insert_row(pair))
            pair_id = int(connection.last_insert_rowid())
            change = (pair_id, PairState.REJECTED, PairState.ACCEPTED)
            journal(connection, next_number(connection), Act.NEW, [change], at)
        return pair_id


INSERT = (
    "INSERT INTO pairs (uid, passage_id, question, answer, kind, source, state, reasons, created_at, run_id, extra,"
    " prompt, model, seed, quote) VALUES (?, ?, ?, ?, ?, ?, ?, '[]', ?, ?, ?, ?, ?, ?, ?)"
)


def insert_row(pair: NewPair) -> tuple[object, ...]:
    return (
        pair.uid,
        pair.passage_id,
        pair.question,
        pair.answer,
        pair.kind,
        pair.source,
        pair.state,
        pair.created_at,
        pair.run_id,
        json.dumps(pair.extra, ensure_ascii=True),
        pair.prompt,
        pair.model,
        pair.seed,
        pair.quote,
    )


def pair_of_row(row: tuple[Any, ...]) -> QAPair:
    """``row`` starts with ``COLUMNS``."""
    return QAPair(
        id=row[0],
        uid=row[1],
        passage_id=row[2],
        question=row[3],
        answer=row[4],
        kind=QuestionKind(row[5]),
        source=row[6],
        state=PairState(row[7]),
        reasons=tuple(Reason(reason) for reason in json.loads(row[8])),
        extra=json.loads(row[9]),
    )
