"""Runs of a project: named, annotated, pinned, deleted and put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from embtrainer_gui.core.config import EARLIER
from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.store import Project, create_project, open_project, utc_now
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.core.store.runs import BIN, Run
from embtrainer_gui.core.workflow import RUN_LOCK


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "project") as project:
        yield project


def trained(project: Project, name: str, state: str = "done") -> Run:
    number = project.runs.begin(name, {"epochs": 2}, "print", utc_now())
    project.runs.finish(number, state, {"pairs": 5}, utc_now())
    folder = project.models / name / "final_model"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"w" * 1000)
    found = project.runs.get(number)
    assert found is not None
    return found


def test_that_a_run_keeps_what_the_user_says_of_it(project: Project) -> None:
    run = trained(project, "run-1")
    assert (run.called, run.note, run.pinned) == ("run-1", "", False)
    project.runs.rename(run.id, "  Longer \n passages ")
    project.runs.annotate(run.id, "Two lines,\nkept as they are. ")
    project.runs.pin(run.id, True)
    with open_project(project.folder) as again:
        (found,) = again.runs.all()
    assert (found.called, found.note, found.pinned) == ("Longer passages", "Two lines,\nkept as they are.", True)
    project.runs.rename(run.id, "")
    assert project.runs.all()[0].called == "run-1"


def test_that_training_again_keeps_the_users_words(project: Project) -> None:
    run = trained(project, "run-1", "stopped")
    project.runs.rename(run.id, "Mine")
    project.runs.begin("run-1", {"epochs": 2}, "print", utc_now())
    assert project.runs.all()[0].called == "Mine"


def test_that_disk_taken_counts_every_file(project: Project) -> None:
    run = trained(project, "run-1")
    (project.models / "run-1" / "events.jsonl").write_bytes(b"e" * 234)
    assert project.runs.disk_taken(run) == 1234


def test_that_a_deleted_run_is_gone_and_comes_back_whole(project: Project) -> None:
    first, second = trained(project, "run-1"), trained(project, "run-2")
    project.runs.add_evaluation(second.id, "test", "print", {"delta": 2}, [], utc_now())
    project.runs.delete(second)
    assert project.runs.all() == [first]
    assert project.runs.latest() == first
    assert project.runs.latest_evaluation() is None
    assert not (project.models / "run-2").exists()
    assert project.runs.put_back(second)
    assert project.runs.all() == [first, second]
    assert project.runs.latest_evaluation() is not None
    assert project.runs.disk_taken(second) == 1000


def test_that_an_evaluation_of_no_run_survives_a_deletion(project: Project) -> None:
    run = trained(project, "run-1")
    project.runs.add_evaluation(None, "test", "print", {"delta": 1}, [], utc_now())
    project.runs.delete(run)
    assert project.runs.latest_evaluation() is not None


def test_that_a_new_run_takes_no_name_twice(project: Project) -> None:
    assert project.runs.free_name() == "run-1"
    first, second = trained(project, "run-1"), trained(project, "run-2")
    project.runs.delete(first)
    assert project.runs.free_name() == "run-3"
    project.runs.delete(second)
    assert project.runs.free_name() == "run-3"


@pytest.mark.parametrize("place", [".", BIN])
def test_that_a_new_run_spares_the_folder_of_one_that_a_restore_took_away(project: Project, place: str) -> None:
    trained(project, "run-1")
    (project.models / place / "run-3").mkdir(parents=True)
    assert project.runs.free_name() == "run-4"


def test_that_a_run_of_an_earlier_version_was_one_round(project: Project) -> None:
    project.runs.begin("run-1", {"epochs": 3}, "print", utc_now())
    assert project.runs.all()[0].config == {"epochs": 3, **EARLIER}


def test_that_purging_frees_the_disk_and_ends_undo(project: Project) -> None:
    run, kept = trained(project, "run-1"), trained(project, "run-2")
    project.runs.delete(run)
    project.runs.purge()
    assert list((project.models / BIN).glob("*")) == []
    assert not project.runs.put_back(run)
    assert project.runs.all() == [kept]
    assert project.runs.disk_taken(kept) == 1000


def test_that_a_run_that_trains_is_not_deleted(project: Project) -> None:
    run = trained(project, "run-1")
    with FolderLock(project.models / "run-1", RUN_LOCK), pytest.raises(UserError, match="still running"):
        project.runs.delete(run)
    assert project.runs.all() == [run]


def test_that_an_interrupted_run_can_be_deleted(project: Project) -> None:
    trained(project, "run-1")
    number = project.runs.begin("run-1", {}, "print", utc_now())
    run = project.runs.get(number)
    assert run is not None
    assert run.state == "running"
    project.runs.delete(run)
    assert project.runs.all() == []
    project.runs.put_back(run)
    assert project.runs.all() == [run]


def test_that_a_folder_that_cannot_be_moved_leaves_the_run(project: Project) -> None:
    run = trained(project, "run-1")
    (project.models / BIN).write_text("a file stands where the bin belongs")
    with pytest.raises(EnvironmentProblem):
        project.runs.delete(run)
    assert project.runs.all() == [run]
    assert project.runs.disk_taken(run) == 1000


def test_that_a_run_without_a_folder_can_be_deleted(project: Project) -> None:
    number = project.runs.begin("run-1", {}, "print", utc_now())
    project.runs.finish(number, "failed", {"error": "no"}, utc_now())
    run = project.runs.all()[0]
    project.runs.delete(run)
    assert project.runs.all() == []
    assert project.runs.put_back(run)
    assert project.runs.all() == [run]


def test_that_a_crash_between_moving_and_noting_loses_nothing(project: Project) -> None:
    run = trained(project, "run-1")
    (project.models / BIN).mkdir()
    (project.models / "run-1").rename(project.models / BIN / "run-1")
    project.runs.purge()
    assert project.runs.disk_taken(run) == 1000
