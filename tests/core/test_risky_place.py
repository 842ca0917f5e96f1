"""Synchronised folders and network drives are told with a cure; ordinary places are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from embtrainer_gui.core.store.risky_place import risk_of


@pytest.mark.parametrize("name", ["Dropbox", "OneDrive - University", "Google Drive", "Nextcloud"])
def test_that_a_synchronised_folder_is_told_by_name(name: str, tmp_path: Path) -> None:
    assert name in risk_of(tmp_path / name / "papers" / "project")
    assert "archive" in risk_of(tmp_path / name / "project")


def test_that_a_network_drive_is_told_and_the_disk_below_it_is_not(tmp_path: Path) -> None:
    shared = tmp_path / "our group" / "disk"
    mounts = tmp_path / "mounts"
    place = str(tmp_path / "our group").replace(" ", "\\040")
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/home {place} nfs4 rw 0 0\n", encoding="utf-8")
    assert "nfs4" in risk_of(shared, mounts)
    assert risk_of(tmp_path, mounts) == ""
    assert risk_of(shared, tmp_path / "missing") == ""
