"""What servers were asked about a project's passages: what came of it, with which prompt, and what it took."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import apsw

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.pairs import INSERT, NewPair, insert_row


class AskState(StrEnum):
    """What became of a passage under one generator."""

    DONE = "done"
    FAILED = "failed"  # for its own reasons: asked again only where that is wanted
    SERVER = "server"  # the server was at fault: the next run asks it again


@dataclass(frozen=True, slots=True)
class Call:
    """One answered request. ``outcome``: done, salvaged, or why it was of no use."""

    run_id: str
    passage_id: int | None
    host: str
    model: str
    purpose: str  # questions, judge or regenerate
    outcome: str
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float
    at: str


@dataclass(frozen=True, slots=True)
class Used:
    """What some calls came to."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


NOTHING_USED = Used()


class ServerRunStore:
    """``generator`` is the name that a generator goes by in the table ``generated``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def states(self, generator: str) -> dict[int, AskState]:
        """``{passage id: state}`` of every passage that it was asked about."""
        rows = self._database.rows("SELECT passage_id, state FROM generated WHERE backend = ?", (generator,))
        return {row[0]: AskState(row[1]) for row in rows}

    def failures(self, generator: str) -> list[tuple[int, AskState, str]]:
        """``(passage id, state, reason)`` of those that failed, in the order of the passages."""
        rows = self._database.rows(
            "SELECT passage_id, state, reason FROM generated WHERE backend = ? AND state != ? ORDER BY passage_id",
            (generator, AskState.DONE),
        )
        return [(row[0], AskState(row[1]), row[2]) for row in rows]

    def any_failed(self) -> bool:
        """Whether a passage of a paper that is shown failed, and no other generator has been through it."""
        sql = (
            "SELECT EXISTS (SELECT 1 FROM generated g JOIN passages p ON p.id = g.passage_id"
            " JOIN documents d ON d.id = p.document_id JOIN sources s ON s.id = d.source_id"
            " WHERE g.state != 'done' AND s.removed_at IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM generated o WHERE o.passage_id = g.passage_id AND o.state = 'done'))"
        )
        return bool(self._database.one(sql))

    def add_answer(self, generator: str, passage_id: int, pairs: Sequence[NewPair], call: Call | None) -> bool:
        """The pairs of a passage, that it is done, and the call, in one step; False where it was done already (by
        another process, or before a kill): then nothing is stored twice."""
        with self._database.quick_transaction() as connection:
            at = pairs[0].created_at
            is_new = _set_state(connection, generator, passage_id, AskState.DONE, len(pairs), "", at)
            if is_new:
                connection.executemany(INSERT, [insert_row(pair) for pair in pairs])
            if call:
                connection.execute(_CALL, _call_row(call))
        return is_new

    def add_failure(
        self, generator: str, passage_id: int, state: AskState, reason: str, at: str, call: Call | None = None
    ) -> None:
        """That a passage failed and why; one that is done stays so."""
        with self._database.quick_transaction() as connection:
            _set_state(connection, generator, passage_id, state, 0, reason, at)
            if call:
                connection.execute(_CALL, _call_row(call))

    def pass_over(self, generator: str, passage_ids: Iterable[int], reason: str, at: str) -> None:
        """Passages that are done without having been asked about; all others that were for this reason are not."""
        kept = json.dumps(list(passage_ids))
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM generated WHERE backend = ? AND made = 0 AND reason = ?"
                " AND passage_id NOT IN (SELECT value FROM json_each(?))",
                (generator, reason, kept),
            )
            for passage_id in json.loads(kept):
                _set_state(connection, generator, passage_id, AskState.DONE, 0, reason, at)

    def add_call(self, call: Call) -> None:
        with self._database.quick_transaction() as connection:
            connection.execute(_CALL, _call_row(call))

    def last_call(self) -> int:
        """The id of the newest call, 0 where there is none."""
        return int(self._database.one("SELECT max(id) FROM calls") or 0)

    def used_after(self, call_id: int) -> Used:
        """What the calls after that one came to."""
        sql = "SELECT count(*), sum(prompt_tokens), sum(completion_tokens) FROM calls WHERE id > ?"
        calls, sent, received = self._database.rows(sql, (call_id,))[0]
        return Used(calls, sent or 0, received or 0)

    def hosts(self) -> list[str]:
        """The servers that answered something about this project, as ``host:port``."""
        return [row[0] for row in self._database.rows("SELECT DISTINCT host FROM calls ORDER BY host")]

    def keep_prompt(self, hash_: str, prompt: str, at: str) -> None:
        """A wording under its hash; the same one is kept once."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO prompts (hash, prompt, at) VALUES (?, ?, ?)", (hash_, prompt, at))

    def languages(self) -> dict[int, str]:
        """``{passage id: ISO 639-1}`` of the passages whose language is known."""
        return dict(self._database.rows("SELECT id, language FROM passages WHERE language != ''"))

    def questions_of(self, passage_id: int) -> tuple[str, ...]:
        """Every question on a passage, whatever became of it."""
        rows = self._database.rows("SELECT question FROM pairs WHERE passage_id = ? ORDER BY id", (passage_id,))
        return tuple(row[0] for row in rows)

    def made_with(self) -> dict[int, dict[str, Any]]:
        """``{pair id: {"prompt", "seed", "quote"}}`` of the pairs that servers made, with ``judge`` of those that have
        a mark; ``prompt`` is the hash of the wording."""
        names = ("prompt", "seed", "quote", "judge")
        rows = self._database.rows(f"SELECT id, {', '.join(names)} FROM pairs WHERE prompt != '' OR judge NOT NULL")
        found = {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}
        return {
            number: {name: each[name] for name in names if each[name] not in ("", None)}
            for number, each in found.items()
        }

    def unjudged(self) -> dict[int, list[int]]:
        """``{passage id: pair ids}`` of the pending pairs without a mark."""
        rows = self._database.rows(
            "SELECT passage_id, id FROM pairs WHERE judge IS NULL AND state = ? ORDER BY passage_id, id",
            (PairState.PENDING,),
        )
        found: dict[int, list[int]] = {}
        for passage_id, pair_id in rows:
            found.setdefault(passage_id, []).append(pair_id)
        return found

    def set_marks(self, marks: Mapping[int, tuple[float, str]], call: Call) -> None:
        """``{pair id: (mark from 0 to 10, why)}``."""
        with self._database.quick_transaction() as connection:
            connection.executemany(
                "UPDATE pairs SET judge = ?2, judge_why = ?3 WHERE id = ?1",
                [(pair_id, score, why) for pair_id, (score, why) in marks.items()],
            )
            connection.execute(_CALL, _call_row(call))

    def judged_below(self, lowest: float) -> set[int]:
        """Pairs with a mark below it."""
        return {row[0] for row in self._database.rows("SELECT id FROM pairs WHERE judge < ?", (lowest,))}


_CALL = (
    "INSERT INTO calls (run_id, passage_id, host, model, purpose, outcome, prompt_tokens, completion_tokens, seconds,"
    " at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _call_row(call: Call) -> tuple[object, ...]:
    return (
        call.run_id,
        call.passage_id,
        call.host,
        call.model,
        call.purpose,
        call.outcome,
        call.prompt_tokens,
        call.completion_tokens,
        call.seconds,
        call.at,
    )


def _set_state(
    connection: apsw.Connection, generator: str, passage_id: int, state: AskState, made: int, reason: str, at: str
) -> bool:
    """False, and nothing changed, where the passage is done."""
    connection.execute(
        "INSERT INTO generated (passage_id, backend, made, state, reason, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT (passage_id, backend) DO UPDATE SET made = ?3, state = ?4, reason = ?5, at = ?6"
        " WHERE generated.state != 'done'",
        (passage_id, generator, made, state, reason, at),
    )
    return connection.changes() > 0
