"""Similar questions of a project, and what the answers of a server rest on.

The pairs of a group share ``alike``, the id of the first of them; a pair that resembles no other has none.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.documents import PAUSE_SECONDS, ROWS_PER_TRANSACTION


class PairGroupStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def quotes(self) -> dict[int, str]:
        """``{pair id: quote}`` of the pairs whose server quoted the passage for its answer."""
        return dict(self._database.rows("SELECT id, quote FROM pairs WHERE quote <> ''"))

    def quote(self, pair_id: int) -> str:
        """What the answer of one pair rests on; "" where nobody quoted."""
        return str(self._database.one("SELECT quote FROM pairs WHERE id = ?", (pair_id,)) or "")

    def set_groups(self, first_of: Mapping[int, int]) -> None:
        """``first_of[pair id]`` is the id of the first of its group; every other pair is in no group any more."""
        known = dict(self._database.rows("SELECT id, alike FROM pairs WHERE alike IS NOT NULL"))
        changed: list[tuple[int | None, int]] = [(None, pair_id) for pair_id in known if pair_id not in first_of]
        changed += [(first, pair_id) for pair_id, first in first_of.items() if known.get(pair_id) != first]
        for start in range(0, len(changed), ROWS_PER_TRANSACTION):
            with self._database.transaction() as connection:
                rows = changed[start : start + ROWS_PER_TRANSACTION]
                connection.executemany("UPDATE pairs SET alike = ? WHERE id = ?", rows)
            time.sleep(PAUSE_SECONDS)

    def size(self, pair_id: int) -> int:
        """How many pairs the group of a pair has, in papers of the project; 0 where it is in none."""
        return len(self._members(pair_id))

    def others(self, pair_id: int) -> list[int]:
        """The pairs of a group that wait for a decision, without the one that stays: the first that is accepted, or
        else the first that is not rejected."""
        members = self._members(pair_id)
        for wanted in ((PairState.ACCEPTED,), (PairState.PENDING,)):
            kept = next((number for number, state in members if state in wanted), None)
            if kept is not None:
                return [number for number, state in members if number != kept and state == PairState.PENDING]
        return []

    def _members(self, pair_id: int) -> list[tuple[int, str]]:
        rows: Iterable[tuple[int, str]] = self._database.rows(
            "SELECT q.id, q.state FROM pairs q JOIN passages p ON p.id = q.passage_id"
            " JOIN documents d ON d.id = p.document_id JOIN sources s ON s.id = d.source_id"
            " WHERE q.alike = (SELECT alike FROM pairs WHERE id = ?) AND s.removed_at IS NULL ORDER BY q.id",
            (pair_id,),
        )
        return list(rows)
