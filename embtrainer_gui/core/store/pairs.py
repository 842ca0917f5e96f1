"""Question-answer pairs and the journal of decisions about them. Every change of state goes through ``decide``."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embtrainer_gui.core.records import PairState, QAPair, QuestionKind, Reason, Split
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.documents import PAUSE_SECONDS, ROWS_PER_TRANSACTION

_COLUMNS = "q.id, q.uid, q.passage_id, q.question, q.answer, q.kind, q.source, q.state, q.reasons, q.extra"


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
                    connection.executemany(_INSERT, [_insert_row(pair) for pair in pairs])

    def generated_passages(self, backend: str) -> set[int]:
        rows = self._database.rows("SELECT passage_id FROM generated WHERE backend = ?", (backend,))
        return {row[0] for row in rows}

    def add(self, pairs: Sequence[NewPair]) -> int:
        """Store pairs whose uid is new; gives how many were."""
        added = 0
        for start in range(0, len(pairs), ROWS_PER_TRANSACTION):
            with self._database.transaction() as connection:
                for pair in pairs[start : start + ROWS_PER_TRANSACTION]:
                    connection.execute(_INSERT.replace("INSERT", "INSERT OR IGNORE", 1), _insert_row(pair))
                    added += connection.changes()
            time.sleep(PAUSE_SECONDS)
        return added

    def all(self, *, state: PairState | None = None, splits: Sequence[Split] = ()) -> list[QAPair]:
        sql = (
            f"SELECT {_COLUMNS} FROM pairs q JOIN passages p ON p.id = q.passage_id"
            " JOIN documents d ON d.id = p.document_id WHERE 1"
        )
        values: list[str] = []
        if state:
            sql += " AND q.state = ?"
            values.append(state)
        if splits:
            sql += f" AND d.split IN ({','.join('?' * len(splits))})"
            values.extend(splits)
        return [_pair(row) for row in self._database.rows(f"{sql} ORDER BY q.id", values)]

    def provenance(self) -> dict[int, tuple[str, str]]:
        """``{pair id: (created_at, run_id)}``."""
        return {row[0]: (row[1], row[2]) for row in self._database.rows("SELECT id, created_at, run_id FROM pairs")}

    def counts(self) -> dict[str, int]:
        found = dict(self._database.rows("SELECT state, count(*) FROM pairs GROUP BY state"))
        return {state.value: found.get(state.value, 0) for state in PairState}

    def unchecked(self) -> int:
        return int(self._database.one("SELECT count(*) FROM pairs WHERE NOT checked"))

    def set_reasons(self, reasons: Mapping[int, Sequence[Reason]]) -> None:
        """Store what the checks found; pairs without a reason get an empty list."""
        rows = [(pair_id, json.dumps([r.value for r in found])) for pair_id, found in reasons.items()]
        for start in range(0, len(rows), ROWS_PER_TRANSACTION):
            with self._database.transaction() as connection:
                connection.executemany(
                    "UPDATE pairs SET reasons = ?2, checked = 1 WHERE id = ?1",
                    rows[start : start + ROWS_PER_TRANSACTION],
                )
            time.sleep(PAUSE_SECONDS)

    def decide(self, pair_ids: Iterable[int], state: PairState, action: str, at: str) -> int:
        """Give pairs a state, with one journal entry each; gives how many changed.

        All entries of one call share a batch number and can be taken back together.
        """
        wanted = json.dumps(list(pair_ids))
        batch = int(self._database.one("SELECT coalesce(max(batch), 0) + 1 FROM decisions"))
        changed = 0
        while True:
            with self._database.transaction() as connection:
                rows = list(
                    connection.execute(
                        "SELECT id, state FROM pairs WHERE id IN (SELECT value FROM json_each(?1)) AND state != ?2"
                        " LIMIT ?3",
                        (wanted, state, ROWS_PER_TRANSACTION),
                    )
                )
                connection.executemany(
                    "INSERT INTO decisions (at, action, pair_id, before, after, batch) VALUES (?, ?, ?, ?, ?, ?)",
                    [(at, action, pair_id, before, state, batch) for pair_id, before in rows],
                )
                connection.executemany("UPDATE pairs SET state = ? WHERE id = ?", [(state, row[0]) for row in rows])
            changed += len(rows)
            if len(rows) < ROWS_PER_TRANSACTION:
                return changed
            time.sleep(PAUSE_SECONDS)


_INSERT = (
    "INSERT INTO pairs (uid, passage_id, question, answer, kind, source, state, reasons, created_at, run_id, extra)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, '[]', ?, ?, ?)"
)


def _insert_row(pair: NewPair) -> tuple[object, ...]:
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
    )


def _pair(row: tuple[Any, ...]) -> QAPair:
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
