"""Pages that a slow reader (text recognition, a vision model) has read: what is there is not read again."""

from __future__ import annotations

import json
from typing import Any

from embtrainer_gui.core.messages import Word
from embtrainer_gui.core.records import ReadPage
from embtrainer_gui.core.store.database import Database

_COLUMNS = "SELECT page, text, words, score FROM read_pages"


class ReadPageStore:
    """Pages are known by the hash of their file, the extractor and its settings: other settings, another reading."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, hash_: str, extractor: str, settings: str) -> dict[int, ReadPage]:
        """``{page: what was read}`` of one file."""
        rows = self._database.rows(
            f"{_COLUMNS} WHERE hash = ? AND extractor = ? AND settings = ?", (hash_, extractor, settings)
        )
        return {row[0]: _page(row) for row in rows}

    def files(self, extractor: str) -> set[str]:
        """Hashes of the files of which there are pages by this extractor."""
        rows = self._database.rows("SELECT DISTINCT hash FROM read_pages WHERE extractor = ?", (extractor,))
        return {row[0] for row in rows}

    def put(self, hash_: str, extractor: str, settings: str, read: ReadPage, at: str) -> None:
        """Committed at once; takes the place of an earlier reading with the same settings."""
        words = json.dumps(read.words, ensure_ascii=False, separators=(",", ":")) if read.words else ""
        row = (hash_, extractor, read.page, settings, read.text, words, read.score, at)
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO read_pages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def words(self, hash_: str, page: int) -> tuple[Word, ...]:
        """The places of the words of a page as it was read last; empty where nobody knows them."""
        rows = self._database.rows(
            f"{_COLUMNS} WHERE hash = ? AND page = ? AND words != '' ORDER BY at DESC LIMIT 1", (hash_, page)
        )
        return _page(rows[0]).words if rows else ()


def _page(row: tuple[Any, ...]) -> ReadPage:
    page, text, words, score = row
    return ReadPage(page, text, tuple(map(tuple, json.loads(words))) if words else (), score)
