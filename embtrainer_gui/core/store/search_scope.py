"""What a search can be narrowed to: papers, headings and years, and which passages that leaves."""

from __future__ import annotations

import json
from dataclasses import dataclass

from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.schema import HIDDEN

_VISIBLE = (
    " FROM documents d JOIN sources s ON s.id = d.source_id"
    f" WHERE s.id NOT IN (SELECT s.id FROM sources s WHERE {HIDDEN})"
)
MOST_SECTIONS = 200


@dataclass(frozen=True, slots=True)
class PaperChoice:
    document: int
    name: str  # its title, else its file
    year: int | None


class SearchScope:
    def __init__(self, database: Database) -> None:
        self._database = database

    def papers(self) -> list[PaperChoice]:
        """All papers by name."""
        rows = self._database.rows(f"SELECT d.id, coalesce(nullif(d.title, ''), s.file_name), d.year{_VISIBLE}")
        return sorted((PaperChoice(*row) for row in rows), key=lambda paper: (paper.name.casefold(), paper.document))

    def years(self) -> tuple[int, int] | None:
        """The first and the last year of the papers; None where none is known."""
        first, last = self._database.rows(f"SELECT min(d.year), max(d.year){_VISIBLE} AND d.year IS NOT NULL")[0]
        return None if first is None else (int(first), int(last))

    def sections(self) -> list[str]:
        """Headings that stand over passages of several papers, the most frequent ones, in whatever case, by name."""
        rows = self._database.rows(
            "SELECT section FROM (SELECT p.section AS section, count(DISTINCT p.document_id) AS papers"
            " FROM passages p WHERE p.section != '' GROUP BY lower(p.section)"
            " HAVING papers > 1 ORDER BY papers DESC LIMIT ?)",
            (MOST_SECTIONS,),
        )
        return sorted((row[0] for row in rows), key=str.casefold)

    def named(self, words: str) -> list[int]:
        """Papers with ``words`` in their title, authors, DOI or file name, in whatever case."""
        rows = self._database.rows(f"SELECT d.id, d.title, d.authors, d.doi, s.file_name{_VISIBLE} ORDER BY d.id")
        wanted = words.casefold()
        return [row[0] for row in rows if any(wanted in text.casefold() for text in row[1:])]

    def passages(self, filters: SearchFilters) -> list[int]:
        """The ids of the passages, of whatever kind, that ``filters`` let through."""
        sql = f"SELECT d.id{_VISIBLE}"
        values: list[str | int] = []
        if filters.papers:
            sql += " AND d.id IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(filters.papers))
        for year, comparison in ((filters.year_from, ">="), (filters.year_to, "<=")):
            if year is not None:
                sql += f" AND d.year {comparison} ?"
                values.append(year)
        rows = self._database.rows(
            f"SELECT p.id, p.section FROM passages p WHERE p.document_id IN ({sql}) ORDER BY p.id", values
        )
        wanted = filters.section.casefold()  # SQLite knows the case of ASCII letters only
        return [number for number, section in rows if wanted in section.casefold()]
