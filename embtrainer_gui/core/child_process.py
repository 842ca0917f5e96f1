"""Start and end child processes of this program."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from embtrainer_gui.core.environment import KEY_VARIABLE

NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows a child would show a console of its own


def is_frozen() -> bool:
    """Whether this is the program with its own Python, in which ``sys.executable`` is the program."""
    return bool(getattr(sys, "frozen", False))


def program_command() -> list[str]:
    """What starts this program: its arguments follow."""
    if not is_frozen():
        return [sys.executable, "-m", "embtrainer_gui"]
    program = Path(sys.executable)
    # Windows has two of them, and only this one has streams to talk through.
    return [str(program.with_name("embtrainer.exe"))] if os.name == "nt" else [str(program)]


def worker_command(kind: str) -> list[str]:
    """The command of a child."""
    return [*program_command(), "worker", kind]


def child_environment() -> dict[str, str]:
    """Of every child: without the key of servers, which the one that needs it reads as its first line."""
    return {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}


@dataclass(frozen=True, slots=True)
class Child:
    """A child process with the file that its errors go into."""

    process: subprocess.Popen[bytes]
    errors: IO[bytes]


_early: list[tuple[list[str], Child]] = []


def start_early(kind: str) -> None:
    """Start one child a processor before this process has even loaded what it needs: both load side by side."""
    command = worker_command(kind)
    _early.extend((command, _start(command)) for _ in range(os.cpu_count() or 1))


def end_early() -> None:
    """End what ``start_early`` started and nobody took."""
    while _early:
        _, child = _early.pop()
        kill_child(child.process)
        child.errors.close()


def start_child(command: list[str]) -> Child:
    """A child in a process group of its own, with pipes for commands and events.

    It ends itself when its standard input does, so that it cannot outlive this process.
    """
    for place, (started, child) in enumerate(_early):
        if started == command:
            del _early[place]
            return child
    return _start(command)


def _start(command: list[str]) -> Child:
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever ends the child
    process = subprocess.Popen(
        command,
        creationflags=NO_WINDOW,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=child_environment(),
        start_new_session=os.name == "posix",
    )
    return Child(process, errors)


def kill_child(child: subprocess.Popen[bytes]) -> None:
    """End the child and all that it started, at once, wait for it and close its pipes."""
    kill_group(child)
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """End the child and all that it started, at once, and wait for it; its pipes stay open."""
    send_kill(child)
    child.wait()


def send_kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and all that it started; it is still to be waited for."""
    if child.poll() is None:  # its id may be another's once it has been waited for
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(child.pid, signal.SIGKILL)
            else:
                child.kill()


def terminate_group(child: subprocess.Popen[bytes]) -> None:
    """Ask the child and all that it started to end."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(child.pid, signal.SIGTERM)
            else:
                child.terminate()
