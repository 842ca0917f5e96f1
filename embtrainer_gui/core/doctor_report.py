"""What the doctor found, as lines to read: the same on the terminal, in the window and in what is copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from embtrainer_gui.core.translate import mark

NONE = "–"


def facts(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Caption and value of each fact of ``stages.doctor.run``."""
    rows = [
        (mark("System"), summary["system"]),
        (mark("Computes on"), summary["device"]),
        (mark("Memory"), f"{summary['memory_gb']} GB"),
        (mark("Free disk"), f"{summary['disk_gb']} GB"),
        (mark("Display"), summary["display"]),
        (mark("Keyring"), mark("works") if summary["keyring"] else ""),
        (mark("New projects"), summary["folders"]["projects"]),
        (mark("Settings"), summary["folders"]["settings"]),
        (mark("Downloaded models"), summary["folders"]["data"]),
        (mark("Logs"), summary["folders"]["logs"]),
    ]
    rows += [(server["name"], server["state"]) for server in summary["servers"]]
    rows += list(summary["versions"].items())
    return [(caption, value or NONE) for caption, value in rows]


def as_text(summary: Mapping[str, Any]) -> str:
    """The whole report: facts, then findings with their cures."""
    rows = facts(summary)
    width = max(len(caption) for caption, _ in rows) + 2
    lines = [f"{caption:<{width}}{value}" for caption, value in rows]
    lines += [f"! {finding['what']} {finding['cure']}" for finding in summary["findings"]]
    return "\n".join(lines)
