"""What is left out of the frozen program, without PyInstaller."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

LINKED_WITH = {
    "/site/Qt/libQt6Gui.so.6": ["libX11.so.6", "libc.so.6"],
    "/lib/libX11.so.6": ["libxcb.so.1"],
    "/lib/libgtk-3.so.0": ["libatk-1.0.so.0"],
}


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("torch/bin/torch_shm_manager", True),
        ("torch/bin/protoc", False),
        ("torch/lib/libtorch_cpu.so", True),
        ("pyarrow/libarrow_flight.so.2600", False),
        ("pyarrow/libparquet.so.2600", True),
        ("PySide6\\Qt\\plugins\\platforms\\qminimal.dll", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("embtrainer_gui/resources/sample/questions.txt", True),
    ],
)
def test_that_only_what_nobody_asks_for_is_left_out(packaging_tools: Path, name: str, stays: bool) -> None:
    import slim

    assert slim.is_wanted(name) is stays


def test_that_a_link_goes_with_what_it_points_to(packaging_tools: Path) -> None:
    import slim

    gone = ("libarrow_flight.so.2600", "pyarrow/libarrow_flight.so.2600", "SYMLINK")
    kept = [
        ("libarrow.so.2600", "pyarrow/libarrow.so.2600", "SYMLINK"),
        ("PySide6/Qt/lib/QtCore.framework/QtCore", "Versions/Current/QtCore", "SYMLINK"),
        ("PySide6/Qt/lib/QtCore.framework/Versions/Current", "A", "SYMLINK"),
    ]
    near = ("pyarrow/flight", "../pyarrow/libarrow_flight.so.2600", "SYMLINK")
    assert slim.wanted([gone, *kept, near]) == kept  # PyInstaller keeps links apart from what they lead to


def test_that_libraries_of_the_system_stay_only_where_something_is_linked_with_them(
    packaging_tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slim

    stand_in = ModuleType("PyInstaller.depend.bindepend")
    vars(stand_in)["get_imports"] = lambda source: {(name, None) for name in LINKED_WITH.get(source, ())}
    for name in ("PyInstaller", "PyInstaller.depend", "PyInstaller.depend.bindepend"):
        monkeypatch.setitem(sys.modules, name, stand_in)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(slim.Path, "is_file", lambda path: True)
    names = ["libX11.so.6", "libxcb.so.1", "libgtk-3.so.0", "libatk-1.0.so.0", "libcudart.so", "libpython3.11.so.1.0"]
    qt = ("PySide6/Qt/lib/libQt6Gui.so.6", "/site/Qt/libQt6Gui.so.6", "BINARY")
    kept = slim.linked([qt, *((name, f"/lib/{name}", "BINARY") for name in names)])
    assert [name for name, _, _ in kept] == [qt[0], "libX11.so.6", "libxcb.so.1", "libpython3.11.so.1.0"]


@pytest.mark.skipif(sys.platform != "linux", reason="symbols are taken out on Linux")
def test_that_symbols_go_and_a_wheels_own_libraries_stay_as_they_are(packaging_tools: Path, tmp_path: Path) -> None:
    import slim

    compiler = slim.shutil.which("cc")
    if compiler is None or slim.shutil.which("strip") is None:
        pytest.skip("no compiler or no strip on this machine")
    source = tmp_path / "a.c"
    source.write_text("static int hidden(void) { return 1; }\nint shown(void) { return hidden(); }\n")
    module, library = tmp_path / "a.cpython-311-x.so", tmp_path / "a.libs" / "libb.cpython-311-x.so"
    library.parent.mkdir()
    for target in (module, library):
        subprocess.run([compiler, "-g", "-shared", "-fPIC", "-o", target, source], check=True)
    before = library.read_bytes()
    assert module.read_bytes() == before
    slim.strip_symbols(tmp_path)
    assert b"hidden" not in module.read_bytes()
    assert b"shown" in module.read_bytes()
    assert library.read_bytes() == before
