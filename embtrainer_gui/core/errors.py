"""The one error idiom: three kinds that are shown to the user, everything else is a bug (exit 1)."""

from __future__ import annotations

import copyreg
from typing import Any


class AppError(Exception):
    """A message template with its values, and the cure.

    ``message`` and ``hint`` are marked templates in ``str.format`` style, so that the window can translate
    them before the values go in.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "", **values: object) -> None:
        super().__init__(message, hint, values)
        self.template, self.hint_template, self.values = message, hint, values

    def __reduce__(self) -> tuple[Any, ...]:
        """It travels between processes with its values; the constructor takes other arguments than ``args``."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]

    @property
    def message(self) -> str:
        return self.template.format(**self.values)

    @property
    def hint(self) -> str:
        return self.hint_template.format(**self.values)

    def __str__(self) -> str:
        message, hint = self.message, self.hint
        if not hint or message.endswith((".", "!", "?", ":")):
            return f"{message} {hint}".strip()
        return f"{message}. {hint}"  # it ends in the words of somebody else


class UserError(AppError):
    """What was asked for cannot be done as asked: shown on the page, exit 2."""

    exit_code = 2


class PasswordNeeded(UserError):
    """An encrypted file that none of the known passwords opens: the user is asked for one."""


class EnvironmentProblem(AppError):
    """Disk, network, memory or a locked project: shown with Retry, exit 3."""

    exit_code = 3


class DamagedProject(EnvironmentProblem):
    """A project's file that cannot be read: a backup of it can be put back."""


class Cancelled(AppError):
    """The user stopped the job: quiet, exit 130."""

    exit_code = 130

    def __init__(self, checkpoint: str = "") -> None:
        super().__init__("Stopped.")
        self.checkpoint = checkpoint
