"""What the table of papers shows: a row for each document, and one for each file that gave none."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.schema import HIDDEN

_FAILED = f"{HIDDEN} AND s.state NOT IN ('done', 'partial', 'duplicate', 'reading') AND s.removed_at IS NULL"
_DUPLICATE = f"{HIDDEN} AND s.state = 'duplicate' AND s.removed_at IS NULL"

_LAST = "s.extractor, s.state, s.reason, s.stored, s.why, s.score"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """``document`` is 0 where the file gave none; ``stored`` is the name of its copy in papers/."""

    source: int
    document: int
    title: str
    file_name: str
    pages: int
    passages: int
    extractor: str
    state: str
    reason: str
    stored: str
    why: str = ""  # it was read by this extractor
    score: float | None = None  # how well, 0 to 1
    authors: str = ""  # "Last, First; Last, First"
    year: int | None = None
    doi: str = ""


class DocumentList:
    """A snapshot of which rows there are, failed files first, then in the order of the files; 8 bytes a row.

    Args:
        words: only rows with all of these in their title, authors, year, DOI or file name, in whatever case.
    """

    def __init__(self, database: Database, words: str = "") -> None:
        self._database, self._words = database, words.casefold().split()
        keys = database.one(  # as one text: to fetch as many rows takes three times as long
            "SELECT json_group_array(key) FROM ("
            f" SELECT * FROM (SELECT -s.id AS key FROM sources s WHERE {_FAILED} ORDER BY s.id)"
            " UNION ALL SELECT * FROM (SELECT key FROM ("
            " SELECT d.source_id AS source, d.id AS key FROM documents d"
            f" WHERE d.source_id NOT IN (SELECT s.id FROM sources s WHERE {HIDDEN})"
            f" UNION ALL SELECT s.id, -s.id FROM sources s WHERE {_DUPLICATE}"
            " ORDER BY source, key)))"
        )
        self._keys = array("q", json.loads(keys))  # of a document its id, of a file without one its negative id
        if self._words:
            wanted = self._matching()
            self._keys = array("q", [key for key in self._keys if key in wanted])

    def __len__(self) -> int:
        return len(self._keys)

    def number_of(self, source: int, document: int) -> int:
        """The place of a row; -1 where it is not listed (any more)."""
        try:
            return self._keys.index(document or -source)
        except ValueError:
            return -1

    def rows(self, start: int, count: int, passages: Callable[[Iterable[int]], dict[int, int]]) -> list[DocumentRow]:
        """Some rows in order; ``passages`` counts those of documents."""
        keys = self._keys[start : start + count]
        if not keys:
            return []
        documents = [key for key in keys if key > 0]
        found = self._database.rows(
            f"SELECT s.id, d.id, d.title, s.file_name, d.pages, 0, {_LAST}, d.authors, d.year, d.doi"
            " FROM documents d JOIN sources s ON s.id = d.source_id WHERE d.id IN (SELECT value FROM json_each(?1))"
            f" UNION ALL SELECT s.id, 0, '', s.file_name, s.pages, 0, {_LAST}, '', NULL, ''"
            " FROM sources s WHERE s.id IN (SELECT value FROM json_each(?2))",
            (json.dumps(documents), json.dumps([-key for key in keys if key < 0])),
        )
        counts = passages(documents)
        by_key = {row[1] or -row[0]: replace(DocumentRow(*row), passages=counts.get(row[1], 0)) for row in found}
        return [by_key[key] for key in keys if key in by_key]

    def failed(self) -> list[DocumentRow]:
        """The files that could not be read, in order."""
        rows = self._database.rows(
            f"SELECT s.id, 0, '', s.file_name, s.pages, 0, {_LAST} FROM sources s WHERE {_FAILED} ORDER BY s.id"
        )
        found = [DocumentRow(*row) for row in rows]
        return found if not self._words else [row for row in found if self._fits(row.file_name)]

    def _matching(self) -> set[int]:
        papers = self._database.rows(
            "SELECT d.id, d.title, d.authors, coalesce(d.year, ''), d.doi, s.file_name"
            " FROM documents d JOIN sources s ON s.id = d.source_id"
        )
        files = self._database.rows(f"SELECT -s.id, s.file_name FROM sources s WHERE {HIDDEN}")
        return {key for key, *told in (*papers, *files) if self._fits(" ".join(map(str, told)))}

    def _fits(self, text: str) -> bool:
        text = text.casefold()  # SQLite knows the case of ASCII letters only
        return all(word in text for word in self._words)

    def files(self) -> int:
        """Imported files, readable or not."""
        out = f"SELECT count(*) FROM sources s WHERE {HIDDEN} AND (s.state = 'reading' OR s.removed_at IS NOT NULL)"
        return int(self._database.one(f"SELECT (SELECT count(*) FROM sources) - ({out})"))
