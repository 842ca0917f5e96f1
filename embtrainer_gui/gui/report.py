"""What must not stand in a report that a person copies: keys, passwords and the name of their home folder."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Mapping
from pathlib import Path

from embtrainer_gui.core.crash_report import HIDDEN, cleaned

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD", re.IGNORECASE)
_SHAPES = (
    re.compile(r"\b(?:sk|hf|pk|ghp|gho|xoxb)[-_][A-Za-z0-9_-]{8,}"),
    re.compile(r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?i)(?<=authorization: basic )[A-Za-z0-9+/=]{4,}"),
    re.compile(r"(?i)((?:api[-_]?key|token|secret|passw(?:or)?d)[\"']?\s*[:=]\s*[\"']?)[^\s\"',;]{3,}"),
    re.compile(r"(?<=://)[^\s/@]+@"),
)
_SHORTEST = 6  # a shorter value of the environment would tear words apart


def without_secrets(text: str, environment: Mapping[str, str] | None = None) -> str:
    """``text`` without the values of variables that look like keys, without what looks like one, and with ``~``
    for the home folder and ``USER`` for the user's name in paths."""
    values = os.environ if environment is None else environment
    secrets = [value for name, value in values.items() if _SECRET_NAME.search(name) and len(value) >= _SHORTEST]
    text = cleaned(text, sorted(secrets, key=len, reverse=True))
    for shape in _SHAPES:
        text = shape.sub(lambda found: (found[1] if found.re.groups else "") + HIDDEN, text)
    for home in {str(Path.home()), os.path.realpath(Path.home())} - {"/", ""}:
        text = text.replace(home, "~")
    return re.sub(rf"(?<=[/\\]){re.escape(_user())}(?=[/\\\s\"':]|$)", "USER", text) if _user() else text


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
