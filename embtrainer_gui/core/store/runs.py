"""Training runs and evaluations of a project."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from embtrainer_gui.core.store.database import Database


@dataclass(frozen=True, slots=True)
class Run:
    """A row of the project: one training run; its files are in ``models/<name>/``."""

    id: int
    name: str
    state: str  # running, done, stopped, failed
    config: dict[str, Any]
    fingerprint: str
    summary: dict[str, Any]


class RunStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, name: str, config: dict[str, Any], fingerprint: str, at: str) -> int:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO runs (name, state, config, fingerprint, started_at) VALUES (?1, 'running', ?2, ?3, ?4)"
                " ON CONFLICT (name) DO UPDATE SET state = 'running', config = ?2, fingerprint = ?3",
                (name, json.dumps(config), fingerprint, at),
            )
            return int(next(iter(connection.execute("SELECT id FROM runs WHERE name = ?", (name,))))[0])

    def finish(self, run_id: int, state: str, summary: dict[str, Any], at: str) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE runs SET state = ?, summary = ?, finished_at = ? WHERE id = ?",
                (state, json.dumps(summary), at, run_id),
            )

    def all(self) -> list[Run]:
        rows = self._database.rows("SELECT id, name, state, config, fingerprint, summary FROM runs ORDER BY id")
        return [Run(row[0], row[1], row[2], json.loads(row[3]), row[4], json.loads(row[5])) for row in rows]

    def latest(self, state: str = "done") -> Run | None:
        found = [run for run in self.all() if run.state == state]
        return found[-1] if found else None

    def add_evaluation(
        self, run_id: int | None, question_set: str, fingerprint: str, result: Any, per_question: Any, at: str
    ) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO evaluations (run_id, question_set, fingerprint, result, per_question, at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (run_id, question_set, fingerprint, json.dumps(result), json.dumps(per_question), at),
            )

    def latest_evaluation(self, question_set: str = "test") -> tuple[str, dict[str, Any], Any] | None:
        """``(fingerprint, result, figures of each question)`` of the newest evaluation on a set."""
        rows = self._database.rows(
            "SELECT fingerprint, result, per_question FROM evaluations WHERE question_set = ? ORDER BY id DESC LIMIT 1",
            (question_set,),
        )
        return (rows[0][0], json.loads(rows[0][1]), json.loads(rows[0][2])) if rows else None
