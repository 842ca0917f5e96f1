"""A project of a few passages and pairs, made through the store in some milliseconds."""

from __future__ import annotations

from pathlib import Path

from embtrainer_gui.core.records import BlockKind, FileState, PassageDraft, QuestionKind
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.core.store.pairs import NewPair

AT = "2026-01-01T00:00:00.000000Z"


def small_project(folder: Path, pairs: int = 6, papers: int = 2) -> Project:
    """``papers`` with three passages each, and ``pairs`` pending pairs on the first passage; it is open."""
    project = create_project(folder)
    for number in range(papers):
        add_paper(project, f"paper{number}.pdf")
    passage = next(iter(project.passages.in_use())).id
    project.pairs.add([new_pair(passage, number) for number in range(pairs)])
    return project


def add_paper(project: Project, name: str) -> None:
    source = project.documents.begin(f"hash-{name}", name, utc_now())
    texts = [f"Passage {n} of {name} tells of soil carbon and leaf wax." for n in range(3)]
    drafts = [PassageDraft(text, BlockKind.BODY, "Intro", 1, ((1, 0, 0, 9, 9),), 5) for text in texts]
    keys = [f"{name}-{n}" for n in range(3)]
    project.documents.add(source, f"Title of {name}", 2, drafts, keys, (1, 2, 3), None)
    project.documents.finish(source, FileState.DONE, "", 2, "text", "")


def new_pair(passage: int, number: int) -> NewPair:
    return NewPair(
        f"uid-{number}", passage, f"What is fact {number}?", f"fact {number}", QuestionKind.FACT, "import", AT, "r", {}
    )


def states(project: Project) -> dict[str, str]:
    return {pair.question: pair.state.value for pair in project.pairs.all()}
