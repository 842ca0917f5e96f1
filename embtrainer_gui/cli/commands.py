"""One function for each command: options in, the stage run, its summary shown; gives the exit code."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable

from embtrainer_gui.cli.cluster import context_on
from embtrainer_gui.cli.consent import ensure_import_consent
from embtrainer_gui.cli.output import Output
from embtrainer_gui.cli.session import Session, config_from
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.doctor_report import as_text
from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.store import create_project, open_project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.window_libraries import missing_libraries

NOTHING_READ = 2


def run(options: argparse.Namespace, output: Output, cancelled: threading.Event) -> int:
    session = Session(options, output, cancelled)
    return COMMANDS[options.command](session)


def _window(session: Session) -> int:
    """Reached only where the entry point found no display, or not what the window needs to use it."""
    if missing := missing_libraries():
        raise EnvironmentProblem(
            mark("The window cannot open: libraries of the system are missing."),
            mark("Install them: apt-get install {names}. The same work runs without a window: embtrainer run."),
            names=" ".join(missing),
        )
    raise EnvironmentProblem(
        mark("There is no display for the window; the same work runs without one: embtrainer run PROJECT PAPERS."),
    )


def _import(session: Session) -> int:
    from embtrainer_gui.cli.import_references import import_from, names_references
    from embtrainer_gui.stages import import_papers

    options, output = session.options, session.output
    include = tuple(name.strip() for name in options.include.split(",")) if options.include else None
    config = config_from(ImportConfig, options, include=include)
    by_reference = names_references(options)
    with create_project(options.project) as project:
        ensure_import_consent(output, project, config, yes=options.yes)
        if by_reference:
            summary = import_from(session, project, config)
        else:
            with context_on(session, project, config.workers) as ctx:
                summary = import_papers.run(ctx, config, options.sources, again="changed")
        how = project.documents.unusual_readings()
    for row in summary["files"]:
        detail = mark("{pages} pages, {passages} passages").format(**row) if row["passages"] else ""
        said = (detail, how.get(row["file"], "") if row["passages"] else "", row["reason"])
        *first, last = [part for part in said if part] or [""]
        output.say(f"{row['state']:<10} {row['file']}  {'. '.join([*(part.rstrip('.') for part in first), last])}")
    failed = sum(row["state"] not in {"done", "partial", "duplicate"} for row in summary["files"])
    output.say(
        mark("{documents} documents, {passages} passages, {failed} files not read, {seconds} s").format(
            failed=failed, **{key: summary[key] for key in ("documents", "passages", "seconds")}
        )
    )
    output.result(summary)
    return 0 if import_papers.any_read(summary) else NOTHING_READ


def _split(session: Session) -> int:
    from embtrainer_gui.stages import split

    renew = session.options.new_version
    with open_project(session.options.project, write=renew) as project:
        if renew:
            with project.lock():
                split.new_test_version(project)
        summary = split.split_counts(project)
    session.output.say(
        mark("version {version}: {train} train, {dev} dev, {test} test").format(**summary)
        if summary["version"]
        else mark("Not split yet: that takes three unlike papers.")
    )
    session.output.result(summary)
    return 0


def _status(session: Session) -> int:
    from embtrainer_gui.core.workflow import steps
    from embtrainer_gui.stages import overview

    with open_project(session.options.project) as project:
        summary = overview.run(project)
        reports = steps(project)
    say = session.output.say
    say(mark("{project}: {documents} documents, {passages} passages").format(**summary))
    say(mark("questions: {pending} pending, {accepted} accepted, {rejected} rejected").format(**summary["pairs"]))
    for step, report in reports.items():
        say(f"  {step.value:<10} {report.state.value:<8} {report.reason}".rstrip())
    session.output.result(summary)
    return 0


def _doctor(session: Session) -> int:
    from embtrainer_gui.stages import doctor

    summary = doctor.run(ask_servers=session.options.servers)
    session.output.say(as_text(summary))
    session.output.result(summary)
    return 0


def _elsewhere(session: Session) -> int:
    """Commands of other modules, each loaded for its own commands alone: an import need not wait for the others."""
    match session.options.command:
        case "sample" | "run" | "train":
            from embtrainer_gui.cli import job_commands as jobs

            return {"sample": jobs.sample, "run": jobs.run, "train": jobs.train}[session.options.command](session)
        case "compare":
            from embtrainer_gui.cli import compare_command

            return compare_command.compare(session)
        case "generate":
            from embtrainer_gui.cli import generate_command

            return generate_command.generate(session)
        case "pairs":
            from embtrainer_gui.cli import pair_commands

            return pair_commands.pairs(session)
        case "test-sets":
            from embtrainer_gui.cli import test_set_commands

            return test_set_commands.test_sets(session)
        case "doubts":
            from embtrainer_gui.cli import doubt_commands

            return doubt_commands.doubts(session)
        case "models":
            from embtrainer_gui.cli import model_commands

            return model_commands.models(session)
        case "index":
            from embtrainer_gui.cli import index_command

            return index_command.index(session)
        case "search" | "similar" | "map" | "copies":
            from embtrainer_gui.cli import search_commands

            return search_commands.run(session)
        case "backup" | "restore" | "archive" | "unarchive" | "check":
            from embtrainer_gui.cli import care_commands

            return care_commands.care(session)
        case "export":
            from embtrainer_gui.cli import export_commands

            return export_commands.export(session)
        case _:
            from embtrainer_gui.cli import export_commands

            return export_commands.import_run(session)


COMMANDS: dict[str | None, Callable[[Session], int]] = {
    None: _window,
    "open": _window,
    "sample": _elsewhere,
    "run": _elsewhere,
    "import": _import,
    "generate": _elsewhere,
    "pairs": _elsewhere,
    "test-sets": _elsewhere,
    "doubts": _elsewhere,
    "models": _elsewhere,
    "train": _elsewhere,
    "compare": _elsewhere,
    "index": _elsewhere,
    "search": _elsewhere,
    "similar": _elsewhere,
    "map": _elsewhere,
    "copies": _elsewhere,
    "export": _elsewhere,
    "import-run": _elsewhere,
    "split": _split,
    "backup": _elsewhere,
    "restore": _elsewhere,
    "archive": _elsewhere,
    "unarchive": _elsewhere,
    "check": _elsewhere,
    "status": _status,
    "doctor": _doctor,
}
