"""What the desktop reads: menu entry, description, MIME type, icons and man page, judged by the desktop's own tools."""

from __future__ import annotations

import argparse
import datetime
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from embtrainer_gui.cli.parser import COMMAND_NAMES, build_parser
from embtrainer_gui.core.store import create_project

MIME_TYPE = "application/x-embtrainer-project"
ASK_QT = """
import sys
from PySide6.QtCore import QMimeDatabase
print(*[QMimeDatabase().mimeTypeForFile(path).name() for path in sys.argv[1:]])
"""


def tool(
    *command: str | Path, environment: dict[str, str] | None = None, at: Path | None = None
) -> subprocess.CompletedProcess[str]:
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not on this machine")
    more = {**os.environ, **(environment or {})}
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, env=more, cwd=at)


@pytest.fixture
def usr(packaging_tools: Path, tmp_path: Path) -> Path:
    """The files as the packages hold them."""
    import debian

    # In a process of its own: what paints it is no QApplication, and there can be only one.
    draw = "import sys; from pathlib import Path; from icons import write_icons; write_icons(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", draw, str(tmp_path / "icons")], check=True, cwd=packaging_tools)
    debian.write_desktop_files(tmp_path / "usr", tmp_path / "icons")
    return tmp_path / "usr"


def test_that_the_menu_entry_is_valid_and_its_icon_is_there(usr: Path) -> None:
    entry = next((usr / "share/applications").iterdir())
    ran = tool("desktop-file-validate", entry)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stdout
    lines = dict(line.split("=", 1) for line in entry.read_text().splitlines() if "=" in line)
    assert (usr / f"share/icons/hicolor/scalable/apps/{lines['Icon']}.svg").is_file()
    assert (usr / f"share/icons/hicolor/256x256/apps/{lines['Icon']}.png").is_file()
    assert lines["MimeType"] == f"{MIME_TYPE};"
    assert lines["Exec"] == "embtrainer %f"


def test_that_the_description_for_software_centres_is_valid(usr: Path) -> None:
    ran = tool("appstreamcli", "validate", "--no-net", next((usr / "share/metainfo").iterdir()))
    found = [line for line in (ran.stdout + ran.stderr).splitlines() if line.startswith(("E:", "W:"))]
    assert not [line for line in found if "url-homepage" not in line], found  # the project has no page yet


def test_that_a_project_is_told_from_any_other_database(usr: Path, tmp_path: Path) -> None:
    assert tool("update-mime-database", usr / "share/mime").returncode == 0
    create_project(tmp_path / "project").close()
    other = tmp_path / "project.sqlite"
    other.write_bytes(b"SQLite format 3\x00" + bytes(84))
    ours = tmp_path / "renamed.db"
    shutil.copyfile(tmp_path / "project" / "project.db", ours)
    environment = {"XDG_DATA_DIRS": f"{usr}/share:/usr/share", "QT_QPA_PLATFORM": "offscreen"}
    ran = tool(sys.executable, "-c", ASK_QT, tmp_path / "project" / "project.db", ours, other, environment=environment)
    first, second, third = ran.stdout.split()
    assert (first, second) == (MIME_TYPE, MIME_TYPE)
    assert third != MIME_TYPE


def test_that_the_man_page_names_every_command_and_flag(packaging_tools: Path, tmp_path: Path) -> None:
    import man_page

    page = tmp_path / "embtrainer.1"
    page.write_text(man_page.man_page(datetime.date(2026, 1, 1)), encoding="utf-8")
    ran = tool("man", "--warnings", "-l", page, environment={"MANWIDTH": "400", "LC_ALL": "C.UTF-8"})
    assert ran.stderr == ""
    subparsers = next(a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    assert set(subparsers.choices) == set(COMMAND_NAMES)
    text = ran.stdout
    for name, command in subparsers.choices.items():
        assert f"embtrainer {name}" in text
        for action in command._actions:
            assert all(flag in text for flag in action.option_strings if flag not in ("-h", "--help"))


def test_that_flatpak_understands_every_word_of_the_manifest(packaging_tools: Path, tmp_path: Path) -> None:
    manifest = next((packaging_tools / "flatpak").glob("*.json"))
    ran = tool("flatpak-builder", "--show-manifest", manifest, at=tmp_path)
    assert ran.returncode == 0
    assert "Unknown property" not in ran.stderr


def test_that_the_icon_is_drawn_in_every_size(usr: Path) -> None:
    from PIL import Image

    folder = usr.parent / "icons"
    for path in folder.glob("*.png"):
        with Image.open(path) as image:
            assert image.size == (int(path.stem),) * 2
            assert image.getpixel((image.width // 2, image.height // 10)) != (0, 0, 0, 0)
    with Image.open(folder / "embtrainer.ico") as image:
        assert (256, 256) in image.info["sizes"]
