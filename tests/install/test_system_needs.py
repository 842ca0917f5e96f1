"""What the .deb asks of the system is read from few of the files of the bundle, and is all that they need."""

from __future__ import annotations

import subprocess
from pathlib import Path
from subprocess import CompletedProcess

import pytest

TOLD = """
{folder}/libnew.so:     file format elf64-x86-64

Dynamic Section:
  NEEDED               libc.so.6
  NEEDED               libinside.so.1

Version References:
  required from libc.so.6:
    0x09691a75 0x00 02 GLIBC_2.36

{folder}/libinside.so.1:     file format elf64-x86-64

Dynamic Section:
  NEEDED               libm.so.6
  NEEDED               libc.so.6

Version References:
  required from libc.so.6:
    0x09691a75 0x00 02 GLIBC_2.4

{folder}/with a space/window.so:     file format elf64-x86-64

Dynamic Section:
  NEEDED               libGL.so.1
  NEEDED               libc.so.6
"""


def test_that_the_newest_and_those_that_look_outside_are_asked(
    packaging_tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import system_needs

    folder = Path("/bundle")
    libraries = [folder / "libnew.so", folder / "libinside.so.1", folder / "with a space" / "window.so"]
    told = CompletedProcess([], 0, TOLD.format(folder=folder))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: told)
    assert system_needs.asking(libraries) == [libraries[0], libraries[2]]
