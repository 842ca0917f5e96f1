"""Which other machines a project's text and pages may be sent to: asked once for each project and host.

Kept with the user's own data and never in the project: one that comes from somebody else names no host that nobody here
agreed to.
"""

from __future__ import annotations

import json
from pathlib import Path

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.files import atomic_write_json, write_problem
from embtrainer_gui.core.server_address import host_of, is_this_machine
from embtrainer_gui.core.settings import data_folder
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark

_FILE = "consent.json"  # {folder of a project: [host]}


class ConsentNeeded(UserError):
    """Nothing was sent: the user has not said yet that this host may get it (``values["host"]``)."""


SERVER_EXTRACTORS = ("grobid", "vision")


def read_by(config: ImportConfig, extractor: str) -> tuple[str, str]:
    """``(host, what is sent to it)`` of one of the SERVER_EXTRACTORS."""
    if extractor == "grobid":
        return host_of(config.grobid_url), mark("The PDF files")
    return host_of(config.vision_url), mark("The pictures of the pages")


def is_allowed(project: Project, host: str) -> bool:
    """Whether the user said so before; this machine always may, and "" (no address) gets nothing anyway.

    Args:
        host: as ``server_address.host_of`` gives it, with its port where the address names one.
    """
    return not host or is_this_machine(f"//{host}") or host in _kept().get(_name(project), [])


def allow(project: Project, host: str) -> None:
    """Remember it for the project in this place; raises EnvironmentProblem where that cannot be written."""
    if not is_allowed(project, host):
        kept = _kept()
        try:
            data_folder().mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise write_problem(data_folder(), problem) from problem
        atomic_write_json(_path(), kept | {_name(project): [*kept.get(_name(project), []), host]})


def _path() -> Path:
    return data_folder() / _FILE


def _name(project: Project) -> str:
    return str(project.folder.resolve())


def _kept() -> dict[str, list[str]]:
    """What was agreed to; nothing where the file is damaged: then the user is asked again."""
    try:
        found = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: hosts for name, hosts in found.items() if isinstance(hosts, list)}


def consent_needed(host: str, what: str) -> ConsentNeeded:
    """The error of a stage that would have to send ``what`` ("the pictures of the pages") to ``host``."""
    return ConsentNeeded(
        mark("{what} would be sent to {host}, which is another machine; nothing was sent yet."),
        mark("Say so in the window, or add --yes on the command line."),
        host=host,
        what=what,
    )
