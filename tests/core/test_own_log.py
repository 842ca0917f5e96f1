"""A log beside the project's file that is of another database: it is never played back."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

import apsw
import pytest

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.store import Project, create_project, open_project
from embtrainer_gui.core.store.backups import make_backup
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.integrity import examine
from embtrainer_gui.core.store.own_log import IDENTITY
from embtrainer_gui.core.store.restore import restore

KEPT = "what the user made"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with create_project(tmp_path / "project") as project:
        project.meta.set("kept", KEPT)
    return tmp_path / "project"


def log_of_other_project(place: Path) -> Path:
    with create_project(place / "other") as other:
        other.meta.set("kept", "something else")
        return Path(shutil.copy(other.folder / "project.db-wal", place / "other.wal"))


def log_of_other_program(place: Path) -> Path:
    connection = apsw.Connection(str(place / "other.db"))
    connection.pragma("journal_mode", "wal")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("INSERT INTO t VALUES (1)")
    log = Path(shutil.copy(place / "other.db-wal", place / "other.wal"))
    connection.close()
    return log


@pytest.mark.parametrize("made", [log_of_other_project, log_of_other_program])
def test_that_the_log_of_another_database_is_refused_and_the_project_stays(folder: Path, tmp_path: Path, made) -> None:  # type: ignore[no-untyped-def]
    file, log = folder / "project.db", folder / "project.db-wal"
    before = file.read_bytes()
    shutil.copy(made(tmp_path), log)
    with pytest.raises(UserError, match="project.db-wal") as refused:
        open_project(folder)
    assert file.read_bytes() == before
    assert "Move project.db-wal" in str(refused.value.hint)
    log.unlink()
    with open_project(folder) as project:
        assert project.meta.get("kept") == KEPT


def test_that_read_only_such_a_log_is_refused_by_the_name_of_the_project(folder: Path, tmp_path: Path) -> None:
    shutil.copy(log_of_other_project(tmp_path), folder / "project.db-wal")
    with pytest.raises(UserError) as refused:
        Project(folder, read_only=True)
    assert str(folder) in str(refused.value)


def test_that_the_check_does_not_call_such_a_project_whole(folder: Path, tmp_path: Path) -> None:
    assert examine(folder / "project.db") == ()
    shutil.copy(log_of_other_project(tmp_path), folder / "project.db-wal")
    with pytest.raises(UserError, match="project.db-wal"):
        examine(folder / "project.db")


def test_that_a_restore_plays_no_such_log_back_either(folder: Path, tmp_path: Path) -> None:
    made = make_backup(folder, "asked")
    before = (folder / "project.db").read_bytes()
    shutil.copy(log_of_other_project(tmp_path), folder / "project.db-wal")
    with pytest.raises(UserError, match="project.db-wal"):
        restore(folder, made)
    assert (folder / "project.db").read_bytes() == before


def test_that_a_rollback_journal_beside_a_project_is_refused(folder: Path) -> None:
    before = (folder / "project.db").read_bytes()
    (folder / "project.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(600))
    with pytest.raises(UserError, match="project.db-journal"):
        open_project(folder)
    assert (folder / "project.db").read_bytes() == before


def test_that_the_log_of_the_project_itself_goes_on(folder: Path, tmp_path: Path) -> None:
    with open_project(folder) as project:
        project.meta.set("kept", "newer")
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy)  # as a crash leaves it
    assert (copy / "project.db-wal").stat().st_size
    with open_project(copy) as project:
        assert project.meta.get("kept") == "newer"


def test_that_the_log_of_a_damaged_file_is_not_called_foreign(folder: Path, tmp_path: Path) -> None:
    with open_project(folder) as project:
        project.meta.set("kept", "newer")
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy)
        root = project.database.one("SELECT rootpage FROM sqlite_schema WHERE name = 'meta'")
        size = project.database.one("PRAGMA page_size")
    with (copy / "project.db").open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    (copy / "project.db-shm").unlink()
    with suppress(EnvironmentProblem):  # damaged, as it is
        open_project(copy).close()


def test_that_a_project_without_an_identity_gets_one_and_keeps_it(folder: Path) -> None:
    with open_project(folder) as project:
        first = project.meta.get(IDENTITY)
        project.database.connection.execute("DELETE FROM meta WHERE key = ?", (IDENTITY,))
    with open_project(folder) as project:
        second = project.meta.get(IDENTITY)
    assert first
    assert second not in (None, first)
    with open_project(folder) as project:
        assert project.meta.get(IDENTITY) == second


def test_that_others_may_open_while_one_writes(folder: Path) -> None:
    with open_project(folder) as project:
        project.meta.set("kept", "newer")
        database = Database(folder / "project.db")
        assert database.one("SELECT value FROM meta WHERE key = 'kept'") == '"newer"'
        database.close()
        assert os.path.getsize(folder / "project.db-wal") > 0
