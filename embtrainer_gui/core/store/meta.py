"""Small facts of a project, as JSON under a name."""

from __future__ import annotations

import json
from typing import Any

from embtrainer_gui.core.store.database import Database


class MetaStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, default: Any = None) -> Any:
        found = self._database.one("SELECT value FROM meta WHERE key = ?", (key,))
        return default if found is None else json.loads(found)

    def set(self, key: str, value: Any, *, quick: bool = False) -> None:
        """``quick`` for what may be lost when the power goes: it does not wait for the disk."""
        database = self._database
        with database.quick_transaction() if quick else database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))
