"""A file is read again: its new passages take the place of the old ones, and nothing that hangs on those is lost."""

from __future__ import annotations

import json
import re
from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import apsw

from embtrainer_gui.core.records import BlockKind, FileState, HowRead, PassageDraft
from embtrainer_gui.core.reference import NOTHING_KNOWN, Reference
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.documents import INSERT_PASSAGE, SET_HOW, how_row, passage_rows
from embtrainer_gui.core.store.passages import REREADINGS
from embtrainer_gui.core.store.references import settle_reread

LIKE = 0.4  # share of an old passage's words that a new one must hold to take over its questions
_FAR = 1_000_000  # old passages are numbered from here while the new ones take their places
_WORDS = re.compile(r"\w+")
_TAKEN_OVER = ("kind", "section", "page", "boxes", "tokens", "language", "marks")


@dataclass(frozen=True, slots=True)
class NewReading:
    """What came of reading a file again; it is of one document."""

    state: FileState
    reason: str
    pages: int
    extractor: str
    how: HowRead
    title: str
    passages: Sequence[PassageDraft]
    sketch: Sequence[int]
    reference: Reference = NOTHING_KNOWN


@dataclass(slots=True)
class Replaced:
    """What became of the passages and pairs: ``same`` kept their row, ``moved`` pairs stand on another passage now,
    ``stayed`` ones on a passage of an earlier reading."""

    same: int = 0
    new: int = 0
    moved: int = 0
    stayed: int = 0


@dataclass(slots=True)
class _Old:
    id: int
    text: str
    key: str
    pairs: list[tuple[int, str]] = field(default_factory=list)  # id, answer
    answered: bool = False  # a doubt about it was answered
    judged: bool = False  # for a question of a test set


class Rereading:
    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, source_id: int, reading: NewReading) -> Replaced:
        """Put ``reading`` in the place of what stands for this source, wholly or not at all.

        A passage whose text comes out the same keeps its row and so its pairs. Pairs of other ones move to a new
        passage that holds their answer and is much like their own; where there is none, their passage stays as one
        of an earlier reading, which no search finds. Judgements of test sets move likewise, to the passage that is
        most like theirs. Decisions and the split are not touched.
        """
        done = Replaced()
        with self._database.transaction() as connection:
            document, key = _first(connection, source_id)
            old = _old_passages(connection, document)
            connection.execute(
                "UPDATE passages SET number = number + ? WHERE document_id = ?",
                (_FAR, document),
            )
            new = _insert(connection, document, reading.passages, _free_keys(old, key, len(reading.passages)))
            left = _match(connection, old, new, done)
            for passage in left:
                _settle(connection, passage, new, done)
            _renumber(connection, document, len(new))
            title = settle_reread(connection, document, reading.title, reading.reference)
            connection.execute(
                "UPDATE documents SET title = ?, pages = ?, sketch = ? WHERE id = ?",
                (title, reading.pages, array("Q", reading.sketch).tobytes(), document),
            )
            connection.execute(
                f"UPDATE sources SET state = ?, reason = ?, pages = ?, extractor = ?, {SET_HOW} WHERE id = ?",
                (reading.state, reading.reason, reading.pages, reading.extractor, *how_row(reading.how), source_id),
            )
            connection.execute(
                "INSERT INTO meta VALUES (?, '1') ON CONFLICT (key) DO UPDATE SET value = value + 1", (REREADINGS,)
            )
        return done


def _first(connection: apsw.Connection, source_id: int) -> tuple[int, str]:
    """The document of a source and what the keys of its passages begin with."""
    sql = "SELECT d.id, s.hash FROM documents d JOIN sources s ON s.id = d.source_id WHERE s.id = ? ORDER BY d.id"
    document, hash_ = next(iter(connection.execute(sql, (source_id,))))
    return int(document), f"{hash_[:12]}-"


def _old_passages(connection: apsw.Connection, document: int) -> list[_Old]:
    sql = "SELECT id, text, key FROM passages WHERE document_id = ? ORDER BY kind = ?, number"
    old = [_Old(*row) for row in connection.execute(sql, (document, BlockKind.EARLIER))]
    by_id = {passage.id: passage for passage in old}
    ids = json.dumps(list(by_id))
    pairs = "SELECT id, passage_id, answer FROM pairs WHERE passage_id IN (SELECT value FROM json_each(?)) ORDER BY id"
    for pair, passage, answer in connection.execute(pairs, (ids,)):
        by_id[passage].pairs.append((pair, answer))
    doubts = (
        "SELECT DISTINCT passage_id FROM doubts WHERE passage_id IN (SELECT value FROM json_each(?))"
        " AND (answer != 'open' OR id IN (SELECT doubt_id FROM doubt_answers))"
    )
    for (passage,) in connection.execute(doubts, (ids,)):
        by_id[passage].answered = True
    judged = "SELECT DISTINCT passage_id FROM test_judgements WHERE passage_id IN (SELECT value FROM json_each(?))"
    for (passage,) in connection.execute(judged, (ids,)):
        by_id[passage].judged = True
    return old


