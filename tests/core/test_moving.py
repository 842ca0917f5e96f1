"""A project moves whole, on its disk or to another one, or stays where it was."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_project import small_project, states

from embtrainer_gui.core.errors import AppError, Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.store import open_project
from embtrainer_gui.core.store.lock import is_held
from embtrainer_gui.core.store.moving import move_project, sizes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with small_project(tmp_path / "project") as project:
        (project.papers / "a.pdf").write_bytes(b"paper" * 1000)
    return tmp_path / "project"


@pytest.fixture
def other_disk(folder: Path) -> Iterator[Path]:
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == folder.stat().st_dev:
        pytest.skip("there is no second disk here")
    with tempfile.TemporaryDirectory(dir=shared) as place:
        yield Path(place)


def test_that_a_project_moves_into_a_folder_that_is_not_there_yet(folder: Path, tmp_path: Path) -> None:
    with open_project(folder) as project:
        before = states(project)
    move_project(folder, tmp_path / "group" / "ours")
    assert not folder.exists()
    with open_project(tmp_path / "group" / "ours", write=True) as project, project.lock():
        assert states(project) == before
    assert sizes(tmp_path / "group" / "ours")["papers"] == 5000


def test_that_a_project_goes_whole_to_another_disk(folder: Path, other_disk: Path) -> None:
    move_project(folder, other_disk / "project")
    assert not folder.exists()
    with open_project(other_disk / "project") as project:
        assert len(project.pairs.all()) == 6
        assert (project.papers / "a.pdf").stat().st_size == 5000
        assert project.models.is_dir()


def test_that_a_link_goes_to_another_disk_as_a_link(folder: Path, other_disk: Path, tmp_path: Path) -> None:
    (tmp_path / "big" / "run-1").mkdir(parents=True)
    (tmp_path / "big" / "run-1" / "model").write_bytes(b"weights")
    (folder / "models").rmdir()
    (folder / "models").symlink_to("../big")
    (folder / "papers" / "same.pdf").symlink_to(folder / "papers" / "a.pdf")
    (folder / "exports" / "lost").symlink_to(tmp_path / "unplugged")
    move_project(folder, other_disk / "project")
    moved = other_disk / "project"
    assert (moved / "models" / "run-1" / "model").read_bytes() == b"weights"
    assert (moved / "papers" / "same.pdf").resolve() == (moved / "papers" / "a.pdf").resolve()
    assert (moved / "exports" / "lost").readlink() == tmp_path / "unplugged"
    assert all((moved / name).is_symlink() for name in ("models", "papers/same.pdf"))


def test_that_nobody_takes_a_project_while_it_is_copied(folder: Path, other_disk: Path) -> None:
    seen = []

    class Look(Silent):
        def raise_if_cancelled(self) -> None:
            seen.append(is_held(folder, "project"))

    move_project(folder, other_disk / "project", Look())
    assert seen
    assert all(seen)
    assert not folder.exists()
    assert not is_held(other_disk / "project", "project")


def test_that_a_cancelled_move_leaves_the_project_and_nothing_else(folder: Path, other_disk: Path) -> None:
    class Stop(Silent):
        def raise_if_cancelled(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        move_project(folder, other_disk / "project", Stop())
    assert (folder / "project.db").is_file()
    assert not list(other_disk.iterdir())


@pytest.mark.parametrize("target", ["project/inside", "taken", "a:b", "nul", "ends."])
def test_that_a_place_that_cannot_be_is_refused(target: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.tex").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError):
        move_project(folder, tmp_path / target)
    assert (folder / "project.db").is_file()


def test_that_a_project_in_use_stays(folder: Path, tmp_path: Path) -> None:
    with open_project(folder) as project, project.lock(), pytest.raises(EnvironmentProblem, match="in use"):
        move_project(folder, tmp_path / "elsewhere")
    assert (folder / "project.db").is_file()


def test_that_a_folder_that_may_not_be_made_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(AppError):
        move_project(folder, tmp_path / "file" / "project")
    assert (folder / "project.db").is_file()
