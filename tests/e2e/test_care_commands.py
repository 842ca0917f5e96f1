"""backup, restore, archive, unarchive and check, as a user runs them."""

from __future__ import annotations

from pathlib import Path

from commandline import CommandLine, assert_plain
from small_project import small_project, states

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import open_project, utc_now


def test_that_a_project_is_backed_up_put_back_packed_and_unpacked(tmp_path: Path, embtrainer: CommandLine) -> None:
    folder = tmp_path / "project"
    with small_project(folder) as project:
        old = states(project)
        made = embtrainer.ok("backup", folder)
        project.pairs.decide([1, 2], PairState.ACCEPTED, "accept", utc_now())
        new = states(project)
    (row,) = embtrainer.ok("restore", folder)["backups"]
    assert (row["backup"], row["holds"]["pending"], row["holds"]["accepted"]) == (made["backup"], 6, 0)
    put_back = embtrainer.ok("restore", folder, "newest")
    with open_project(folder) as project:
        assert states(project) == old
    assert embtrainer.ok("archive", folder)["path"] == f"{folder}.embtrainer.zip"
    embtrainer.ok("restore", folder, put_back["before"])
    embtrainer.ok("unarchive", tmp_path / "other", f"{folder}.embtrainer.zip")
    with open_project(folder) as project, open_project(tmp_path / "other") as other:
        assert (states(project), states(other)) == (new, old)


def test_that_check_names_what_is_damaged_and_the_way_back(tmp_path: Path, embtrainer: CommandLine) -> None:
    folder = tmp_path / "project"
    with small_project(folder):
        backup = embtrainer.ok("backup", folder)["backup"]
    ran = embtrainer("check", folder)
    assert (ran.code, "as it was written" in ran.out) == (0, True)
    database = folder / "project.db"
    database.write_bytes(database.read_bytes().replace(b"What is fact 3?fact 3", b"What is fact 4?fact 3"))
    assert_plain(
        embtrainer("check", folder), 3, 'the question "What is fact 4?"', f"embtrainer restore {folder} {backup}"
    )
    embtrainer.ok("restore", folder, backup)
    assert embtrainer.ok("check", folder)["damaged"] == []
    assert_plain(embtrainer("restore", folder, "77"), 2, "no backup 77")
