"""Files that were imported (sources) and the documents in them."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from embtrainer_gui.core.records import Document, FileState, HowRead, PassageDraft, Split
from embtrainer_gui.core.reference import NOTHING_KNOWN, Reference
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.schema import HIDDEN

ROWS_PER_TRANSACTION = 200
PAUSE_SECONDS = 0.005  # lets a decision typed in the window in between two bulk transactions
READING = "reading"
TEST_SET = "test-set"  # what read the documents that came with a labelled test set: they are test papers for good
FIRST_HOW = HowRead()
_DRAFT = "reading-"  # before the hash of a source until it is finished: a failed row of the same file may be there

_SOURCE = (
    "SELECT id, hash, file_name, state, reason, pages, extractor, stored, removed_at IS NOT NULL, wanted, page_range,"
    " why, score FROM sources"
)
_VISIBLE = " s.state IN ('done', 'partial') AND s.removed_at IS NULL"


@dataclass(frozen=True, slots=True)
class Source:
    """One imported file and its outcome; ``stored`` is its copy's name in papers/, where there is one."""

    id: int
    hash: str
    file_name: str
    state: str
    reason: str
    pages: int
    extractor: str = ""
    stored: str = ""
    removed: bool = False
    how: HowRead = FIRST_HOW


class DocumentStore:
    """Rows of a source are invisible until ``finish`` and are swept away if that never comes.

    A removed source keeps its rows (pairs and decisions hang on them) and vanishes from every query; ``put_back``
    brings it again.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def sources(self) -> list[Source]:
        rows = self._database.rows(f"{_SOURCE} WHERE state != ? AND removed_at IS NULL ORDER BY id", (READING,))
        return [_source(row) for row in rows]

    def unusual_readings(self) -> dict[str, str]:
        """``{file name: extractor: why}`` of the PDFs that were not read by their own text alone."""
        rows = self._database.rows(
            "SELECT file_name, extractor || ': ' || why FROM sources WHERE why != '' AND extractor != 'text'"
        )
        return dict(rows)

    def source_by_hash(self, hash_: str) -> Source | None:
        """Also one that was removed."""
        return self._one_source("hash = ?", hash_)

    def source_by_stored(self, name: str) -> Source | None:
        """The source whose copy in papers/ has this name."""
        return self._one_source("stored = ?", name)

    def _one_source(self, condition: str, value: str) -> Source | None:
        rows = self._database.rows(f"{_SOURCE} WHERE {condition} AND state != ?", (value, READING))
        return _source(rows[0]) if rows else None

    def remove(self, source_ids: Iterable[int], at: str) -> None:
        """Take sources out of the project; nothing is deleted."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE sources SET removed_at = ?2 WHERE id IN (SELECT value FROM json_each(?1))"
                " AND removed_at IS NULL",
                (json.dumps(list(source_ids)), at),
            )

    def put_back(self, source_ids: Iterable[int]) -> None:
        """Undo ``remove``. Papers that missed a new split join the side of their like ones, else train."""
        wanted = json.dumps(list(source_ids))
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE sources SET removed_at = NULL WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
            )
            connection.execute(
                "UPDATE documents SET split = coalesce((SELECT o.split FROM documents o"
                " WHERE o.group_id = documents.group_id AND o.split IS NOT NULL LIMIT 1), 'train')"
                " WHERE split IS NULL AND source_id IN (SELECT value FROM json_each(?))"
                " AND EXISTS (SELECT 1 FROM documents WHERE split IS NOT NULL)",
                (wanted,),
            )

    def begin(self, hash_: str, file_name: str, added_at: str) -> int:
        """Start a source that holds no documents yet; gives its id.

        A row of the same file, of a reading that failed, stays as it is until ``finish``: a cancelled retry, or a
        killed one, leaves it.
        """
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sources WHERE hash = ?", (_DRAFT + hash_,))
            connection.execute(  # of a file that failed after some of its documents
                "DELETE FROM documents WHERE source_id IN (SELECT id FROM sources WHERE hash = ?)", (hash_,)
            )
            connection.execute(
                "INSERT INTO sources (hash, file_name, state, added_at) VALUES (?, ?, ?, ?)",
                (_DRAFT + hash_, file_name, READING, added_at),
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
        reference: Reference = NOTHING_KNOWN,
    ) -> int:
        """Add one document with its passages, at most ``ROWS_PER_TRANSACTION`` rows at a time; gives its id.

        Args:
            keys: the unique name of each passage.
            group: id of the near-duplicate group, None to start one.
        """
        rows = passage_rows(passages, keys)
        about = reference.authors, reference.year, reference.doi, reference.by
        document_id = 0
        for start in range(0, max(1, len(rows)), ROWS_PER_TRANSACTION):
            with self._database.transaction() as connection:
                if start == 0:
                    connection.execute(
                        "INSERT INTO documents (source_id, title, pages, sketch, group_id, authors, year, doi, told_by)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (source_id, title, pages, array("Q", sketch).tobytes(), group or 0, *about),
                    )
                    document_id = int(connection.last_insert_rowid())
                    if group is None:
                        connection.execute("UPDATE documents SET group_id = id WHERE id = ?", (document_id,))
                connection.executemany(
                    INSERT_PASSAGE,
                    [(document_id, *row) for row in rows[start : start + ROWS_PER_TRANSACTION]],
                )
            if len(rows) > ROWS_PER_TRANSACTION:
                time.sleep(PAUSE_SECONDS)
        return document_id

    def finish(
        self,
        source_id: int,
        state: FileState,
        reason: str,
        pages: int,
        extractor: str,
        stored: str,
        how: HowRead = FIRST_HOW,
    ) -> None:
        """Make the source and all its documents visible, in the place of a former row of the same file."""
        with self._database.transaction() as connection:
            finish_source(connection, source_id, state, reason, pages, extractor, stored, how)

    def drop_failed(self, hash_: str, but: str) -> None:
        """Forget that a file with this hash could not be read, unless ``but`` is the same hash."""
        if hash_ != but:
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM sources WHERE hash = ? AND state NOT IN ('done', 'partial')", (hash_,))

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
            f" FROM documents d JOIN sources s ON s.id = d.source_id WHERE{_VISIBLE} ORDER BY d.id"
        )
        return [_document(row) for row in rows]

    def count(self) -> int:
        hidden = f"SELECT count(*) FROM sources s CROSS JOIN documents d ON d.source_id = s.id WHERE {HIDDEN}"
        return int(self._database.one(f"SELECT (SELECT count(*) FROM documents) - ({hidden})"))

    def sketches(self) -> dict[int, tuple[int, Sequence[int], str]]:
        """``{document id: (group id, sketch, file name)}`` of every document.

        The name of a removed one is "": it is no duplicate of anything, but a paper like it stays in its group, so
        that both stand on one side of the split when it is put back.
        """
        rows = self._database.rows(
            "SELECT d.id, d.group_id, d.sketch, iif(s.removed_at IS NULL, s.file_name, '')"
            " FROM documents d JOIN sources s ON s.id = d.source_id WHERE s.state IN ('done', 'partial') ORDER BY d.id"
        )
        return {row[0]: (row[1], array("Q", row[2]), row[3]) for row in rows}

    def merge_groups(self, groups: Iterable[int], into: int) -> None:
        """Documents of several near-duplicate groups turn out to be alike."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE documents SET group_id = ?2 WHERE group_id IN (SELECT value FROM json_each(?1))",
                (json.dumps(list(groups)), into),
            )

    def split_of_groups(self) -> dict[int, Split]:
        """``{group: split}``, of removed documents too."""
        rows = self._database.rows("SELECT group_id, split FROM documents WHERE split IS NOT NULL")
        return {group: Split(split) for group, split in rows}

    def set_splits(self, splits: dict[int, Split], *, afresh: bool = False) -> None:
        """``afresh``: a new version of the whole split; removed documents get their side when they are put back.
        Those of labelled test sets keep theirs."""
        with self._database.transaction() as connection:
            if afresh:
                kept = "SELECT id FROM sources WHERE extractor = ?"
                connection.execute(f"UPDATE documents SET split = NULL WHERE source_id NOT IN ({kept})", (TEST_SET,))
            connection.executemany("UPDATE documents SET split = ?2 WHERE id = ?1", list(splits.items()))


def finish_source(
    connection: apsw.Connection,
    source_id: int,
    state: FileState,
    reason: str,
    pages: int,
    extractor: str,
    stored: str,
    how: HowRead = FIRST_HOW,
) -> None:
    """As ``DocumentStore.finish``, within a transaction of the caller."""
    connection.execute(
        "DELETE FROM sources WHERE hash = (SELECT replace(hash, ?, '') FROM sources WHERE id = ?) AND id != ?",
        (_DRAFT, source_id, source_id),
    )
    connection.execute(
        "UPDATE sources SET hash = replace(hash, ?, ''), state = ?, reason = ?, pages = ?, extractor = ?,"
        f" stored = ?, {SET_HOW} WHERE id = ?",
        (_DRAFT, state, reason, pages, extractor, stored, *how_row(how), source_id),
    )


INSERT_PASSAGE = (
    "INSERT INTO passages (document_id, key, number, kind, section, page, text, boxes, tokens, language, marks)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SET_HOW = "wanted = ?, page_range = ?, why = ?, score = ?"


def passage_rows(passages: Sequence[PassageDraft], keys: Sequence[str]) -> list[tuple[object, ...]]:
    """For ``INSERT_PASSAGE`` after the document's id; numbers count from 1."""
    return [
        (key, number, p.kind, p.section, p.page, p.text, json.dumps(p.boxes), p.tokens, p.language, p.marks)
        for number, (p, key) in enumerate(zip(passages, keys, strict=True), 1)
    ]


def how_row(how: HowRead) -> tuple[object, ...]:
    """For ``SET_HOW``."""
    return (how.wanted, how.page_range, how.why, how.score)


def _source(row: tuple[Any, ...]) -> Source:
    return Source(
        id=row[0],
        hash=row[1],
        file_name=row[2],
        state=row[3],
        reason=row[4],
        pages=row[5],
        extractor=row[6],
        stored=row[7],
        removed=bool(row[8]),
        how=HowRead(*row[9:]),
    )


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
