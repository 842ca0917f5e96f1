"""Before anything of a project goes to another machine: says what goes where, and asks once."""

from __future__ import annotations

import sys

from embtrainer_gui.cli.output import Output
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.consent import SERVER_EXTRACTORS, allow, consent_needed, is_allowed, read_by
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark


def ensure_import_consent(output: Output, project: Project, config: ImportConfig, *, yes: bool) -> None:
    """``ensure_consent`` for the server that reads the papers, where one does."""
    if config.extractor in SERVER_EXTRACTORS:
        ensure_consent(output, project, *read_by(config, config.extractor), yes=yes)


def ensure_consent(output: Output, project: Project, host: str, what: str, *, yes: bool) -> None:
    """Go on only where ``host`` may get ``what`` ("The pictures of the pages"); the answer is kept for the project.

    Raises:
        ConsentNeeded: the user said no, or there is no terminal to ask on and no --yes.
    """
    if is_allowed(project, host):
        return
    if not yes and not _asked(output, mark("{what} will be sent to {host}.").format(what=what, host=host)):
        raise consent_needed(host, what)
    allow(project, host)
    output.say(
        mark("{what} may be sent to {host}; you are not asked again for this project.").format(what=what, host=host)
    )


def _asked(output: Output, text: str) -> bool:
    if output.as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(text, mark("Go on? [y/N] "), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
