"""A file is the old one or the new one, whatever goes wrong while it is written."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.files import atomic_write, atomic_write_json, atomic_write_text

OLD, NEW = "old\n", "new line\r\nµ\n"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "file.txt"
    path.write_text(OLD, encoding="utf-8")
    return path


def attempted(path: Path) -> EnvironmentProblem | None:
    try:
        atomic_write_text(path, NEW)
    except EnvironmentProblem as problem:
        return problem
    return None


def test_that_the_new_text_stands_exactly_and_nothing_else(target: Path) -> None:
    atomic_write_text(target, NEW)
    assert target.read_bytes() == NEW.encode()
    assert list(target.parent.iterdir()) == [target]


def test_that_json_is_readable_text(target: Path) -> None:
    atomic_write_json(target, {"µ": [1]})
    assert "µ" in target.read_text(encoding="utf-8")
    assert json.loads(target.read_text(encoding="utf-8")) == {"µ": [1]}
    with pytest.raises(ValueError, match="JSON"):
        atomic_write_json(target, float("nan"))


@pytest.mark.parametrize("name", ["open", "fsync", "replace", "fstat"])
@pytest.mark.parametrize(
    ("number", "word"),
    [(errno.ENOSPC, "full"), (errno.EROFS, "may not"), (errno.EACCES, "may not"), (errno.EIO, "could not")],
)
def test_that_a_fault_at_any_call_leaves_the_old_file_or_the_new_one(
    target: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int, word: str
) -> None:
    real = getattr(os, name)
    for nth in range(1, 10):
        calls = 0

        def faulty(*arguments: Any, nth: int = nth, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == nth:
                raise OSError(number, os.strerror(number))
            return real(*arguments, **options)

        target.write_text(OLD, encoding="utf-8")
        with monkeypatch.context() as patch:
            patch.setattr(os, name, faulty)
            outcome = attempted(target)
        if isinstance(outcome, EnvironmentProblem):
            assert word in outcome.message
            assert str(target) in outcome.message
            assert outcome.hint
        assert target.read_bytes().decode() in (OLD, NEW)
        assert list(target.parent.iterdir()) == [target]
        if calls < nth:
            return
    pytest.fail("the fault never ran out of calls")


def test_that_the_file_is_synced_before_it_is_replaced_and_the_folder_after(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        order.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def noted_replace(source: Any, destination: Any) -> None:
        order.append("replace")
        replace(source, destination)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    atomic_write_text(target, NEW)
    assert order == ["file", "replace", "folder"]


def test_that_a_file_system_that_took_less_than_it_said_is_noticed(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fstat", lambda _descriptor: os.stat_result((0o100644, *[0] * 5, 3, 0, 0, 0)))
    with pytest.raises(EnvironmentProblem, match="disk is full"):
        atomic_write_text(target, NEW)
    assert target.read_text(encoding="utf-8") == OLD


def test_that_errors_of_the_writer_pass_through_and_leave_the_old_file(target: Path) -> None:
    for error in (ValueError("x"), KeyboardInterrupt(), FileNotFoundError(errno.ENOENT, "none", "another file")):

        def write(file: Any, error: BaseException = error) -> None:
            file.write(b"part")
            raise error

        with pytest.raises(type(error)):
            atomic_write(target, write)
        assert target.read_text(encoding="utf-8") == OLD
        assert list(target.parent.iterdir()) == [target]


def test_that_a_real_limit_on_the_disk_leaves_the_old_file(target: Path) -> None:
    program = (
        "import pathlib, resource, sys\n"
        "from embtrainer_gui.core.files import atomic_write_text\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "atomic_write_text(pathlib.Path(sys.argv[1]), 'x' * 100_000)\n"
    )
    child = subprocess.run([sys.executable, "-c", program, str(target)], capture_output=True, text=True, check=False)
    assert "EnvironmentProblem" in child.stderr
    assert str(target) in child.stderr.splitlines()[-1]
    assert target.read_text(encoding="utf-8") == OLD
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="another user can be taken only by root")
def test_that_a_folder_without_the_right_to_write_is_named(target: Path) -> None:
    target.parent.chmod(0o755)
    for folder in target.parents[1:3]:
        folder.chmod(folder.stat().st_mode | 0o055)
    child_id = os.fork()
    if child_id == 0:
        os.setuid(65534)
        try:
            atomic_write_text(target, NEW)
        except EnvironmentProblem as problem:
            os._exit(0 if "may not be written" in problem.message and str(target) in problem.message else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child_id, 0)[1]) == 0
    assert target.read_text(encoding="utf-8") == OLD


def test_that_the_mode_of_the_old_file_and_a_link_stay(target: Path) -> None:
    target.chmod(0o640)
    link = target.with_name("link")
    link.symlink_to(target)
    atomic_write_text(link, NEW)
    assert link.is_symlink()
    assert target.read_bytes() == NEW.encode()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_that_a_name_of_255_bytes_and_a_folder_in_the_way_are_handled(tmp_path: Path) -> None:
    atomic_write_text(tmp_path / ("x" * 255), NEW)
    with pytest.raises(EnvironmentProblem):
        atomic_write_text(tmp_path, NEW)
