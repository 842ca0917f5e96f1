"""Labelled test sets: questions with passages that were judged right or wrong, which no training sees.

One of them, from ``SEARCH``, holds the marks that the user sets on hits in Search.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import apsw

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.store.clock import utc_now
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.documents import PAUSE_SECONDS, ROWS_PER_TRANSACTION
from embtrainer_gui.core.translate import mark as tr

SEARCH = "search"  # source of the set of marks, and its name until the user gives it another one
EVALUATED_AS = "set/"  # before its name, where comparisons on it are stored
RESERVED = "test"  # what ``compare --set`` calls the project's own questions


@dataclass(frozen=True, slots=True)
class TestSet:
    """``source`` is the name of the file that it came from, or ``SEARCH``; ``questions`` is how many it has."""

    __test__: ClassVar[bool] = False  # or pytest takes it for tests

    id: int
    name: str
    source: str
    questions: int
    created_at: str


@dataclass(frozen=True, slots=True)
class TestQuestion:
    """``judgements``: passage id -> relevance; 0 is looked at and wrong. ``kind`` is a QuestionKind, or ""."""

    __test__: ClassVar[bool] = False

    id: int
    question: str
    kind: str
    judgements: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewQuestion:
    question: str
    kind: str
    judgements: Mapping[int, int]


class TestSets:
    __test__: ClassVar[bool] = False

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[TestSet]:
        """Those that are wholly there, in the order in which they came."""
        sql = (
            "SELECT t.id, t.name, t.source, count(q.id), t.created_at FROM test_sets t"
            " LEFT JOIN test_questions q ON q.set_id = t.id WHERE t.ready GROUP BY t.id ORDER BY t.id"
        )
        return [TestSet(*row) for row in self._database.rows(sql)]

    def named(self, name: str) -> TestSet:
        """Raises UserError where there is none of that name."""
        found = self.all()
        for one in found:
            if one.name == name:
                return one
        raise UserError(
            tr("There is no test set called {name}."),
            tr("Those of this project: {names}."),
            name=name,
            names=", ".join(one.name for one in found) or "-",
        )

    def create(self, name: str, source: str) -> int:
        """A new set without questions; gives its id.

        Raises:
            UserError: the name is empty, taken or ``RESERVED``.
        """
        with self._database.transaction() as connection:
            return _create(connection, self._usable(name), source)

    def rename(self, set_id: int, name: str) -> None:
        """The comparisons on the set go with it. Raises UserError where the name is empty, taken or ``RESERVED``."""
        with self._database.transaction() as connection:
            before = self._database.one("SELECT name FROM test_sets WHERE id = ?", (set_id,))
            if before in (None, name.strip()):
                return
            after = self._usable(name)
            connection.execute("UPDATE test_sets SET name = ? WHERE id = ?", (after, set_id))
            sql = "UPDATE evaluations SET question_set = ? WHERE question_set = ?"
            connection.execute(sql, (EVALUATED_AS + after, EVALUATED_AS + before))

    def remove(self, set_id: int) -> None:
        """The set, its questions and their judgements; passages and papers stay."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM test_sets WHERE id = ?", (set_id,))

    def restore(self, removed: TestSet, questions: Sequence[TestQuestion]) -> int:
        """Put a removed set back under a free name; gives its new id."""
        with self._database.transaction() as connection:
            set_id = _create(connection, self.free_name(removed.name), removed.source)
            for one in questions:
                _add(connection, set_id, NewQuestion(one.question, one.kind, one.judgements), utc_now())
        return set_id

    def add(self, set_id: int, question: str, kind: str, judgements: Mapping[int, int]) -> int:
        """Add a question, or judgements to one that is there; gives its id."""
        with self._database.transaction() as connection:
            return _add(connection, set_id, NewQuestion(question, kind, judgements), utc_now())

    def begin(self, name: str, source: str, questions: Sequence[NewQuestion]) -> int:
        """Write a set that nobody sees until ``show_set``, in short transactions; gives its id.

        Raises:
            UserError: the name is empty, taken or ``RESERVED``.
        """
        with self._database.transaction() as connection:
            set_id, at = _create(connection, self._usable(name), source, ready=False), utc_now()
        try:
            for start in range(0, len(questions), ROWS_PER_TRANSACTION):
                with self._database.transaction() as connection:
                    for one in questions[start : start + ROWS_PER_TRANSACTION]:
                        _add(connection, set_id, one, at)
                time.sleep(PAUSE_SECONDS)
        except BaseException:
            self.remove(set_id)
            raise
        return set_id

    def drop_unfinished(self) -> None:
        """Sweep away what a killed import left; the caller holds the project's lock."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM test_sets WHERE NOT ready")

    def free_name(self, wanted: str) -> str:
        """``wanted``, with a number behind it where it is taken or ``RESERVED``."""
        taken = {RESERVED, *(row[0] for row in self._database.rows("SELECT name FROM test_sets"))}
        number, name = 1, wanted
        while name in taken:
            number += 1
            name = f"{wanted} {number}"
        return name

    def questions(self, set_id: int) -> list[TestQuestion]:
        """With what was judged of passages of every paper, of removed ones too."""
        sql = "SELECT id, question, kind FROM test_questions WHERE set_id = ? ORDER BY id"
        found = {row[0]: TestQuestion(*row) for row in self._database.rows(sql, (set_id,))}
        sql = (
            "SELECT j.question_id, j.passage_id, j.relevance FROM test_questions q"
            " JOIN test_judgements j ON j.question_id = q.id WHERE q.set_id = ? ORDER BY j.question_id, j.passage_id"
        )
        for question, passage, relevance in self._database.rows(sql, (set_id,)):
            found[question].judgements[passage] = relevance
        return list(found.values())

    def mark(self, question: str, passage_id: int, relevance: int | None) -> None:
        """Say that a passage is right (1) or wrong (0) for a question asked in Search; None takes a mark back.

        On the disk when this returns.
        """
        with self._database.transaction() as connection:
            set_id = self._marks_set()
            if relevance is not None:
                set_id = set_id or _create(connection, self.free_name(SEARCH), SEARCH)
                _add(connection, set_id, NewQuestion(question, "", {passage_id: relevance}), utc_now())
            elif set_id:
                _take_back(connection, set_id, _spelling(question), passage_id)

    def newest_right(self, name: str) -> str:
        """When the newest right passage of a set was given (UTC); "" where none is."""
        sql = (
            "SELECT coalesce(max(j.at), '') FROM test_sets t JOIN test_questions q ON q.set_id = t.id"
            " JOIN test_judgements j ON j.question_id = q.id WHERE t.name = ? AND j.relevance > 0"
        )
        return str(self._database.one(sql, (name,)))

    def marks(self, question: str) -> dict[int, int]:
        """``{passage id: relevance}`` of a question asked in Search."""
        sql = (
            "SELECT j.passage_id, j.relevance FROM test_sets t JOIN test_questions q ON q.set_id = t.id"
            " JOIN test_judgements j ON j.question_id = q.id WHERE t.source = ? AND q.question = ?"
        )
        return dict(self._database.rows(sql, (SEARCH, _spelling(question))))

    def marked(self) -> list[TestQuestion]:
        """The questions of the marks set in Search."""
        set_id = self._marks_set()
        return self.questions(set_id) if set_id else []

    def count_marked(self) -> int:
        """How many passages are marked as right in Search."""
        sql = (
            "SELECT count(*) FROM test_sets t JOIN test_questions q ON q.set_id = t.id"
            " JOIN test_judgements j ON j.question_id = q.id WHERE t.source = ? AND j.relevance > 0"
        )
        return int(self._database.one(sql, (SEARCH,)))

    def judged_right_since(self, at: str) -> bool:
        """Whether a passage was said to be right for a question after ``at`` (UTC)."""
        sql = (  # the order of the joins spares a look at the question of every judgement
            "SELECT EXISTS (SELECT 1 FROM test_judgements j CROSS JOIN test_questions q ON q.id = j.question_id"
            " JOIN test_sets t ON t.id = q.set_id WHERE j.relevance > 0 AND j.at > ? AND t.ready)"
        )
        return bool(self._database.one(sql, (at,)))

    def _marks_set(self) -> int | None:
        found = self._database.one("SELECT id FROM test_sets WHERE source = ? ORDER BY id", (SEARCH,))
        return None if found is None else int(found)

    def _usable(self, name: str) -> str:
        name = name.strip()
        if not name:
            raise UserError(tr("A test set needs a name."), tr("Type one."))
        if name == RESERVED:
            raise UserError(
                tr("{name} stands for the project's own questions."),
                tr("Give this set another name, for example {free}."),
                name=name,
                free=self.free_name(name),
            )
        if self._database.one("SELECT EXISTS (SELECT 1 FROM test_sets WHERE name = ?)", (name,)):
            raise UserError(
                tr("There is a test set called {name} already."),
                tr("Give this one another name, or remove the other one first."),
                name=name,
            )
        return name


def show_set(connection: apsw.Connection, set_id: int) -> None:
    """The set that ``begin`` wrote is there from now on; within a transaction of the caller."""
    connection.execute("UPDATE test_sets SET ready = 1 WHERE id = ?", (set_id,))


def _spelling(question: str) -> str:
    return " ".join(question.split())


def _create(connection: apsw.Connection, name: str, source: str, *, ready: bool = True) -> int:
    sql = "INSERT INTO test_sets (name, source, created_at, ready) VALUES (?, ?, ?, ?)"
    connection.execute(sql, (name, source, utc_now(), ready))
    return int(connection.last_insert_rowid())


def _add(connection: apsw.Connection, set_id: int, new: NewQuestion, at: str) -> int:
    values = (set_id, _spelling(new.question), new.kind, at)
    sql = (
        "INSERT INTO test_questions (set_id, question, kind, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (set_id, question) DO UPDATE SET kind = coalesce(nullif(excluded.kind, ''), kind) RETURNING id"
    )
    question_id = int(next(iter(connection.execute(sql, values)))[0])
    connection.executemany(
        "INSERT INTO test_judgements (question_id, passage_id, relevance, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (question_id, passage_id) DO UPDATE SET relevance = excluded.relevance,"
        " at = iif(relevance = excluded.relevance, at, excluded.at)",  # runs of before did not know it
        [(question_id, passage, relevance, at) for passage, relevance in new.judgements.items()],
    )
    return question_id


def _take_back(connection: apsw.Connection, set_id: int, question: str, passage_id: int) -> None:
    """Without its last mark a question goes, and without its last question the set."""
    found = "SELECT id FROM test_questions WHERE set_id = ? AND question = ?"
    sql = f"DELETE FROM test_judgements WHERE question_id = ({found}) AND passage_id = ?"
    connection.execute(sql, (set_id, question, passage_id))
    connection.execute(
        "DELETE FROM test_questions WHERE set_id = ? AND question = ?"
        " AND NOT EXISTS (SELECT 1 FROM test_judgements WHERE question_id = test_questions.id)",
        (set_id, question),
    )
    drop_empty(connection)


def drop_empty(connection: apsw.Connection) -> None:
    """Marks of which the last one was taken back are no set any more; within a transaction of the caller."""
    sql = "DELETE FROM test_sets WHERE source = ? AND id NOT IN (SELECT set_id FROM test_questions)"
    connection.execute(sql, (SEARCH,))
