"""Passages that a generator could make nothing of, each with the reason; they can be tried again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from embtrainer_gui.core.store.database import Database

TEXT_CHARACTERS = 200
_FAILED = (
    " FROM generated g JOIN passages p ON p.id = g.passage_id JOIN documents d ON d.id = p.document_id"
    " JOIN sources s ON s.id = d.source_id WHERE g.backend = ? AND g.state = 'failed' AND s.removed_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class FailedPassage:
    """``text`` is its beginning; ``reason`` a sentence in English, as the stage that failed on it wrote it."""

    passage_id: int
    file_name: str
    page: int
    text: str
    reason: str


def count_failed(database: Database, backend: str) -> int:
    return int(database.one(f"SELECT count(*){_FAILED}", (backend,)))


def failed_passages(database: Database, backend: str) -> list[FailedPassage]:
    """In the order of the papers."""
    sql = f"SELECT p.id, s.file_name, p.page, substr(p.text, 1, ?), g.reason{_FAILED} ORDER BY p.id"
    return [FailedPassage(*row) for row in database.rows(sql, (TEXT_CHARACTERS, backend))]


def by_reason(failed: Sequence[FailedPassage]) -> dict[str, int]:
    """The most frequent reason first."""
    return dict(Counter(passage.reason for passage in failed).most_common())
