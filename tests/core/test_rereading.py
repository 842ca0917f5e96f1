"""A paper that is read again loses nothing: rows of the same text stay, questions move or keep their passage."""

from __future__ import annotations

from pathlib import Path

import pytest

from embtrainer_gui.core.records import (
    BlockKind,
    FileState,
    HowRead,
    PairState,
    Passage,
    PassageDraft,
    QuestionKind,
    Split,
)
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.core.store.decisions import DecisionStore
from embtrainer_gui.core.store.doubts import DoubtAnswer, FoundDoubt
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.rereading import NewReading, Replaced

HASH = "0123456789abcdef"
TEXTS = (
    "Rice blast spreads in warm and humid fields during the night.",
    "The fungus infects leaves that stay wet for nine hours or more.",
    "Yields fall by thirty percent where nothing is done about it.",
    "A table of numbers 1 2 3 4 5 6 7 8 9.",
)


def drafts(*texts: str, page: int = 1) -> list[PassageDraft]:
    return [PassageDraft(text, BlockKind.BODY, "", page, ((page, 1.0, 2.0, 3.0, 4.0),), 9) for text in texts]


def reading(*texts: str, page: int = 1) -> NewReading:
    how = HowRead("ocr", "1-2", "As you chose.", 0.9)
    return NewReading(FileState.DONE, "", 2, "ocr", how, "New title", drafts(*texts, page=page), (7, 8))


class Paper:
    """One document in a project, a question on each of its passages."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.source = project.documents.begin(HASH, "a.pdf", utc_now())
        keys = [f"{HASH[:12]}-{n}" for n in range(1, len(TEXTS) + 1)]
        self.id = project.documents.add(self.source, "Title", 2, drafts(*TEXTS), keys, (1, 2), None)
        project.documents.finish(self.source, FileState.DONE, "", 2, "text", "a.pdf")
        project.documents.set_splits({self.id: Split.TEST})
        self.before = self.passages()
        answers = ("warm and humid fields", "nine hours", "thirty percent", "1 2 3")
        project.pairs.add(
            [
                NewPair(f"u{n}", p.id, f"Q{n}?", answer, QuestionKind.FACT, "import", utc_now(), "r", {})
                for n, (p, answer) in enumerate(zip(self.before, answers, strict=True))
            ]
        )
        project.pairs.decide([1, 2, 3], PairState.ACCEPTED, "accept", utc_now())

    def passages(self, *, in_use_only: bool = False) -> list[Passage]:
        return self.project.passages.of_document(self.id, in_use_only=in_use_only)

    def again(self, *texts: str, page: int = 1) -> Replaced:
        return self.project.rereading.replace(self.source, reading(*texts, page=page))

    def passage_of_pairs(self) -> list[int]:
        return [pair.passage_id for pair in self.project.pairs.all()]

    def journal(self) -> list[tuple[object, ...]]:
        return self.project.database.rows("SELECT * FROM decisions ORDER BY id")


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(create_project(tmp_path / "project"))


def test_that_passages_of_the_same_text_keep_their_row_and_get_their_new_place(paper: Paper) -> None:
    journal = paper.journal()
    done = paper.again("An introduction that was not seen before.", *TEXTS, page=2)
    after = paper.passages()
    assert [passage.id for passage in after[1:]] == [passage.id for passage in paper.before]
    assert [passage.key for passage in after[1:]] == [passage.key for passage in paper.before]
    assert [passage.number for passage in after] == [1, 2, 3, 4, 5]
    assert {passage.page for passage in after} == {2}
    assert done == Replaced(same=4, new=1)
    assert paper.passage_of_pairs() == [passage.id for passage in paper.before]
    assert paper.journal() == journal


def test_that_questions_move_to_the_new_passage_with_their_answer(paper: Paper) -> None:
    journal, states = paper.journal(), [pair.state for pair in paper.project.pairs.all()]
    joined = f"{TEXTS[0]} {TEXTS[1]}"
    done = paper.again(joined, *TEXTS[2:])
    moved = paper.passages()[0]
    assert moved.text == joined
    assert paper.passage_of_pairs()[:2] == [moved.id, moved.id]
    assert (done.same, done.new, done.moved, done.stayed) == (2, 1, 2, 0)
    assert len(paper.passages()) == 3
    assert paper.journal() == journal
    assert [pair.state for pair in paper.project.pairs.all()] == states


def test_that_a_question_without_a_home_keeps_its_passage_which_is_searched_no_more(paper: Paper) -> None:
    done = paper.again(*TEXTS[:2], "Yields of rice and wheat were counted, thirty percent of them twice over.")
    *searched, kept, table = paper.passages()
    assert (done.moved, done.stayed) == (0, 2)
    assert (kept.text, kept.kind) == (TEXTS[2], BlockKind.EARLIER)
    assert (table.text, table.kind) == (TEXTS[3], BlockKind.EARLIER)
    assert paper.passages(in_use_only=True) == searched
    assert kept not in list(paper.project.passages.in_use())
    assert paper.project.passages.count_in_use() == 3
    assert paper.project.passages.count_without_questions("builtin") == 3
    assert len(paper.project.pairs.all(state=PairState.ACCEPTED)) == 3


def test_that_the_first_reading_comes_back_as_it_was(paper: Paper) -> None:
    paper.again("Nothing of all that.")
    done = paper.again(*TEXTS)
    assert [(p.id, p.text, p.kind) for p in paper.passages()] == [(p.id, p.text, p.kind) for p in paper.before]
    assert done.same == 4
    assert paper.passage_of_pairs() == [passage.id for passage in paper.before]


def test_that_split_and_group_stay_and_the_row_tells_how_it_was_read(paper: Paper) -> None:
    before = paper.project.documents.all()[0]
    paper.again(*TEXTS)
    after = paper.project.documents.all()[0]
    assert (after.id, after.split, after.group) == (before.id, before.split, before.group)
    assert (after.title, after.extractor) == ("New title", "ocr")
    source = paper.project.documents.sources()[0]
    assert source.how == HowRead("ocr", "1-2", "As you chose.", 0.9)
    assert source.stored == "a.pdf"


def test_that_an_answered_doubt_keeps_its_passage(paper: Paper) -> None:
    project = paper.project
    project.doubts.add([FoundDoubt(1, "Q0?", paper.before[3].id, 0.9)], utc_now())
    project.doubts.answer(project.doubts.all()[0].id, DoubtAnswer.RIGHT, utc_now())
    with project.database.transaction() as connection:
        connection.execute("DELETE FROM pairs WHERE passage_id = ?", (paper.before[3].id,))
    paper.again(*TEXTS[:3])
    assert project.doubts.counts()[DoubtAnswer.RIGHT] == 1
    assert paper.passages()[-1].id == paper.before[3].id


def test_that_undo_still_works_on_what_was_moved(paper: Paper) -> None:
    paper.again(f"{TEXTS[0]} {TEXTS[1]}", *TEXTS[2:])
    DecisionStore(paper.project.database).undo()
    assert {pair.state for pair in paper.project.pairs.all()} == {PairState.PENDING}


def test_that_a_failure_in_the_middle_changes_nothing(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    def dump(project: Project) -> list[object]:
        tables = ("sources", "documents", "passages", "pairs", "decisions")
        return [project.database.rows(f"SELECT * FROM {table} ORDER BY id") for table in tables]

    def fail(*_: object) -> None:
        raise RuntimeError

    before = dump(paper.project)
    monkeypatch.setattr("embtrainer_gui.core.store.rereading._renumber", fail)
    with pytest.raises(RuntimeError):
        paper.again("Nothing of all that.")
    assert dump(paper.project) == before
