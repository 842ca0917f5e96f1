"""Counts of the pairs of a project by kind and by reason, and the newest ones; pairs of removed papers do not count."""

from __future__ import annotations

from dataclasses import dataclass

from embtrainer_gui.core.records import QuestionKind, Reason
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.schema import HIDDEN

_SHOWN = (  # from the few removed sources down, so that it costs nothing where there is none
    " q.passage_id NOT IN (SELECT p.id FROM sources s CROSS JOIN documents d ON d.source_id = s.id"
    f" CROSS JOIN passages p ON p.document_id = d.id WHERE {HIDDEN} AND s.removed_at IS NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class NewestPair:
    question: str
    answer: str
    kind: QuestionKind


class PairFigures:
    def __init__(self, database: Database) -> None:
        self._database = database

    def by_kind(self) -> dict[QuestionKind, int]:
        """The most frequent first."""
        rows = self._database.rows(
            f"SELECT q.kind, count(*) FROM pairs q WHERE{_SHOWN} GROUP BY q.kind ORDER BY count(*) DESC, q.kind"
        )
        return {QuestionKind(kind): count for kind, count in rows}

    def by_reason(self) -> dict[Reason, int]:
        """The most frequent first; a pair with two reasons counts for both."""
        rows = self._database.rows(
            f"SELECT r.value, count(*) FROM pairs q, json_each(q.reasons) r WHERE q.severity > 0 AND{_SHOWN}"
            " GROUP BY r.value ORDER BY count(*) DESC, r.value"
        )
        return {Reason(reason): count for reason, count in rows}

    def flagged(self) -> int:
        return int(self._database.one(f"SELECT count(*) FROM pairs q WHERE q.severity > 0 AND{_SHOWN}"))

    def similar(self) -> tuple[int, int]:
        """How many groups of similar questions there are, and how many pairs are in one."""
        sql = f"SELECT count(DISTINCT q.alike), count(*) FROM pairs q WHERE q.alike IS NOT NULL AND{_SHOWN}"
        groups, pairs = self._database.rows(sql)[0]
        return groups, pairs

    def newest(self, count: int) -> list[NewestPair]:
        """The newest first."""
        rows = self._database.rows(
            f"SELECT q.question, q.answer, q.kind FROM pairs q WHERE{_SHOWN} ORDER BY q.id DESC LIMIT ?", (count,)
        )
        return [NewestPair(question, answer, QuestionKind(kind)) for question, answer, kind in rows]
