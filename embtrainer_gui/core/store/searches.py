"""What was asked in Search: each question once, the newest first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from embtrainer_gui.core.store.database import Database

MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class Search:
    """``settings``: what it was asked of (rankings, filters), as the page wrote it."""

    question: str
    settings: dict[str, Any]
    times: int
    at: str


class SearchStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, question: str, settings: dict[str, Any], at: str) -> None:
        """Remember a question, or that it was asked once more; the oldest beyond ``MOST_KEPT`` are forgotten."""
        with self._database.quick_transaction() as connection:
            connection.execute(
                "INSERT INTO searches (question, settings, times, at) VALUES (?1, ?2, 1, ?3)"
                " ON CONFLICT (question) DO UPDATE SET settings = ?2, times = times + 1, at = ?3",
                (question, json.dumps(settings, ensure_ascii=False), at),
            )
            connection.execute(
                "DELETE FROM searches WHERE id IN"
                " (SELECT id FROM searches ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?)",
                (MOST_KEPT,),
            )

    def all(self, most: int = MOST_KEPT) -> list[Search]:
        """The newest first."""
        rows = self._database.rows(
            "SELECT question, settings, times, at FROM searches ORDER BY at DESC, id DESC LIMIT ?", (most,)
        )
        return [Search(question, _settings(settings), times, at) for question, settings, times, at in rows]

    def clear(self) -> list[Search]:
        """Forget all; gives them, for ``restore``."""
        found = self.all()
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM searches")
        return found

    def restore(self, searches: Iterable[Search]) -> None:
        """Undo ``clear``. A question that was asked again meanwhile keeps its newer time."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO searches (question, settings, times, at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (question) DO UPDATE SET times = times + excluded.times",
                [(one.question, json.dumps(one.settings, ensure_ascii=False), one.times, one.at) for one in searches],
            )


def _settings(text: str) -> dict[str, Any]:
    """A project may come from somebody else."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
