"""What the table of papers shows: a row for each document, and one for each file that gave none."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from embtrainer_gui.core.store.database import Database

_GOOD = "('done', 'partial', 'duplicate')"
_LISTED = (
    " FROM sources s LEFT JOIN documents d ON d.source_id = s.id WHERE s.state != 'reading' AND s.removed_at IS NULL"
)


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


class DocumentList:
    """A snapshot of which rows there are, failed files first; 16 bytes a row, whatever they hold."""

    def __init__(self, database: Database) -> None:
        self._database = database
        rows = database.rows(f"SELECT s.id, coalesce(d.id, 0){_LISTED} ORDER BY s.state IN {_GOOD}, s.id, d.id")
        self._sources = array("q", (row[0] for row in rows))
        self._documents = array("q", (row[1] for row in rows))

    def __len__(self) -> int:
        return len(self._sources)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """``(source, document)`` of each row."""
        return iter(zip(self._sources, self._documents, strict=True))

    def rows(self, start: int, count: int, passages: Callable[[Iterable[int]], dict[int, int]]) -> list[DocumentRow]:
        """Some rows in order; ``passages`` counts those of documents."""
        keys = list(zip(self._sources[start : start + count], self._documents[start : start + count], strict=True))
        if not keys:
            return []
        documents = json.dumps([document for _, document in keys if document])
        sources = json.dumps([source for source, document in keys if not document])
        found = self._database.rows(
            "SELECT s.id, d.id, d.title, s.file_name, d.pages, 0, s.extractor, s.state, s.reason, s.stored"
            " FROM documents d JOIN sources s ON s.id = d.source_id WHERE d.id IN (SELECT value FROM json_each(?1))"
            " UNION ALL SELECT s.id, 0, '', s.file_name, s.pages, 0, s.extractor, s.state, s.reason, s.stored"
            " FROM sources s WHERE s.id IN (SELECT value FROM json_each(?2))",
            (documents, sources),
        )
        counts = passages(document for _, document in keys if document)
        by_key = {(row[0], row[1]): replace(DocumentRow(*row), passages=counts.get(row[1], 0)) for row in found}
        return [by_key[key] for key in keys if key in by_key]

    def failed(self) -> list[DocumentRow]:
        """The files that could not be read, in order."""
        rows = self._database.rows(
            "SELECT s.id, 0, '', s.file_name, s.pages, 0, s.extractor, s.state, s.reason, s.stored"
            f" FROM sources s WHERE s.state NOT IN {_GOOD} AND s.state != 'reading' AND s.removed_at IS NULL"
            " ORDER BY s.id"
        )
        return [DocumentRow(*row) for row in rows]

    def files(self) -> int:
        return len(set(self._sources))
