"""Backups, their rotation, and putting one back: whole or not at all, and nothing lost."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from small_project import add_paper, new_pair, small_project, states

from embtrainer_gui.core.errors import Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.found_file import BY_PASSAGE_ID
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.store import Project, open_project, utc_now
from embtrainer_gui.core.store import backups as backups_module
from embtrainer_gui.core.store.backups import (
    Backup,
    all_backups,
    kept,
    make_backup,
    newest_whole,
    steps_before,
)
from embtrainer_gui.core.store.integrity import is_whole
from embtrainer_gui.core.store.restore import contents, find_backup, restore

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return small_project(tmp_path / "project")


def accept(project: Project, *numbers: int) -> None:
    pairs = project.pairs.all()
    project.pairs.decide([pairs[number].id for number in numbers], PairState.ACCEPTED, "accept", utc_now())


def test_that_a_backup_holds_what_was_committed_and_says_so(project: Project) -> None:
    accept(project, 0, 1)
    made = make_backup(project.folder, "asked")
    found = contents(made.path)
    assert (found.papers, found.passages, found.accepted, found.pending, found.decisions) == (2, 6, 2, 4, 2)
    assert found.last_decision
    assert is_whole(made.path)
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name]  # no log, no draft


def test_that_nothing_is_copied_twice(project: Project) -> None:
    first = make_backup(project.folder, "asked")
    assert make_backup(project.folder, "bulk") == first
    accept(project, 0)
    assert make_backup(project.folder, "asked").number == first.number + 1


def test_that_a_backup_while_another_thread_writes_is_a_state_that_was(project: Project) -> None:
    """Each transaction adds two pairs: an odd number would be a state between."""
    passage, stop = next(iter(project.passages.in_use())).id, threading.Event()

    def write() -> None:
        with open_project(project.folder, write=True) as other:
            number = 100
            while not stop.is_set():
                other.pairs.add([new_pair(passage, number), new_pair(passage, number + 1)])
                number += 2

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(5):
            for _ in backups_module.backup_steps(project.folder, "asked", clock=lambda: START):
                pass
    finally:
        stop.set()
        thread.join()
    made = all_backups(project.folder)
    assert len(made) >= 2
    for backup in made:
        assert contents(backup.path).pending % 2 == 0
        assert is_whole(backup.path)


def backup_at(at: datetime, number: int, size: int = 1000) -> Backup:
    return Backup(Path(f"{number}.db"), number, at, "asked", size)


def test_that_rotation_keeps_recent_ones_then_days_weeks_and_months() -> None:
    times = [START + timedelta(hours=hour) for hour in range(0, 24 * 400, 6)]
    made = [backup_at(at, number) for number, at in enumerate(times, 1)][::-1]
    stay = kept(made, times[-1])
    assert stay[:5] == made[:5]
    assert 20 <= len(stay) <= 5 + 8 + 5 + 13
    days = {backup.at.date() for backup in stay}
    assert {(times[-1] - timedelta(days=back)).date() for back in range(7)} <= days
    assert min(days) <= (times[-1] - timedelta(days=330)).date()
    assert kept(stay, times[-1]) == stay  # rotating again takes none away


def test_that_a_clock_that_jumps_back_costs_no_backup() -> None:
    future = [backup_at(START + timedelta(days=300 + day), day + 1) for day in range(10)]
    now = [backup_at(START + timedelta(minutes=minute), 11 + minute) for minute in range(8)]
    made = (future + now)[::-1]
    stay = kept(made, START + timedelta(minutes=8))
    assert set(future) <= {*stay}
    assert stay[0].number == 18  # the newest is the last one made, whatever its date


def test_that_large_backups_go_before_the_disk_is_full_but_never_the_newest_two() -> None:
    made = [backup_at(START - timedelta(hours=number), 9 - number, 2**40) for number in range(9)]
    assert kept(made, START)[:1] == made[:1]
    varied = [backup_at(START, 3, 2**20), *(backup_at(START, number, 2**40) for number in (2, 1))]
    assert kept(varied, START) == varied[:2]


def test_that_rotation_deletes_files_by_the_rules_and_no_others(project: Project) -> None:
    clock = [START]
    for number in range(8):
        accept(project, number % 6)
        project.meta.set("round", number)
        make_backup(project.folder, "asked", clock=lambda: clock[0])
        clock[0] += timedelta(minutes=1)
    (project.folder / "backups" / "mine.txt").write_text("mine", encoding="utf-8")
    numbers = [backup.number for backup in all_backups(project.folder)]
    assert numbers == [8, 7, 6, 5, 4]
    assert (project.folder / "backups" / "mine.txt").exists()


def test_that_a_damaged_project_pushes_no_good_backup_out(project: Project) -> None:
    for number in range(6):
        project.meta.set("round", number)
        make_backup(project.folder, "asked")
    project.close()
    database = project.folder / "project.db"
    content = database.read_bytes().replace(b"What is fact 3?fact 3", b"What is fact 4?fact 3")
    database.write_bytes(content)
    before = all_backups(project.folder)
    make_backup(project.folder, "asked")
    after = all_backups(project.folder)
    assert after[1:] == before
    assert not is_whole(after[0].path)
    assert newest_whole(project.folder) == before[0]


def test_that_many_decisions_make_a_backup_first_and_a_second_time_none(tmp_path: Path) -> None:
    project = small_project(tmp_path / "many", pairs=60)
    ids = [pair.id for pair in project.pairs.all()]
    project.pairs.decide(ids, PairState.REJECTED, "reject shown", utc_now())
    (made,) = all_backups(project.folder)
    assert made.reason == "bulk"
    assert contents(made.path).pending == 60
    project.pairs.decide(ids, PairState.ACCEPTED, "accept shown", utc_now())
    assert all_backups(project.folder) == [made]
    assert list(steps_before(project.folder, "bulk", clock=lambda: made.at + timedelta(minutes=11)))


def test_that_a_restore_brings_the_old_state_and_can_be_taken_back(project: Project) -> None:
    accept(project, 0)
    then = make_backup(project.folder, "asked")
    old = states(project)
    accept(project, 1, 2)
    add_paper(project, "later.pdf")
    new = states(project)
    project.close()
    before = restore(project.folder, then)
    with open_project(project.folder, write=True) as opened:
        assert states(opened) == old
        assert opened.documents.count() == 2
        accept(opened, 5)
    assert before is not None
    assert before.reason == "restore"
    restore(project.folder, before)
    with open_project(project.folder) as opened:
        assert states(opened) == new
        assert opened.documents.count() == 3
    reasons = [backup.reason for backup in all_backups(project.folder)]
    assert reasons == ["restore", "restore", "asked"]


def test_that_a_restore_over_a_damaged_project_sets_the_damaged_file_aside(project: Project) -> None:
    accept(project, 0)
    make_backup(project.folder, "asked")
    old = states(project)
    project.close()
    database = project.folder / "project.db"
    broken = database.read_bytes()[:4096] + b"\xff" * 8192
    database.write_bytes(broken)
    backup = newest_whole(project.folder)
    assert backup is not None
    before = restore(project.folder, backup)
    assert before is not None
    assert before.path.read_bytes() == broken
    with open_project(project.folder, write=True) as opened:
        assert states(opened) == old


def test_that_a_project_whose_database_is_gone_is_restored_and_its_log_set_aside(project: Project) -> None:
    accept(project, 0)
    made = make_backup(project.folder, "asked")
    old = states(project)
    project.close()
    (project.folder / "project.db").unlink()
    (project.folder / "project.db-wal").write_bytes(b"of the file that is gone")
    assert restore(project.folder, made) is None
    with open_project(project.folder, write=True) as opened:
        assert states(opened) == old
    assert (made.path.parent / "project.db-wal").read_bytes() == b"of the file that is gone"


def test_that_a_restore_leaves_no_file_that_means_passages_by_their_ids(project: Project) -> None:
    made = make_backup(project.folder, "asked")
    project.close()
    for name in (*BY_PASSAGE_ID, "vectors"):
        (project.index / name).write_bytes(b"1, 2, 3")
    restore(project.folder, made)
    assert [path.name for path in project.index.iterdir()] == ["vectors"]


def test_that_a_damaged_backup_is_refused_and_nothing_changes(project: Project) -> None:
    made = make_backup(project.folder, "asked")
    made.path.write_bytes(made.path.read_bytes().replace(b"What is fact 3?fact 3", b"What is fact 4?fact 3"))
    accept(project, 0)
    project.close()
    content = (project.folder / "project.db").read_bytes()
    with pytest.raises(UserError, match='the question "What is fact 4'):
        restore(project.folder, made)
    assert (project.folder / "project.db").read_bytes() == content


def test_that_a_project_in_use_is_not_restored(project: Project) -> None:
    made = make_backup(project.folder, "asked")
    with project.lock(), pytest.raises(EnvironmentProblem, match="in use by process"):
        restore(project.folder, made)
    accept(project, 0)  # a reader and writer without the lock
    project.database.connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(EnvironmentProblem, match="in use"):
        restore(project.folder, made)
    project.database.connection.execute("ROLLBACK")
    assert states(project)["What is fact 0?"] == "accepted"
    assert not list(project.folder.glob(".*"))


def test_that_a_cancelled_backup_leaves_nothing(project: Project) -> None:
    class Stop(Silent):
        def raise_if_cancelled(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        make_backup(project.folder, "asked", Stop())
    assert not list((project.folder / "backups").iterdir())


def test_that_a_backup_is_found_by_number_and_a_wrong_name_told(project: Project) -> None:
    made = make_backup(project.folder, "asked")
    assert (
        find_backup(project.folder, "1") == find_backup(project.folder, made.path.name) == find_backup(project.folder)
    )
    with pytest.raises(UserError, match="no backup 9"):
        find_backup(project.folder, "9")


def test_that_what_a_killed_backup_left_goes_away_after_a_day(project: Project) -> None:
    make_backup(project.folder, "asked")
    old, young = (project.folder / "backups" / f".{name}.db.part" for name in ("old", "young"))
    for draft in (old, young):
        draft.write_bytes(b"half")
    os.utime(old, (0, 0))
    project.meta.set("round", 1)
    make_backup(project.folder, "asked")
    assert (old.exists(), young.exists()) == (False, True)
