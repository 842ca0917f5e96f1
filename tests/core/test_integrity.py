"""Damage to the project's file is found wherever it sits, and a damaged row is told by name."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import apsw
import pytest
from small_project import small_project

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import open_project, row_sums, utc_now
from embtrainer_gui.core.store.integrity import examine

FLIPS, FEW_KILLS = 200, 10  # all of them with --soak


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with small_project(tmp_path / "project", pairs=40) as project:
        pairs = project.pairs.all()
        project.pairs.decide([pair.id for pair in pairs[:20]], PairState.ACCEPTED, "accept", utc_now())
        project.meta.set("note", {"ratio": 1.0, "words": "größer"})
    return tmp_path / "project" / "project.db"


def rows_of(path: Path) -> object:
    """Every row of every table as stock SQLite reads it; the error's text where it cannot."""
    connection = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)
    connection.text_factory = bytes
    try:
        tables = sorted(connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall())
        return [connection.execute(f"SELECT * FROM {table.decode()}").fetchall() for (table,) in tables]
    except (sqlite3.Error, UnicodeError) as problem:
        return str(problem)
    finally:
        connection.close()


def test_that_no_flipped_bit_changes_a_row_silently(file: Path, tmp_path: Path, kills: int) -> None:
    content, before = file.read_bytes(), rows_of(file)
    assert examine(file) == ()
    flips = FLIPS if kills >= FEW_KILLS else FLIPS // 5
    used = [place for place, byte in enumerate(content) if byte]
    dice, copy, changed = random.Random(7), tmp_path / "flipped.db", 0
    for _ in range(flips):
        place = dice.choice(used)
        damaged = bytearray(content)
        damaged[place] ^= 1 << dice.randrange(8)
        copy.write_bytes(damaged)
        if rows_of(copy) != before:
            changed += 1
            assert examine(copy), f"byte {place}"
    assert changed > flips // 5  # else the flips hit nothing


def test_that_a_damaged_question_is_told_by_its_words(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content.replace(b"What is fact 7?fact 7", b"What is fact 9?fact 7"))
    (found,) = examine(file)
    assert (found.table, found.name) == ("pairs", 'the question "What is fact 9?"')
    connection = apsw.Connection(str(file))
    assert connection.pragma("quick_check") == "ok"  # which is why the hashes are there
    connection.close()


def test_that_every_column_of_every_table_is_hashed_and_changes_keep_the_hashes(file: Path) -> None:
    with open_project(file.parent, write=True) as project:
        connection = project.database.connection
        for (table,) in list(connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")):
            sql = project.database.one("SELECT sql FROM sqlite_schema WHERE name = ?", (row_sums.PREFIX + table,))
            for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,)):
                assert column in sql
        project.documents.remove([1], utc_now())
        project.meta.set("note", 2.5)
        project.database.connection.execute("DELETE FROM pairs WHERE id = 40")
    assert examine(file) == ()


def test_that_a_column_of_a_later_schema_is_hashed_as_well(file: Path) -> None:
    connection = apsw.Connection(str(file))
    row_sums.register(connection)
    connection.execute("ALTER TABLE runs ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'")
    row_sums.ensure(connection)
    sql = next(iter(connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'sum_runs'")))[0]
    connection.close()
    assert "colour" in sql
    assert examine(file) == ()


@pytest.mark.parametrize("change", ["CREATE TABLE {name} (x)", "ALTER TABLE runs ADD COLUMN {name}"])
def test_that_names_in_a_file_run_no_statement(change: str, file: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    name = f"x); COMMIT; ATTACH '{outside}' AS p; CREATE TABLE p.t(a); --"
    connection = apsw.Connection(str(file))
    row_sums.register(connection)
    connection.execute(change.format(name=f'"{name}"'))
    row_sums.ensure(connection)
    connection.close()
    assert not outside.exists()
    assert examine(file) == ()


def test_that_the_hashes_of_an_earlier_version_stay(file: Path) -> None:
    connection = apsw.Connection(str(file))
    row_sums.register(connection)
    (sql,) = next(iter(connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'sum_meta'")))
    earlier = sql.replace('"', "")
    connection.execute("DROP INDEX sum_meta")
    connection.execute(earlier)
    row_sums.ensure(connection)
    (now,) = next(iter(connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'sum_meta'")))
    connection.close()
    assert now == earlier


def test_that_the_hash_of_a_row_never_changes() -> None:
    assert row_sums.row_sum(1, b"What?", None, 2.5, b"") == row_sums.row_sum(1.0, b"What?", None, 2.5, b"")
    assert row_sums.row_sum(1, b"What?", None, 2.5, b"") == HASH
    assert row_sums.row_sum(1, b"what?", None, 2.5, b"") != HASH


HASH = -7656469176842393262


def test_that_a_file_cut_short_is_refused_with_the_way_back(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    assert examine(file)
    with pytest.raises(EnvironmentProblem) as refused, open_project(file.parent) as project:
        project.pairs.all()
    assert "embtrainer restore" in refused.value.hint
