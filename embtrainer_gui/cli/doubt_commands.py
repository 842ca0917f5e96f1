"""``doubts``: find, list, answer, undo."""

from __future__ import annotations

from typing import Any

from embtrainer_gui.cli.output import shortened
from embtrainer_gui.cli.session import Session
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.store import Project, open_project, utc_now
from embtrainer_gui.core.store.doubts import Doubt, DoubtAnswer
from embtrainer_gui.core.translate import mark


def doubts(session: Session) -> int:
    actions = {"list": _list, "find": _find, "answer": _answer, "undo": _undo}
    return actions[session.options.action](session)


def _list(session: Session) -> int:
    with open_project(session.options.project) as project:
        rows = _rows(project, project.doubts.all())
        counts = {answer.value: count for answer, count in project.doubts.counts().items()}
    for row in rows:
        session.output.say(
            f"{row['number']:>5}  {row['answer']:<7} {row['question']}\n"
            f"       {row['share']:>4.0%}    {row['document']}, {mark('page')} {row['page']}: {shortened(row['text'])}"
        )
    session.output.say(mark("{open} open, {right} right, {wrong} wrong, {unsure} unsure").format(**counts))
    session.output.result({"doubts": rows, "counts": counts})
    return 0


def _find(session: Session) -> int:
    from embtrainer_gui.stages import find_doubts

    with open_project(session.options.project, write=True) as project:
        summary = find_doubts.run(session.context(project))
    session.output.say(
        mark("{new} new ones, {open} to answer: embtrainer doubts {path} list").format(
            path=session.options.project, **summary
        )
    )
    session.output.result(summary)
    return 0


def _answer(session: Session) -> int:
    options = session.options
    if options.number is None or options.answer is None:
        raise UserError(
            mark("'doubts answer' needs the number of a doubtful passage and an answer."),
            mark("embtrainer doubts PROJECT answer NUMBER right|wrong|unsure"),
        )
    with open_project(options.project, write=True) as project:
        if project.doubts.get(options.number) is None:
            raise UserError(
                mark("There is no doubtful passage {number}."),
                mark("See them with: embtrainer doubts {path} list"),
                number=options.number,
                path=options.project,
            )
        project.doubts.answer(options.number, DoubtAnswer(options.answer), utc_now())
        return _show(session, project, options.number)


def _undo(session: Session) -> int:
    with open_project(session.options.project, write=True) as project:
        turned = project.doubts.undo()
        if turned is None:
            raise UserError(mark("There is no answer to take back."))
        return _show(session, project, turned.doubt_id)


def _show(session: Session, project: Project, number: int) -> int:
    """The answer that stands now."""
    doubt = project.doubts.get(number)
    answer = doubt.answer.value if doubt else ""
    session.output.say(f"{number}: {answer}" if doubt else mark("{number}: its question is gone").format(number=number))
    session.output.result({"number": number, "answer": answer})
    return 0


def _rows(project: Project, found: list[Doubt]) -> list[dict[str, Any]]:
    passages = project.passages.get({doubt.passage_id for doubt in found} | {doubt.right_id for doubt in found})
    names = {document.id: document.file_name for document in project.documents.all()}
    rows = []
    for doubt in found:
        passage, right = passages[doubt.passage_id], passages[doubt.right_id]
        rows.append(
            {
                "number": doubt.id,
                "question": doubt.question,
                "answer": doubt.answer.value,
                "share": round(doubt.share, 4),
                "document": names[passage.document_id],
                "page": passage.page,
                "text": passage.text,
                "right": {"document": names[right.document_id], "page": right.page, "text": right.text},
            }
        )
    return rows
