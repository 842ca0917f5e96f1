"""What reference managers, bibliographies and the papers themselves tell of the papers of a project."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace

import apsw

from embtrainer_gui.core.reference import NOTHING_KNOWN, Reference, is_no_title, settled
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.passages import REREADINGS

COLUMNS = "title, authors, year, doi, told_by"
WAITING = "reference:"  # and the hash of a file that was not read: facts of the project


class References:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, document: int) -> Reference:
        rows = self._database.rows(f"SELECT {COLUMNS} FROM documents WHERE id = ?", (document,))
        return Reference(*rows[0]) if rows else NOTHING_KNOWN

    def of_source(self, source: int) -> list[int]:
        """The ids of its documents."""
        return [row[0] for row in self._database.rows("SELECT id FROM documents WHERE source_id = ?", (source,))]

    def keep(self, file_hash: str, told: Reference) -> None:
        """For a file that could not be read: it has no paper yet, and is tried again without who told this."""
        with self._database.transaction() as connection:
            row = (WAITING + file_hash, json.dumps(asdict(told)))
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", row)

    def kept(self, file_hash: str) -> Reference:
        found = self._database.one("SELECT value FROM meta WHERE key = ?", (WAITING + file_hash,))
        try:
            return Reference(**json.loads(found)) if found else NOTHING_KNOWN
        except (ValueError, TypeError):  # of another version, or of somebody else
            return NOTHING_KNOWN

    def forget(self, file_hash: str) -> None:
        """It has its paper now."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM meta WHERE key = ?", (WAITING + file_hash,))

    def fill(self, documents: Iterable[int], new: Reference) -> int:
        """Write down what ``new`` adds to papers that are in the project; gives how many of them learned something.

        A title that a paper has stays: it is searched and trained on with every passage. One that has none, or is
        called after its file, gets the new one.
        """
        changed = 0
        with self._database.transaction() as connection:
            for document in documents:
                changed += _fill(connection, document, new)
        return changed


def write_reference(connection: apsw.Connection, document: int, about: Reference) -> None:
    """All but the title, within a transaction of the caller."""
    connection.execute(
        "UPDATE documents SET authors = ?, year = ?, doi = ?, told_by = ? WHERE id = ?",
        (about.authors, about.year, about.doi, about.by, document),
    )


def settle_reread(connection: apsw.Connection, document: int, title: str, own: Reference) -> str:
    """A paper was read again: what it says of itself fills gaps. Gives the title that it has from now on: the new
    one, unless a reference manager told one. Within a transaction of the caller."""
    known = _known(connection, document)
    write_reference(connection, document, settled(known, own))
    return (known.title if known.by else "") or title


def _known(connection: apsw.Connection, document: int) -> Reference:
    return Reference(*next(iter(connection.execute(f"SELECT {COLUMNS} FROM documents WHERE id = ?", (document,)))))


def _fill(connection: apsw.Connection, document: int, new: Reference) -> bool:
    known = _known(connection, document)
    sql = "SELECT s.file_name FROM sources s JOIN documents d ON d.source_id = s.id WHERE d.id = ?"
    name = next(iter(connection.execute(sql, (document,))))[0]
    about = settled(known, new)
    title = about.title if is_no_title(known.title, name) else known.title
    about = replace(about, title=title, by=about.by if title != known.title else known.by)
    if about == known:
        return False
    write_reference(connection, document, about)
    if title != known.title:
        connection.execute("UPDATE documents SET title = ? WHERE id = ?", (title, document))
        sql = "INSERT INTO meta VALUES (?, '1') ON CONFLICT (key) DO UPDATE SET value = value + 1"
        connection.execute(sql, (REREADINGS,))  # what is searched is another text
    return True
