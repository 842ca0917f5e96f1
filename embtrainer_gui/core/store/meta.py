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

    def set(self, key: str, value: Any) -> None:
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))
