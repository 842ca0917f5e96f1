"""Files that were imported (sources) and the documents in them."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from embtrainer_gui.core.records import Document, FileState, PassageDraft, Split
from embtrainer_gui.core.store.database import Database

ROWS_PER_TRANSACTION = 200
PAUSE_SECONDS = 0.005  # lets a decision typed in the window in between two bulk transactions
READING = "reading"
_READ = (FileState.DONE, FileState.PARTIAL)


@dataclass(frozen=True, slots=True)
class Source:
    """One imported file and its outcome."""

    id: int
    hash: str
    file_name: str
    state: str
    reason: str
    pages: int


class DocumentStore:
    """Rows of a source are invisible until ``finish`` and are swept away if that never comes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sources(self) -> list[Source]:
        rows = self._database.rows(
            "SELECT id, hash, file_name, state, reason, pages FROM sources WHERE state != ? ORDER BY id", (READING,)
        )
        return [Source(*row) for row in rows]

    def source_by_hash(self, hash_: str) -> Source | None:
        rows = self._database.rows(
            "SELECT id, hash, file_name, state, reason, pages FROM sources WHERE hash = ? AND state != ?",
            (hash_, READING),
        )
        return Source(*rows[0]) if rows else None

    def begin(self, hash_: str, file_name: str, added_at: str) -> int:
        """Start (or start again) a source that holds no documents yet; gives its id."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sources WHERE hash = ?", (hash_,))
            connection.execute(
                "INSERT INTO sources (hash, file_name, state, added_at) VALUES (?, ?, ?, ?)",
                (hash_, file_name, READING, added_at),
            )
            return int(connection.last_insert_rowid())

    def add(
        self,
        source_id: int,
        title: str,
        pages: int,
        passages: Sequence[PassageDraft],
        keys: Sequence[str],
        sketch: Sequence[int],
        group: int | None,
    ) -> int:
        """Add one document with its passages, at most ``ROWS_PER_TRANSACTION`` rows at a time; gives its id.

        Args:
            keys: the unique name of each passage.
            group: id of the near-duplicate group, None to start one.
        """
        rows = [
            (key, number, p.kind, p.section, p.page, p.text, json.dumps(p.boxes), p.tokens)
            for number, (p, key) in enumerate(zip(passages, keys, strict=True), 1)
        ]
        document_id = 0
        for start in range(0, max(1, len(rows)), ROWS_PER_TRANSACTION):
            with self._database.transaction() as connection:
                if start == 0:
                    connection.execute(
                        "INSERT INTO documents (source_id, title, pages, sketch, group_id) VALUES (?, ?, ?, ?, ?)",
                        (source_id, title, pages, array("Q", sketch).tobytes(), group or 0),
                    )
                    document_id = int(connection.last_insert_rowid())
                    if group is None:
                        connection.execute("UPDATE documents SET group_id = id WHERE id = ?", (document_id,))
                connection.executemany(
                    "INSERT INTO passages (document_id, key, number, kind, section, page, text, boxes, tokens)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [(document_id, *row) for row in rows[start : start + ROWS_PER_TRANSACTION]],
                )
            if len(rows) > ROWS_PER_TRANSACTION:
                time.sleep(PAUSE_SECONDS)
        return document_id

    def finish(self, source_id: int, state: FileState, reason: str, pages: int, extractor: str, stored: str) -> None:
        """Make the source and all its documents visible."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE sources SET state = ?, reason = ?, pages = ?, extractor = ?, stored = ? WHERE id = ?",
                (state, reason, pages, extractor, stored, source_id),
            )

    def drop_unfinished(self) -> None:
        """Sweep away what a killed import left; the caller holds the project's lock."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sources WHERE state = ?", (READING,))

    def drop_source(self, source_id: int) -> None:
        """Take back a source whose import did not end; its documents and passages go with it."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sources WHERE id = ?", (source_id,))

    def all(self) -> list[Document]:
        rows = self._database.rows(
            "SELECT d.id, s.hash, s.file_name, d.title, d.pages, s.state, s.reason, s.extractor, d.split, d.group_id"
            " FROM documents d JOIN sources s ON s.id = d.source_id WHERE s.state IN (?, ?) ORDER BY d.id",
            _READ,
        )
        return [_document(row) for row in rows]

    def count(self) -> int:
        return int(
            self._database.one(
                "SELECT count(*) FROM documents d JOIN sources s ON s.id = d.source_id WHERE s.state IN (?, ?)", _READ
            )
        )

    def sketches(self) -> dict[int, tuple[int, Sequence[int], str]]:
        """``{document id: (group id, sketch, file name)}`` of every visible document."""
        rows = self._database.rows(
            "SELECT d.id, d.group_id, d.sketch, s.file_name FROM documents d JOIN sources s ON s.id = d.source_id"
            " WHERE s.state IN (?, ?) ORDER BY d.id",
            _READ,
        )
        return {row[0]: (row[1], array("Q", row[2]), row[3]) for row in rows}

    def merge_groups(self, groups: Iterable[int], into: int) -> None:
        """Documents of several near-duplicate groups turn out to be alike."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE documents SET group_id = ?2 WHERE group_id IN (SELECT value FROM json_each(?1))",
                (json.dumps(list(groups)), into),
            )

    def set_splits(self, splits: dict[int, Split]) -> None:
        with self._database.transaction() as connection:
            connection.executemany("UPDATE documents SET split = ?2 WHERE id = ?1", list(splits.items()))


def _document(row: tuple[Any, ...]) -> Document:
    return Document(
        id=row[0],
        hash=row[1],
        file_name=row[2],
        title=row[3],
        pages=row[4],
        state=FileState(row[5]),
        reason=row[6],
        extractor=row[7],
        split=Split(row[8]) if row[8] else None,
        group=row[9],
    )
