"""How far the review of a project is: by paper, and by how suspicious the pairs are."""

from __future__ import annotations

from dataclasses import dataclass

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.review_stop import Group
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.decisions import Act

SEVERAL = 2  # reasons, or more


@dataclass(frozen=True, slots=True)
class PaperFigures:
    document: int
    title: str
    accepted: int
    rejected: int
    left: int

    @property
    def share(self) -> float | None:
        """Of the decided pairs, those accepted; None where none is decided."""
        decided = self.accepted + self.rejected
        return self.accepted / decided if decided else None


def by_paper(database: Database) -> list[PaperFigures]:
    """The papers that have pairs, in the order of the papers."""
    rows = database.rows(
        "SELECT d.id, d.title, sum(c.n * (c.state = ?)), sum(c.n * (c.state = ?)), sum(c.n * (c.state = ?))"
        " FROM (SELECT passage_id, state, count(*) n FROM pairs INDEXED BY pairs_passage GROUP BY passage_id, state) c"
        " JOIN passages p ON p.id = c.passage_id JOIN documents d ON d.id = p.document_id"
        " JOIN sources s ON s.id = d.source_id WHERE s.removed_at IS NULL GROUP BY d.id ORDER BY d.id",
        (PairState.ACCEPTED, PairState.REJECTED, PairState.PENDING),
    )
    return [PaperFigures(*row) for row in rows]


def groups(database: Database) -> list[Group]:
    """The pairs by their number of reasons. Decided by hand are those with a decision of their own that stands: an act
    on many at once says nothing about each of them."""
    left = dict(
        database.rows(
            "SELECT min(severity, ?), count(*) FROM pairs INDEXED BY pairs_queue WHERE state = ? GROUP BY 1",
            (SEVERAL, PairState.PENDING),
        )
    )
    rows = database.rows(
        "SELECT min(q.severity, ?), count(*), sum(q.state = ? AND NOT d.edited)"
        " FROM (SELECT pair_id, max(edit IS NOT NULL) edited FROM decisions"
        " WHERE NOT undone AND (action IN (?, ?, ?) OR action LIKE ?) GROUP BY pair_id) d"
        " JOIN pairs q ON q.id = d.pair_id WHERE q.state != ? GROUP BY 1",
        (SEVERAL, PairState.ACCEPTED, Act.ACCEPT, Act.REJECT, Act.EDIT, f"{Act.REJECT}: %", PairState.PENDING),
    )
    decided = {row[0]: (row[1], row[2]) for row in rows}
    return [Group(number, *decided.get(number, (0, 0)), left.get(number, 0)) for number in range(SEVERAL + 1)]
