"""Which other machines a project's text and pages may be sent to: asked once for each project and host."""

from __future__ import annotations

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.servers import is_this_machine
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark

_KEPT = "consent"


class ConsentNeeded(UserError):
    """Nothing was sent: the user has not said yet that this host may get it (``values["host"]``)."""


def is_allowed(project: Project, host: str) -> bool:
    """Whether the user said so before; this machine always may.

    Args:
        host: as ``servers.host_of`` gives it, with its port where the address names one.
    """
    return is_this_machine(f"//{host}") or host in project.meta.get(_KEPT, [])


def allow(project: Project, host: str) -> None:
    """Remember it in the project."""
    if not is_allowed(project, host):
        project.meta.set(_KEPT, [*project.meta.get(_KEPT, []), host])


def consent_needed(host: str, what: str) -> ConsentNeeded:
    """The error of a stage that would have to send ``what`` ("the pictures of the pages") to ``host``."""
    return ConsentNeeded(
        mark("{what} would be sent to {host}, which is another machine; nothing was sent yet."),
        mark("Say so in the window, or add --yes on the command line."),
        host=host,
        what=what,
    )
