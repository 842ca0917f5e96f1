"""Runs the program as a user would: a process of its own, its exit code and its streams."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embtrainer_gui import cli


@dataclass(frozen=True)
class Ran:
    """A finished command: exit code, the text of both streams, and the JSON object of the last line of stdout."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out.splitlines()[-1])


class CommandLine:
    """Runs ``embtrainer`` as a process of its own, as a user would."""

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "embtrainer_gui", *map(str, arguments)]

    def __call__(self, *arguments: str | Path, **more: Any) -> Ran:
        result = subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False, **more)
        return Ran(result.returncode, result.stdout, result.stderr)

    def ok(self, *arguments: str | Path) -> dict[str, Any]:
        """Run with ``--json``, expect exit 0, give the object."""
        ran = self(*arguments, "--json")
        assert ran.code == 0, ran.err[-3000:] + ran.out[-1000:]
        return ran.json


class SameProcess(CommandLine):
    """Runs the commands in the process of the test, where the start is not what is tested: a child takes some seconds
    to load the libraries that this process holds already."""

    def __call__(self, *arguments: str | Path, **more: Any) -> Ran:
        assert not more, "only a process of its own can be given these"
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        out, err = io.StringIO(), io.StringIO()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = cli.main([str(argument) for argument in arguments])
        except SystemExit as end:  # of argparse
            code = int(end.code or 0)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        return Ran(code, out.getvalue(), err.getvalue())


def assert_plain(ran: Ran, code: int, *words: str) -> None:
    """One sentence with the cure, no trace."""
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err
    lines = [line for line in ran.err.splitlines() if line.startswith("embtrainer: ")]
    assert len(lines) == 1, ran.err
    for word in words:
        assert word in lines[0]
