"""``pairs import``: a file of questions comes in as pairs or as a test set, or is only looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from embtrainer_gui.cli.output import shortened
from embtrainer_gui.cli.session import Session
from embtrainer_gui.core.held_back import known_before_words
from embtrainer_gui.core.interchange.columns import Role, Target, parse_map
from embtrainer_gui.core.interchange.left_out import write_left_out
from embtrainer_gui.core.store import create_project
from embtrainer_gui.core.translate import mark


def import_questions(session: Session, path: Path) -> int:
    options = session.options
    columns = parse_map(options.map) if options.map else None
    if options.preview is not None:
        return _preview(session, path, columns)
    with create_project(options.project) as project:
        if options.target == Target.TEST_SET:
            from embtrainer_gui.stages import take_test_set

            summary = take_test_set.run(session.context(project), path, columns, options.name or "", options.sheet)
            told = mark("test set {set}: {questions} questions, {passages} passages, {left_out} rows left out")
        else:
            from embtrainer_gui.stages import pair_files

            summary = pair_files.import_pairs(session.context(project), path, columns, options.sheet)
            told = mark("{added} pairs added, {known} known already, {left_out} rows left out")
    for row in summary["rejected"]:
        session.output.say(mark("line {line} left out: {reason}").format(**row))
    if options.left_out is not None:
        write_left_out(options.left_out, summary["rejected"])
    session.output.say(told.format(**summary))
    if summary.get("held_back"):
        session.output.say(known_before_words(summary["held_back"]))
    session.output.result(summary)
    return 0


def _preview(session: Session, path: Path, columns: dict[Role, str] | None) -> int:
    from embtrainer_gui.stages import question_table

    look: dict[str, Any] = question_table.look_at(path, session.options.sheet, max(0, session.options.preview))
    chosen = {role.value: name for role, name in columns.items()} if columns else look["guess"]
    role_of = {name: role for role, name in chosen.items()}
    say = session.output.say
    if look["sheets"]:
        say(mark("sheets: {names}").format(names=", ".join(look["sheets"])))
    for number, name in enumerate(look["columns"]):
        role = role_of.get(name, "-")
        sample = next((row[number] for row in look["rows"] if row[number]), "")
        say(f"{role:<10} {name:<24} {shortened(sample)}")
    for number, row in enumerate(look["rows"], 1):
        say(f"{number:>4}  " + " | ".join(shortened(cell) for cell in row))
    map_ = ",".join(f"{role}={name.replace(',', ',,')}" for role, name in chosen.items())
    if map_:
        say(mark("to import it so: --map {map} --as {target}").format(map=repr(map_), target=look["as"]))
    session.output.result(look | {"map": map_})
    return 0
