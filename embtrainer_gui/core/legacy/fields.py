"""Reading one JSON object of the predecessor: the file itself, and single keys with their type and range."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.translate import mark


class NoSuchFile(UserError):
    """There is no such file, as against one that cannot be understood."""


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in ``path``, with its keys in order.

    Raises:
        NoSuchFile: there is none.
        UserError: not UTF-8 JSON, or not an object.
        EnvironmentProblem: it cannot be read.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe would block
            raise UserError(mark("{path} is not a file."), mark("Name the file itself."), path=path)
        value = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (FileNotFoundError, NotADirectoryError):
        raise NoSuchFile(
            mark("There is no file {path}."), mark("Check the path; it is relative to the current folder."), path=path
        ) from None
    except OSError as problem:
        raise EnvironmentProblem(
            mark("{path} cannot be read: {reason}."),
            mark("Check that you may read it."),
            path=path,
            reason=problem.strerror or problem,
        ) from problem
    except (ValueError, RecursionError) as problem:
        # Without its cause: a decoder's error carries the whole text, which may hold a key.
        raise UserError(
            mark("{path} is not JSON: {reason}."),
            mark("Correct it at that place, or restore it from a copy."),
            path=path,
            reason=_reason(problem),
        ) from None
    if not isinstance(value, dict):
        raise UserError(
            mark("{path} holds no settings: a JSON object {{...}} was expected."),
            mark("Name the config file itself."),
            path=path,
        )
    return value


class Keys:
    """Typed access to the values of a config; a value of another type is a UserError that names key and file."""

    def __init__(self, path: Path, values: Mapping[str, Any]) -> None:
        self.path, self.values = path, values

    def require(self, *names: str) -> None:
        missing = [name for name in names if self.values.get(name) in (None, "")]
        if missing:
            raise UserError(
                mark("{path} lacks the required keys {keys}."),
                mark("Add them; required are {required}."),
                path=self.path,
                keys=", ".join(missing),
                required=", ".join(names),
            )

    def text(self, name: str, default: str) -> str:
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, value, mark("text"))
        return value or default

    def whole(self, name: str) -> int | None:
        """A whole number, or None where the key is missing or null."""
        value = self.values.get(name)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise self._wrong(name, value, mark("a whole number"))
        return value

    def number(self, name: str) -> float | None:
        value = self.values.get(name)
        if value is not None and (not isinstance(value, (int, float)) or isinstance(value, bool)):
            raise self._wrong(name, value, mark("a number"))
        return None if value is None else float(value)

    def _wrong(self, name: str, value: Any, wanted: str) -> UserError:
        return UserError(
            mark("{key} is {value} in {path}; it must be {wanted}."),
            mark("Correct the value of {key}."),
            key=name,
            value=json.dumps(value)[:100],
            path=self.path,
            wanted=wanted,
        )


def _reason(problem: ValueError | RecursionError) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return mark("{what} (line {line}, column {column})").format(
            what=problem.msg, line=problem.lineno, column=problem.colno
        )
    if isinstance(problem, UnicodeDecodeError):
        return mark("it is not UTF-8 text")
    if isinstance(problem, RecursionError):
        return mark("it is nested too deeply")
    return str(problem)


def _refuse_constant(name: str) -> None:
    raise ValueError(mark("{name} is not a number in JSON").format(name=name))
