"""Training runs and evaluations of a project."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import EARLIER
from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.lock import is_held
from embtrainer_gui.core.translate import mark

DELETED = "deleted:"  # before the state of a run that was deleted and can still be put back
LOCK = "run"  # held by the process that trains, in the run's folder
BIN = ".deleted"  # in models/: the folders of those runs
_COLUMNS = "id, name, state, config, fingerprint, summary, title, note, pinned, started_at, coalesce(finished_at, '')"


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Run:
    """A row of the project: one training run; its files are in ``models/<name>/``."""

    id: int
    name: str
    state: str  # running, done, stopped, failed
    config: dict[str, Any]
    fingerprint: str
    summary: dict[str, Any]
    title: str = ""  # the user's own name for it
    note: str = ""
    pinned: bool = False
    started_at: str = ""
    finished_at: str = ""

    @property
    def called(self) -> str:
        return self.title or self.name


class RunStore:
    """A deleted run vanishes from every query; ``put_back`` brings it again until ``purge``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._models = database.path.parent / "models"

    def begin(self, name: str, config: dict[str, Any], fingerprint: str, at: str) -> int:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO runs (name, state, config, fingerprint, started_at) VALUES (?1, 'running', ?2, ?3, ?4)"
                " ON CONFLICT (name) DO UPDATE SET state = 'running', fingerprint = ?3",
                (name, json.dumps(config), fingerprint, at),
            )
            return int(next(iter(connection.execute("SELECT id FROM runs WHERE name = ?", (name,))))[0])

    def finish(self, run_id: int, state: str, summary: dict[str, Any], at: str) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE runs SET state = ?, summary = ?, finished_at = ? WHERE id = ?",
                (state, json.dumps(summary), at, run_id),
            )

    def free_name(self) -> str:
        """A name that no run of this project has, deleted ones included, nor a folder: after a restore the models of
        later runs are there still."""
        names = [row[0] for row in self._database.rows("SELECT name FROM runs")]
        names += [path.name for place in (self._models, self._models / BIN) for path in place.glob("run-*")]
        numbers = [int(found[1]) for name in names if (found := re.fullmatch(r"run-(\d+)", name))]
        return f"run-{max(numbers, default=0) + 1}"

    def all(self) -> list[Run]:
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM runs WHERE state NOT LIKE '{DELETED}%' ORDER BY id")
        return [_run(row) for row in rows]

    def get(self, run_id: int) -> Run | None:
        return next((run for run in self.all() if run.id == run_id), None)

    def latest(self, state: str = "done") -> Run | None:
        found = [run for run in self.all() if run.state == state]
        return found[-1] if found else None

    def rename(self, run_id: int, title: str) -> None:
        """Give a run the user's own name; "" takes it back."""
        self._set(run_id, "title", " ".join(title.split()))

    def annotate(self, run_id: int, note: str) -> None:
        self._set(run_id, "note", note.strip())

    def pin(self, run_id: int, pinned: bool) -> None:
        """Pinned runs stand first in the list."""
        self._set(run_id, "pinned", int(pinned))

    def folder(self, run: Run) -> Path:
        return self._models / run.name

    def disk_taken(self, run: Run) -> int:
        """Bytes of the files of a run; asks the disk, so not on the GUI thread."""
        return _bytes(self.folder(run))

    def delete(self, run: Run) -> None:
        """Take a run away, its folder into the bin.

        Raises:
            UserError: a process trains it.
            EnvironmentProblem: its folder cannot be moved; nothing changed.
        """
        if is_held(self.folder(run), LOCK):
            raise UserError(mark("{name} is still running."), mark("Stop it before you delete it."), name=run.called)
        with self._database.transaction() as connection:
            connection.execute("UPDATE runs SET state = ? || state WHERE id = ?", (DELETED, run.id))
            _move(self.folder(run), self._models / BIN / run.name)

    def put_back(self, run: Run) -> bool:
        """Undo ``delete``; False where the run was purged meanwhile."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE runs SET state = substr(state, ?) WHERE id = ? AND state LIKE ?",
                (len(DELETED) + 1, run.id, f"{DELETED}%"),
            )
            if not connection.changes():
                return False
            _move(self._models / BIN / run.name, self.folder(run))
        return True

    def purge(self, remove: Callable[[Path], object] = _remove) -> None:
        """Delete for good what is in the bin. A folder whose run is not deleted goes back: a crash came between.

        Args:
            remove: deletes a folder; it may take its time on another thread.
        """
        rows = self._database.rows(f"SELECT name FROM runs WHERE state LIKE '{DELETED}%'")
        deleted = {row[0] for row in rows}
        for folder in self._models.glob(f"{BIN}/*"):
            home = self._models / folder.name
            if folder.name not in deleted and not home.exists() and self._is_known(folder.name):
                _move(folder, home)
            else:
                remove(folder)
        if deleted:
            with self._database.transaction() as connection:
                connection.execute(
                    f"DELETE FROM runs WHERE state LIKE '{DELETED}%' AND name IN (SELECT value FROM json_each(?))",
                    (json.dumps(sorted(deleted)),),
                )

    def add_evaluation(
        self,
        run_id: int | None,
        question_set: str,
        fingerprint: str,
        result: Any,
        per_question: Any,
        at: str,
        models: str = "",
    ) -> None:
        """``models``: names with commas, "" for the usual four. Without ``run_id`` it outlives every run."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO evaluations (run_id, question_set, fingerprint, result, per_question, at, models)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run_id, question_set, fingerprint, json.dumps(result), json.dumps(per_question), at, models),
            )

    def latest_evaluation(self, question_set: str = "test", models: str = "") -> tuple[str, dict[str, Any], Any] | None:
        """``(fingerprint, result, figures of each question)`` of the newest evaluation of ``models`` on a set."""
        rows = self._database.rows(
            "SELECT fingerprint, result, per_question FROM evaluations WHERE question_set = ? AND models = ?"
            f" AND coalesce(run_id, 0) NOT IN (SELECT id FROM runs WHERE state LIKE '{DELETED}%')"
            " ORDER BY id DESC LIMIT 1",
            (question_set, models),
        )
        return (rows[0][0], json.loads(rows[0][1]), json.loads(rows[0][2])) if rows else None

    def compared(self) -> list[tuple[str, str]]:
        """``(question set, models)`` of what was ever compared, the newest last."""
        rows = self._database.rows(
            "SELECT question_set, models FROM evaluations"
            f" WHERE coalesce(run_id, 0) NOT IN (SELECT id FROM runs WHERE state LIKE '{DELETED}%')"
            " GROUP BY question_set, models ORDER BY max(id)"
        )
        return [(row[0], row[1]) for row in rows]

    def _set(self, run_id: int, column: str, value: str | int) -> None:
        with self._database.transaction() as connection:
            connection.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (value, run_id))

    def _is_known(self, name: str) -> bool:
        return bool(self._database.one("SELECT count(*) FROM runs WHERE name = ?", (name,)))


def questions_of(summary: Mapping[str, Any]) -> int:
    """Pairs that a run trained on, without the phrases that stand in for questions."""
    return int(summary.get("pairs", 0)) - int(summary.get("stand_ins", 0))


def _run(row: tuple[Any, ...]) -> Run:
    config, summary = EARLIER | json.loads(row[3]), json.loads(row[5])
    return Run(row[0], row[1], row[2], config, row[4], summary, row[6], row[7], bool(row[8]), row[9], row[10])


def _move(source: Path, target: Path) -> None:
    if not source.exists():  # a run that failed before it wrote anything
        return
    try:
        target.parent.mkdir(exist_ok=True)
        os.rename(source, target)
    except OSError as problem:
        raise EnvironmentProblem(
            mark("The folder {path} cannot be moved: {detail}."),
            mark("Close programs that have a file of it open, and try again."),
            path=source,
            detail=problem.strerror or problem,
        ) from problem


def _bytes(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).lstat().st_size
            except OSError:
                continue  # it was just deleted
    return total
