"""A small project for the review: three papers of eight passages, two pairs a passage, every third one flagged."""

from __future__ import annotations

from pathlib import Path

from embtrainer_gui.core.records import BlockKind, FileState, PassageDraft, QuestionKind, Reason
from embtrainer_gui.core.store import create_project, utc_now
from embtrainer_gui.core.store.pairs import NewPair

TOPICS = ("rice blast", "soil carbon", "bee decline")


def make_review_project(folder: Path) -> None:
    with create_project(folder) as project:
        for number, topic in enumerate(TOPICS):
            source = project.documents.begin(f"hash{number}", f"paper{number}.pdf", utc_now())
            drafts = [_passage(topic, place) for place in range(8)]
            keys = [f"{number}-{place}" for place in range(8)]
            project.documents.add(source, f"On {topic}", 2, drafts, keys, (number,), None)
            project.documents.finish(source, FileState.DONE, "", 2, "pdf", "")
        project.pairs.add([_pair(p.id, p.text, n) for p in project.passages.in_use() for n in range(2)])
        pairs = project.pairs.all()
        project.pairs.set_reasons({pair.id: [Reason.COPIED] if pair.id % 3 == 0 else [] for pair in pairs})


def _passage(topic: str, place: int) -> PassageDraft:
    text = f"In field {place}, {topic} was measured {place + 2} times. The mean of {topic} was {place * 7} units."
    page, top = place // 4 + 1, 100.0 + 60 * (place % 4)
    boxes = ((page, 72.0, top, 500.0, top + 12), (page, 72.0, top + 14, 500.0, top + 26))
    return PassageDraft(text, BlockKind.BODY, "Results", page, boxes, 24)


def _pair(passage_id: int, text: str, number: int) -> NewPair:
    answer = text.split(". ")[number].rstrip(".")
    question = f"What is said in sentence {number} of passage {passage_id}?"
    uid = f"{passage_id}-{number}"
    return NewPair(uid, passage_id, question, answer, QuestionKind.FACT, "builtin", utc_now(), "run", {})
