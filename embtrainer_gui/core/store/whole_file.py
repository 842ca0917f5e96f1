"""A file of questions comes in wholly or not at all: its passages, and its pairs or its test set, are seen at once.

Passages of a new document are written before, in short transactions, under a source that nobody sees yet. The pairs
come in the one transaction that shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw

from embtrainer_gui.core.records import FileState, Split
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.documents import TEST_SET, DocumentStore, finish_source
from embtrainer_gui.core.store.pairs import INSERT, NewPair, insert_row
from embtrainer_gui.core.store.test_sets import NewQuestion, TestSets, show_set

PAIRS = "pairs"  # what read the documents of a file of pairs


@dataclass(frozen=True, slots=True)
class WholeFile:
    """``source_id`` is of a source that was begun for the file's new passages; None where it has none."""

    database: Database
    source_id: int | None = None

    def passages(self) -> dict[str, int]:
        """``{text with single spaces: id}`` of the new passages, which nobody else sees yet."""
        rows = self.database.rows(
            "SELECT p.text, p.id FROM passages p JOIN documents d ON d.id = p.document_id WHERE d.source_id = ?",
            (self.source_id,),
        )
        return {" ".join(text.split()): number for text, number in rows}

    def take_pairs(self, pairs: Sequence[NewPair]) -> int:
        """Show the source and store the pairs whose uid is new; gives how many were."""
        with self.database.transaction() as connection:
            before = connection.total_changes()
            connection.executemany(INSERT.replace("INSERT", "INSERT OR IGNORE", 1), map(insert_row, pairs))
            added = connection.total_changes() - before
            self._show(connection, PAIRS)
        return added

    def take_test_set(self, name: str, source: str, questions: Sequence[NewQuestion]) -> int:
        """Store the set and show it with the source, whose documents are test papers for good; gives the set's id.

        Raises:
            UserError: the name is empty or taken.
        """
        sets = TestSets(self.database)
        set_id = sets.begin(name, source, questions)
        try:
            with self.database.transaction() as connection:
                show_set(connection, set_id)
                self._show(connection, TEST_SET)
                connection.execute("UPDATE documents SET split = ? WHERE source_id = ?", (Split.TEST, self.source_id))
        except BaseException:
            sets.remove(set_id)
            raise
        return set_id

    def drop(self) -> None:
        """Take back what was written so far."""
        if self.source_id is not None:
            DocumentStore(self.database).drop_source(self.source_id)

    def _show(self, connection: apsw.Connection, reader: str) -> None:
        if self.source_id is not None:
            finish_source(connection, self.source_id, FileState.DONE, "", 0, reader, "")
