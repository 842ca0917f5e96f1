"""What a child says about an error that ended its work: ours as they are, anything else as a bug with its trace."""

from __future__ import annotations

import traceback
from pathlib import Path

from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.messages import Failed
from embtrainer_gui.core.translate import mark

EXIT_CODES = {"bug": 1, "user": UserError.exit_code, "environment": EnvironmentProblem.exit_code}


def failure_of(error: Exception, project: Path, ticket: int = 0) -> Failed:
    """The event for ``error``; ``ticket`` names the request that it ended, if it was one."""
    if isinstance(error, MemoryError):
        error = EnvironmentProblem(
            mark("There is not enough memory for this."), mark("Close other programs, or choose a smaller batch.")
        )
    elif not isinstance(error, AppError) and not project.is_dir():
        error = EnvironmentProblem(
            mark("The project folder {path} is gone."),
            mark("Put it back or connect its disk, then open it again."),
            path=project,
        )
    if isinstance(error, AppError):
        return Failed(
            kind="user" if isinstance(error, UserError) else "environment",
            message=error.message,
            hint=error.hint,
            ticket=ticket,
        )
    message = mark("A fault in the program: {kind}: {detail}").format(kind=type(error).__name__, detail=error)
    return Failed(kind="bug", message=message, trace="".join(traceback.format_exception(error)), ticket=ticket)
