"""``test-sets``: list, rename and remove labelled test sets, or train on the marks of Search."""

from __future__ import annotations

from embtrainer_gui.cli.session import Session
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.store import open_project
from embtrainer_gui.core.translate import mark


def test_sets(session: Session) -> int:
    actions = {"list": _list, "rename": _rename, "remove": _remove, "train-on-marks": _train_on_marks}
    return actions[session.options.action](session)


def _list(session: Session) -> int:
    with open_project(session.options.project) as project:
        sets = project.test_sets.all()
    rows = [{"name": one.name, "source": one.source, "questions": one.questions, "at": one.created_at} for one in sets]
    for row in rows:
        session.output.say(f"{row['questions']:>6}  {row['name']}  ({row['source']})")
    if not rows:
        session.output.say(mark("no test sets: embtrainer pairs PROJECT import FILE --as test-set"))
    session.output.result({"test_sets": rows})
    return 0


def _rename(session: Session) -> int:
    options = session.options
    name, new = _given(session, options.name), _given(session, options.new_name)
    with open_project(options.project, write=True) as project:
        project.test_sets.rename(project.test_sets.named(name).id, new)
    session.output.say(mark("{name} is now called {new}").format(name=name, new=new))
    session.output.result({"renamed": name, "name": new})
    return 0


def _remove(session: Session) -> int:
    name = _given(session, session.options.name)
    with open_project(session.options.project, write=True) as project:
        found = project.test_sets.named(name)
        project.test_sets.remove(found.id)
    session.output.say(mark("{name} is removed; its passages stay in the project").format(name=name))
    session.output.result({"removed": name, "questions": found.questions})
    return 0


def _train_on_marks(session: Session) -> int:
    from embtrainer_gui.stages import marks_to_pairs

    with open_project(session.options.project, write=True) as project:
        summary = marks_to_pairs.run(session.context(project))
    session.output.say(
        mark("{pairs} pairs of {questions} questions accepted, {wrong} passages wrong").format(**summary)
    )
    session.output.result(summary)
    return 0


def _given(session: Session, value: str | None) -> str:
    if not value:
        raise UserError(
            mark("'test-sets {action}' needs a name."),
            mark("embtrainer test-sets PROJECT rename NAME NEW_NAME, or: remove NAME"),
            action=session.options.action,
        )
    return value
