"""A fault at the n-th write, sync or truncation, for every n: the state is that before or that after, never between,
and what was acknowledged is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw
import pytest
from fault_vfs import Kind, faulty
from small_project import small_project, states

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import Project, open_project, own_log, utc_now
from embtrainer_gui.core.store import backups as backups_module
from embtrainer_gui.core.store import database as database_module
from embtrainer_gui.core.store import restore as restore_module
from embtrainer_gui.core.store.backups import all_backups, make_backup
from embtrainer_gui.core.store.decisions import Act, DecisionStore, Texts
from embtrainer_gui.core.store.integrity import examine
from embtrainer_gui.core.store.restore import restore
from embtrainer_gui.core.store.schema import SCHEMA_VERSION

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of a close that fails
KINDS: tuple[Kind, ...] = ("fails", "dies", "tears")
MOST = 400  # operations of one act
Work = Callable[[Project], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    small_project(tmp_path / "project").close()
    return tmp_path / "project"


def decision(project: Project) -> object:
    return DecisionStore(project.database).decide(1, PairState.ACCEPTED, Act.ACCEPT, utc_now())


def edit(project: Project) -> object:
    return DecisionStore(project.database).edit(2, Texts("What is new?", "new"), utc_now())


def bulk(project: Project) -> object:
    return project.pairs.decide([1, 2, 3], PairState.REJECTED, "reject shown", utc_now())


def picture(folder: Path) -> Any:
    """All that the store says of its pairs and journal."""
    with open_project(folder, write=True) as project:
        journal = project.database.rows("SELECT pair_id, action, before, after, edit FROM decisions ORDER BY id")
        return states(project), [(p.question, p.answer) for p in project.pairs.all()], journal


def copied(folder: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(folder, target))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("work", [decision, edit, bulk])
def test_that_an_act_is_there_whole_or_not_at_all(work: Work, kind: Kind, folder: Path, tmp_path: Path) -> None:
    before = picture(folder)
    with open_project(copied(folder, tmp_path / "after"), write=True) as project:
        work(project)
    after = picture(tmp_path / "after")
    assert before != after
    ends = set()
    for at in range(1, MOST):
        here, acknowledged = copied(folder, tmp_path / "try"), False
        with faulty(at, kind) as vfs:
            with suppress(AppError, apsw.Error), open_project(here, write=True) as project:
                work(project)
                acknowledged = True
            reached = vfs.count >= at
        found = picture(here)
        assert found in (before, after), f"fault {at}"
        assert not acknowledged or found == after, f"fault {at}: lost"
        assert examine(here / "project.db") == ()
        ends.add(found == after)
        if not reached:
            break
    else:
        pytest.fail("the act never ended")
    assert ends == {False, True}


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_migration_is_there_whole_or_not_at_all(
    kind: Kind, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Most of its writes are those of the copy: each of them with --soak, else one in twenty."""
    stride = 1 if request.config.getoption("--soak") else 20
    before = picture(folder)
    monkeypatch.setattr(database_module, "SCHEMA_VERSION", SCHEMA_VERSION + 2)
    steps = ("ALTER TABLE meta ADD COLUMN note TEXT", "CREATE TABLE more (id INTEGER PRIMARY KEY, text TEXT)")
    monkeypatch.setattr(database_module, "MIGRATIONS", (*database_module.MIGRATIONS, *steps))
    monkeypatch.setattr(own_log, "TABLES", own_log.TABLES | {"more"})
    seen = set()
    for at in range(1, MOST, stride):
        here = copied(folder, tmp_path / "try")
        with faulty(at, kind) as vfs:
            with suppress(AppError, apsw.Error):
                open_project(here, write=True).close()
            reached = vfs.count >= at
        looking = apsw.Connection(str(here / "project.db"))
        version = looking.pragma("user_version")
        tables = {row[0] for row in looking.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        columns = {row[1] for row in looking.execute("PRAGMA table_info(meta)")}
        looking.close()
        assert version - SCHEMA_VERSION == ("note" in columns) + ("more" in tables), f"fault {at}"
        if version > SCHEMA_VERSION:
            copy = apsw.Connection(str(here / f"project.db.before-{SCHEMA_VERSION + 1}"))
            assert copy.pragma("user_version") == SCHEMA_VERSION
            copy.close()
        seen.add(version)
        assert picture(here) == before  # which brings it to the end
        if not reached:
            break
    assert {SCHEMA_VERSION, SCHEMA_VERSION + 2} <= seen


@pytest.mark.parametrize("work", ["backup", "restore"])
def test_that_a_backup_and_a_restore_are_there_whole_or_not_at_all(
    work: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The n-th rename, sync or copy fails."""
    make_backup(folder, "asked")
    before = picture(folder)
    with open_project(folder, write=True) as project:
        bulk(project)
    now, count = picture(folder), 0
    while True:
        count += 1
        here, calls = copied(folder, tmp_path / "try"), [0]

        def failing(real: Callable[..., Any], at: int = count, calls: list[int] = calls) -> Callable[..., Any]:
            def call(*arguments: Any, **more: Any) -> Any:
                calls[0] += 1
                if calls[0] == at:
                    raise OSError(5, "injected")
                return real(*arguments, **more)

            return call

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", failing(os.replace))
            for module in (backups_module, restore_module):
                patch.setattr(module, "sync_folder", failing(module.sync_folder))
            patch.setattr(restore_module, "copy_database", failing(restore_module.copy_database))
            patch.setattr(restore_module, "_close_log", failing(restore_module._close_log))
            with suppress(AppError):
                restore(here, all_backups(here)[-1]) if work == "restore" else make_backup(here, "asked")
        assert picture(here) in ((before, now) if work == "restore" else (now,))
        assert all(examine(backup.path) == () for backup in all_backups(here))
        assert not list(here.glob("**/.*"))
        if calls[0] < count:
            break
    assert count > 2
    assert work == "backup" or picture(here) == before