def _free_keys(old: Sequence[_Old], start: str, count: int) -> list[str]:
    taken = [int(rest) for p in old if p.key.startswith(start) and (rest := p.key[len(start) :]).isdecimal()]
    first = max(taken, default=0) + 1
    return [f"{start}{number}" for number in range(first, first + count)]


def _insert(
    connection: apsw.Connection, document: int, passages: Sequence[PassageDraft], keys: Sequence[str]
) -> dict[int, str]:
    """``{id: text}`` of the new passages in order."""
    found: dict[int, str] = {}
    for row, passage in zip(passage_rows(passages, keys), passages, strict=True):
        connection.execute(INSERT_PASSAGE, (document, *row))
        found[int(connection.last_insert_rowid())] = passage.text
    return found


def _match(connection: apsw.Connection, old: list[_Old], new: dict[int, str], done: Replaced) -> list[_Old]:
    """Old passages take the place of new ones with the same text, in ``new`` too; gives the other old ones."""
    waiting: dict[str, list[int]] = defaultdict(list)
    for number in reversed(new):
        waiting[new[number]].append(number)
    columns = ", ".join(_TAKEN_OVER)
    left, same = [], {}
    for passage in old:
        if not waiting[passage.text]:
            left.append(passage)
            continue
        twin = waiting[passage.text].pop()
        sql = f"UPDATE passages SET ({columns}) = (SELECT {columns} FROM passages WHERE id = ?) WHERE id = ?"
        connection.execute(sql, (twin, passage.id))
        place = next(iter(connection.execute("SELECT number FROM passages WHERE id = ?", (twin,))))[0]
        connection.execute("DELETE FROM passages WHERE id = ?", (twin,))
        connection.execute("UPDATE passages SET number = ? WHERE id = ?", (place, passage.id))
        same[twin] = passage
    done.same, done.new = len(same), len(new) - len(same)
    for twin, passage in same.items():
        del new[twin]
        new[passage.id] = passage.text
    return left


def _settle(connection: apsw.Connection, passage: _Old, new: dict[int, str], done: Replaced) -> None:
    """Move the pairs of a passage that is not there any more; drop it where nothing is left on it."""
    staying = passage.answered
    words = _word_set(passage.text) if passage.pairs or passage.judged else set()
    for pair, answer in passage.pairs:
        place = _home(words, answer, new)
        if place is None:
            staying = True
            done.stayed += 1
            continue
        connection.execute("UPDATE pairs SET passage_id = ?, checked = 0 WHERE id = ?", (place, pair))
        done.moved += 1
    if passage.judged:
        place = _home(words, "", new)
        staying = staying or place is None
        if place is not None:
            _move_judgements(connection, passage.id, place)
    if staying:
        connection.execute("UPDATE passages SET kind = ? WHERE id = ?", (BlockKind.EARLIER, passage.id))
    else:
        connection.execute("DELETE FROM passages WHERE id = ?", (passage.id,))


def _move_judgements(connection: apsw.Connection, old: int, new: int) -> None:
    """To another passage; where that was judged for the same question, the higher relevance counts."""
    connection.execute(
        "INSERT INTO test_judgements (question_id, passage_id, relevance, at)"
        " SELECT question_id, ?, relevance, at FROM test_judgements WHERE passage_id = ?"
        " ON CONFLICT (question_id, passage_id) DO UPDATE SET relevance = max(relevance, excluded.relevance)",
        (new, old),
    )
    connection.execute("DELETE FROM test_judgements WHERE passage_id = ?", (old,))


def _home(words: set[str], answer: str, new: dict[int, str]) -> int | None:
    """The new passage that holds ``answer`` and most of ``words``; None where none is like the old one."""
    holding = [(len(words & _word_set(text)), -number) for number, text in new.items() if answer in text]
    shared, number = max(holding, default=(0, 0))
    return -number if shared >= LIKE * max(1, len(words)) else None


def _word_set(text: str) -> set[str]:
    return set(_WORDS.findall(text.lower()))


def _renumber(connection: apsw.Connection, document: int, after: int) -> None:
    """Passages of earlier readings follow the new ones, in their old order."""
    sql = "SELECT id FROM passages WHERE document_id = ? AND number >= ? ORDER BY number"
    for place, (number,) in enumerate(list(connection.execute(sql, (document, _FAR))), after + 1):
        connection.execute("UPDATE passages SET number = ? WHERE id = ?", (place, number))
