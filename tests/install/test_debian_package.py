"""The .deb: how it is packed; and, with --packages and as root, installed, started and removed on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from install.program import Program
from install.screen import virtual_screen

from embtrainer_gui import __version__

PROGRAM = "/bin/true"  # stands for the frozen one: it ends with 0 whatever it is told


@pytest.fixture
def package(top: Path) -> Path:
    found = sorted((top / "dist").glob("embtrainer_*.deb"))
    if not found or shutil.which("dpkg") is None or os.geteuid() != 0:
        pytest.skip("this wants a .deb (python packaging/build.py deb), dpkg and root")
    if subprocess.run(["dpkg", "-s", "embtrainer"], capture_output=True, check=False).returncode == 0:
        pytest.skip("embtrainer is installed on this machine already")
    return found[-1]


@pytest.fixture
def packed(packaging_tools: Path, tmp_path: Path) -> Path:
    """A package of a program that needs only the C library."""
    if shutil.which("dpkg-shlibdeps") is None:
        pytest.skip("dpkg-dev is not on this machine")
    import debian

    bundle, icons = tmp_path / "bundle", tmp_path / "icons"
    (bundle / "_internal").mkdir(parents=True)
    shutil.copy(PROGRAM, bundle / "embtrainer")
    icons.mkdir()
    for size in debian.SIZES:
        (icons / f"{size}.png").write_bytes(b"")
    return debian.build(bundle, icons, tmp_path / "work", tmp_path / "out")


def test_that_a_package_names_what_its_libraries_need_of_the_system(packed: Path) -> None:
    shown = subprocess.run(["dpkg-deb", "--field", str(packed)], capture_output=True, text=True, check=True).stdout
    fields = dict(line.split(": ", 1) for line in shown.splitlines() if ": " in line and not line.startswith(" "))
    assert fields["Package"] == "embtrainer"
    assert fields["Version"] == __version__
    assert fields["Depends"].startswith("libc6 (>= ")
    assert int(fields["Installed-Size"]) > 0


def test_that_a_package_holds_the_command_its_manual_and_its_licence(packed: Path, tmp_path: Path) -> None:
    subprocess.run(["dpkg-deb", "--extract", str(packed), str(tmp_path / "root")], check=True)
    usr = tmp_path / "root" / "usr"
    assert (usr / "bin/embtrainer").resolve() == usr / "lib/embtrainer/embtrainer"
    assert subprocess.run([usr / "bin/embtrainer"], check=False).returncode == 0
    for name in ("man/man1/embtrainer.1.gz", "doc/embtrainer/copyright", "doc/embtrainer/LICENSE"):
        assert (usr / "share" / name).is_file()
    listed = subprocess.run(["dpkg-deb", "--contents", str(packed)], capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in listed.splitlines()} == {"root/root"}


def test_that_every_file_of_a_package_can_be_verified(packed: Path, tmp_path: Path) -> None:
    subprocess.run(["dpkg-deb", "--raw-extract", str(packed), str(tmp_path / "root")], check=True)
    root = tmp_path / "root"
    files = [path for path in (root / "usr").rglob("*") if path.is_file() and not path.is_symlink()]
    assert len((root / "DEBIAN/md5sums").read_text().splitlines()) == len(files)
    checked = subprocess.run(["md5sum", "--check", "--quiet", "DEBIAN/md5sums"], cwd=root, check=False)
    assert checked.returncode == 0


def test_that_lintian_finds_no_fault_in_how_it_is_packed(packed: Path) -> None:
    if shutil.which("lintian") is None:
        pytest.skip("lintian is not on this machine")
    as_root = ["--allow-root"] if os.geteuid() == 0 else []
    told = subprocess.run(["lintian", *as_root, str(packed)], capture_output=True, text=True, check=False).stdout
    found = [line for line in told.splitlines() if line.startswith(("E:", "W:"))]
    # Debian's own archive takes no zstd; its dpkg reads it since Debian 12.
    assert not [line for line in found if "malformed-deb-archive" not in line], told


@pytest.mark.packages
@pytest.mark.timeout(1200)
def test_that_the_package_is_installed_started_and_removed(package: Path, tmp_path: Path) -> None:
    subprocess.run(["dpkg", "--install", str(package)], check=True, capture_output=True)
    try:
        program = Program(Path("/usr/bin/embtrainer"), tmp_path / "home")
        assert subprocess.run(["dpkg", "--verify", "embtrainer"], capture_output=True, check=True).stdout == b""
        assert program.json("doctor")["versions"]["torch"]
        assert Path("/usr/share/man/man1/embtrainer.1.gz").is_file()
        with virtual_screen() as screen:
            process = program.open(screen)
            window = screen.window("Embedding Trainer", seconds=60, process=process)
            screen.picture(tmp_path / "window.png")
            screen.press(window, "ctrl+q")
            assert process.wait(30) == 0
    finally:
        subprocess.run(["dpkg", "--purge", "embtrainer"], check=True, capture_output=True)
    left = [Path("/usr/bin/embtrainer"), Path("/usr/lib/embtrainer"), Path("/usr/share/doc/embtrainer")]
    assert not [path for path in left if os.path.lexists(path)]
