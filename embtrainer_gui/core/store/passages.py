"""Passages of a project; ``in use`` means of a kind that is searched (body text, and what a switch added)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from embtrainer_gui.core.question_passages import condition
from embtrainer_gui.core.records import SEARCHED_KINDS, BlockKind, Passage, Split
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.meta import MetaStore
from embtrainer_gui.core.store.schema import HIDDEN

_COLUMNS = (
    "p.id, p.key, p.document_id, p.number, p.kind, p.section, p.page, p.text, p.boxes, p.tokens, p.language, p.marks"
)
_VISIBLE = (
    " FROM passages p JOIN documents d ON d.id = p.document_id JOIN sources s ON s.id = d.source_id"
    " WHERE s.state IN ('done', 'partial') AND s.removed_at IS NULL"
)
_HIDDEN = (
    " FROM sources s CROSS JOIN documents d ON d.source_id = s.id CROSS JOIN passages p ON p.document_id = d.id"
    f" WHERE {HIDDEN}"
)
_READING_ORDER = " ORDER BY s.file_name, s.hash, p.document_id, p.number"  # not the order in which files ended
_TEXTS_AT_ONCE = 2000
INCLUDE = "include"
REREADINGS = "rereadings"  # how often a document was read again: its title and texts may be others


class PassageStore:
    def __init__(self, database: Database, meta: MetaStore) -> None:
        self._database = database
        self._meta = meta

    def included_kinds(self) -> list[str]:
        return sorted(SEARCHED_KINDS | {BlockKind(kind) for kind in self.included()})

    def included(self) -> list[str]:
        """Kinds that a switch added."""
        return list(self._meta.get(INCLUDE, []))

    def include(self, kinds: Iterable[str]) -> None:
        """Search passages of these kinds besides the body, and no other ones."""
        self._meta.set(INCLUDE, sorted(set(kinds)))

    def _in_use(self) -> tuple[str, list[str]]:
        kinds = self.included_kinds()
        return f"{_VISIBLE} AND +p.kind IN ({','.join('?' * len(kinds))})", kinds  # +: in the order of the table

    def in_use(self, splits: Sequence[Split] = ()) -> Iterator[Passage]:
        """Every passage in use, in reading order of each document; of some splits only where asked."""
        sql, values = self._in_use()
        if splits:
            sql += f" AND d.split IN ({','.join('?' * len(splits))})"
        sql += _READING_ORDER
        for row in self._database.rows(f"SELECT {_COLUMNS}{sql}", [*values, *splits]):
            yield _passage(row)

    def searched(self) -> Iterator[tuple[int, str, str]]:
        """``(id, title of the document, text)`` of every passage in use, in the order of ``in_use``."""
        sql, values = self._in_use()
        found = self._database.rows(f"SELECT p.id{sql}{_READING_ORDER}", values)
        ids = [row[0] for row in found]
        for start in range(0, len(ids), _TEXTS_AT_ONCE):
            chunk = ids[start : start + _TEXTS_AT_ONCE]
            texts = self.searched_texts(chunk)
            yield from ((id_, *texts[id_]) for id_ in chunk if id_ in texts)

    def searched_texts(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """``{id: (title of the document, text)}`` of those of these passages that are there."""
        rows = self._database.rows(
            "SELECT p.id, d.title, p.text FROM passages p JOIN documents d ON d.id = p.document_id"
            " WHERE p.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def searched_stamp(self) -> str:
        """Changes whenever what ``searched`` gives does."""
        kinds = ",".join(self.included_kinds())
        return f"{self.fingerprint()} {self._meta.get(REREADINGS, 0)} {kinds}"

    def count_in_use(self, source_id: int | None = None) -> int:
        """Of the whole project, or of one imported file."""
        if source_id is None:
            return self._count()
        sql, values = self._in_use()
        return int(self._database.one(f"SELECT count(*){sql} AND s.id = ?", [*values, source_id]))

    def _count(self, condition: str = "", *values: str) -> int:
        """Passages in use that meet a further condition on ``p``, counted in the indexes alone."""
        kinds = self.included_kinds()
        met = f"p.kind IN ({','.join('?' * len(kinds))}){condition}"
        sql = f"SELECT (SELECT count(*) FROM passages p WHERE {met}) - (SELECT count(*){_HIDDEN} AND {met})"
        return int(self._database.one(sql, [*kinds, *values, *kinds, *values]))

    def count_for_questions(self, backend: str) -> int:
        """Passages in use that a generator makes questions of."""
        return self._count(condition(backend))

    def count_without_questions(self, backend: str) -> int:
        """Those of them that it has not been through."""
        return self._count(
            condition(backend)
            + " AND NOT EXISTS (SELECT 1 FROM generated g WHERE g.passage_id = p.id AND g.backend = ?)",
            backend,
        )

    def counts_of_documents(self, document_ids: Iterable[int]) -> dict[int, int]:
        """``{document id: passages in use}`` of those of these documents that have any."""
        kinds = self.included_kinds()
        rows = self._database.rows(
            "SELECT document_id, count(*) FROM passages WHERE document_id IN (SELECT value FROM json_each(?))"
            f" AND kind IN ({','.join('?' * len(kinds))}) GROUP BY document_id",
            [json.dumps(list(document_ids)), *kinds],
        )
        return dict(rows)

    def fingerprint(self) -> str:
        """Changes whenever the set of passages in use does."""
        sql, kinds = self._in_use()
        met = f"p.kind IN ({','.join('?' * len(kinds))})"
        rows = self._database.rows(
            f"SELECT count(*), sum(p.id) FROM passages p WHERE {met}"
            f" UNION ALL SELECT count(*), sum(p.id){_HIDDEN} AND {met}"
            f" UNION ALL SELECT 0, (SELECT p.id{sql} ORDER BY p.id DESC LIMIT 1)",
            [*kinds, *kinds, *kinds],
        )
        (every, sum_of_every), (hidden, sum_of_hidden), (_, newest) = rows
        total = (sum_of_every or 0) - (sum_of_hidden or 0) if every > hidden else None
        return f"{every - hidden}-{newest}-{total}"

    def of_document(self, document_id: int, *, in_use_only: bool = True) -> list[Passage]:
        """The passages of one document in reading order; with those of kinds that are not searched where asked."""
        sql, values = self._in_use() if in_use_only else (_VISIBLE, [])
        rows = self._database.rows(
            f"SELECT {_COLUMNS}{sql} AND p.document_id = ? ORDER BY p.number", [*values, document_id]
        )
        return [_passage(row) for row in rows]

    def sample(self, count: int, skip: int = 0, backend: str = "") -> list[Passage]:
        """``count`` passages from all over the project, of which a generator makes questions; another ``skip`` gives
        others, round and round."""
        sql, values = self._in_use()
        sql += condition(backend)
        ids = [row[0] for row in self._database.rows(f"SELECT p.id{sql} ORDER BY p.id", values)]
        if not ids:
            return []
        stride = max(1, len(ids) // count)
        chosen = {ids[(number * stride + skip) % len(ids)] for number in range(count)}
        return sorted(self.get(chosen).values(), key=lambda passage: passage.id)

    def get(self, ids: Iterable[int]) -> dict[int, Passage]:
        wanted = json.dumps(list(ids))
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM passages p WHERE p.id IN (SELECT value FROM json_each(?))", (wanted,)
        )
        return {row[0]: _passage(row) for row in rows}

    def ids_of_texts(self) -> dict[str, int]:
        """``{text: id}`` of every passage of the project."""
        return dict(self._database.rows(f"SELECT p.text, p.id{_VISIBLE} ORDER BY p.id DESC"))

    def free_keys(self, keys: Iterable[str]) -> None:
        """Rows of a removed source give up those of these keys that they hold."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE passages SET key = key || ' (removed ' || id || ')'"
                " WHERE key IN (SELECT value FROM json_each(?)) AND document_id IN"
                " (SELECT d.id FROM documents d JOIN sources s ON s.id = d.source_id WHERE s.removed_at IS NOT NULL)",
                (json.dumps(list(keys)),),
            )

    def texts_of_keys(self, keys: Iterable[str]) -> dict[str, str]:
        """``{key: text}`` of those keys that are taken, by documents that are visible or still being read."""
        wanted = json.dumps(list(keys))
        rows = self._database.rows(
            "SELECT key, text FROM passages WHERE key IN (SELECT value FROM json_each(?))", (wanted,)
        )
        return dict(rows)


def _passage(row: tuple[Any, ...]) -> Passage:
    return Passage(
        id=row[0],
        key=row[1],
        document_id=row[2],
        number=row[3],
        kind=BlockKind(row[4]),
        section=row[5],
        page=row[6],
        text=row[7],
        boxes=tuple((b[0], b[1], b[2], b[3], b[4]) for b in json.loads(row[8])),
        tokens=row[9],
        language=row[10],
        marks=row[11],
    )
