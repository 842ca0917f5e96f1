"""How a job ended that did not say so itself: a message, and a report in the project's logs."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
import signal
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from embtrainer_gui import __version__
from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.messages import Event, Failed, JobSpec
from embtrainer_gui.core.translate import mark

PACKAGES = ("torch", "sentence-transformers", "transformers", "pymupdf", "spacy", "apsw", "PySide6-Essentials")
HIDDEN = "***"
SHORTEST_SECRET = 4  # to hide every "a" would hide the report and give the password away


def cleaned(text: str, secrets: Iterable[str]) -> str:
    """``text`` without the values of ``secrets``."""
    for value in secrets:
        if len(value) >= SHORTEST_SECRET:
            text = text.replace(value, HIDDEN)
    return text


def cleaned_failure(event: Failed, secrets: Iterable[str]) -> Failed:
    """``event`` without secrets: an exception may quote what a server said."""
    values = list(secrets)
    texts = {name: cleaned(getattr(event, name), values) for name in ("message", "hint", "trace")}
    return event.model_copy(update=texts)


def signal_name(code: int | None) -> str:
    """``SIGSEGV`` for exit code -11; empty where no signal ended the process."""
    if code is None or code >= 0:
        return ""
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


def crash_failure(stage: str, code: int | None, errors: str) -> Failed:
    """What the user is told about a child that ended with ``code`` and no last event."""
    name = signal_name(code)
    if name == "SIGKILL":  # not ours: those are told apart before this is asked
        return Failed(
            kind="environment",
            message=mark("The system ended the job; it was probably out of memory."),
            hint=mark("Close other programs, or choose a smaller batch, and start it again. What was done is kept."),
            trace=errors,
        )
    if name == "SIGTERM":
        return Failed(
            kind="environment",
            message=mark("The job was ended from outside."),
            hint=mark("Start it again. What was done is kept."),
            trace=errors,
        )
    how = name or mark("exit code {code}").format(code=code)
    return Failed(
        kind="bug",
        message=mark("The job ended unexpectedly ({how}).").format(how=how),
        hint=mark("Start it again. What was done is kept."),
        trace=errors or how,
    )


def write_report(
    folder: Path, spec: JobSpec, pid: int, code: int | None, last: Event | None, errors: str, secrets: Iterable[str]
) -> Path | None:
    """Write ``<stage>-<time>-<pid>.json``; None where the folder cannot be written. Reports hold no secret."""
    values = list(secrets)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = folder / f"{spec.stage}-{stamp}-{pid}.json"
    report: dict[str, Any] = {
        "stage": spec.stage,
        "at": stamp,
        "exit_code": code,
        "signal": signal_name(code),
        "last_event": _cleaned_values(last.model_dump(mode="json"), values) if last else None,
        "spec": spec.model_dump(mode="json"),
        "errors": cleaned(errors, values).splitlines(),
        "versions": _versions(),
    }
    try:
        folder.mkdir(exist_ok=True)
        atomic_write_json(path, report)
    except (OSError, EnvironmentProblem):
        return None
    return path


def _cleaned_values(event: dict[str, Any], secrets: list[str]) -> dict[str, Any]:
    return {name: cleaned(value, secrets) if isinstance(value, str) else value for name, value in event.items()}


def _versions() -> dict[str, str]:
    found = {"embtrainer": __version__, "python": platform.python_version(), "platform": sys.platform, "os": os.name}
    for name in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found
