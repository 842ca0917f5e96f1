"""A labelled test set comes into the project. Its questions and right passages are kept out of training for good."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.columns import Columns
from embtrainer_gui.core.interchange.labelled import LabelledSet
from embtrainer_gui.core.store.documents import TEST_SET
from embtrainer_gui.core.store.test_sets import NewQuestion
from embtrainer_gui.core.training_plan import training_facts
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.new_passages import one_line, put_back, texts_of_project, with_homes, write_passages
from embtrainer_gui.stages.question_records import left_out, read_labelled
from embtrainer_gui.stages.split import settle_split

NO_QUESTIONS = "test"  # the marks of its passages: none are made of them


def run(ctx: Context, path: Path, columns: Columns | None = None, name: str = "", sheet: str = "") -> dict[str, Any]:
    """Take in a file of questions with marked passages, wholly or not at all; gives ``{"set", "questions", "passages",
    "new_passages", "unanswered", "held_back", "rejected", "left_out"}``.

    A passage that the project has is used as it stands there, also one that holds nearly all of the text; others become
    passages of test papers, of which no questions are made. A question for which nothing is right is left out: no
    ranking could be wrong about it.

    Raises:
        UserError: the file cannot be read at all, holds no usable question, or there is a set of that name.
        Cancelled: stopped before anything came in.
    """
    every = read_labelled(ctx, path, columns, sheet)
    labelled = every.without_unanswered()
    if not labelled.questions:
        first = f" ({every.rejected[0].line}: {every.rejected[0].reason})" if every.rejected else ""
        raise UserError(
            mark("{path} holds no question with a right passage{first}."),
            mark("Each row needs a question and a passage, and a relevance over 0 where it has one."),
            path=path.name,
            first=first,
        )
    project = ctx.project
    with project.lock():
        project.documents.drop_unfinished()
        project.test_sets.drop_unfinished()
        put_back(project, TEST_SET, path)
        chosen = name.strip() or project.test_sets.free_name(path.stem)
        known = with_homes(texts_of_project(project), _judged_texts(labelled))
        documents = _new_documents(labelled, known)
        file = write_passages(ctx, TEST_SET, path, documents, NO_QUESTIONS)
        try:
            ctx.raise_if_cancelled()
            questions = _questions(labelled, known | file.passages())
            file.take_test_set(chosen, path.name + ("/" if path.is_dir() else ""), questions)
        except BaseException:
            file.drop()
            raise
        settle_split(project)
    ctx.items_changed("test_sets", len(questions))
    return {
        "set": chosen,
        "questions": len(questions),
        "passages": len(labelled.passages),
        "new_passages": sum(len(texts) for _, texts in documents.values()),
        "unanswered": len(every.questions) - len(labelled.questions),
        "held_back": training_facts(project).held_back,
        **left_out(labelled.rejected),
    }


def _judged_texts(labelled: LabelledSet) -> list[str]:
    keys = {key for one in labelled.questions for key in one.judged}
    return [labelled.passages[key].text for key in sorted(keys)]


def _new_documents(labelled: LabelledSet, known: Mapping[str, int]) -> dict[str, tuple[str, list[str]]]:
    """``{name: (title, texts)}`` of the passages that the project lacks; those of no paper are one document."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for passage in labelled.passages.values():
        if passage.text and one_line(passage.text) not in known:
            found[passage.paper].setdefault(one_line(passage.text), passage.text)
    return {paper: (paper, list(texts.values())) for paper, texts in found.items()}


def _questions(labelled: LabelledSet, passage_ids: Mapping[str, int]) -> list[NewQuestion]:
    found = []
    for one in labelled.questions:
        judged: dict[int, int] = {}
        for key, grade in one.judged.items():
            number = passage_ids[one_line(labelled.passages[key].text)]
            judged[number] = max(grade, judged.get(number, 0))
        found.append(NewQuestion(one.question, one.kind, judged))
    return found
