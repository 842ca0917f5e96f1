"""Doubtful passages from the search or the training that finds them to the data that the answers change."""

from __future__ import annotations

import csv
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import CommandLine
from tiny_model import make_tiny_model

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.messages import Event, ItemsChanged, Metric
from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Split
from embtrainer_gui.core.store import Project, create_project, open_project, utc_now
from embtrainer_gui.core.store.decisions import Act
from embtrainer_gui.core.store.doubts import DoubtAnswer, FoundDoubt
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.training_plan import training_facts
from embtrainer_gui.core.workflow import Step, StepState, steps
from embtrainer_gui.stages import find_doubts, pair_files, train_model
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.question_set import project_test_set
from embtrainer_gui.stages.retrieval import Library
from embtrainer_gui.stages.training_data import TrainingData, training_data

OPEN, RIGHT, WRONG, UNSURE = DoubtAnswer
PASSAGES = 12  # of each paper: 1 to 12 train, 13 to 24 dev, 25 to 36 test
WORDS = "rice wheat virus fungus enzyme protein soil water light heat cell gene".split()


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doubts") / "project"
    with create_project(folder) as project:
        for number, split in enumerate(Split):
            source = project.documents.begin(f"h{number}", f"{number}.pdf", utc_now())
            texts = [f"The {WORDS[n]} of plot {number} was measured beside {WORDS[-n]}." for n in range(PASSAGES)]
            drafts = [PassageDraft(text, BlockKind.BODY, "", 1, (), 12) for text in texts]
            keys = [f"{number}-{place}" for place in range(PASSAGES)]
            document = project.documents.add(source, f"Paper {number}", 1, drafts, keys, (number,), None)
            project.documents.finish(source, FileState.DONE, "", 1, "text", "")
            project.documents.set_splits({document: split})
        project.meta.set("split_version", 1)
        project.pairs.add([_pair(p.id, p.text, n) for p in project.passages.in_use() for n in range(2)])
        project.pairs.decide([p.id for p in project.pairs.all()], PairState.ACCEPTED, Act.ACCEPT_ALL, utc_now())
    return folder


def _pair(passage: int, text: str, number: int) -> NewPair:
    question = f"{('What', 'Which plot')[number]} was measured as {text.split()[1]} in passage {passage}?"
    uid = f"{passage}-{number}"
    return NewPair(uid, passage, question, text, QuestionKind.FACT, "import", utc_now(), "r", {})


@pytest.fixture
def project(tmp_path: Path, made: Path) -> Iterator[Project]:
    shutil.copytree(made, tmp_path / "project")
    with open_project(tmp_path / "project", write=True) as project:
        yield project


def answer(project: Project, pair: int, passage: int, given: DoubtAnswer) -> str:
    """Doubt a passage for the question of a pair and answer it; gives the question."""
    question = project.pairs.get([pair])[pair].question
    project.doubts.add([FoundDoubt(pair, question, passage, 1.0)], utc_now())
    doubt = next(d for d in project.doubts.all() if (d.pair_id, d.passage_id) == (pair, passage))
    if given is not OPEN:
        project.doubts.answer(doubt.id, given, utc_now())
    return question


def asked(data: TrainingData, rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """With ids of passages instead of rows."""
    return [(question, data.passage_ids[row]) for question, row in rows]


def test_that_answers_become_positives_cleared_and_spared_ones(project: Project) -> None:
    before = training_data(project)
    question = answer(project, 1, 5, RIGHT)
    for passage, given in ((6, WRONG), (7, UNSURE), (8, OPEN)):
        answer(project, 1, passage, given)
    data = training_data(project)
    assert asked(data, data.pairs) == [*asked(before, before.pairs), (question, 5)]
    assert asked(data, data.judged.cleared) == [(question, 6)]
    assert asked(data, data.judged.spared) == [(question, 7), (question, 8)]
    assert training_facts(project).pairs == len(data.pairs) == 2 * PASSAGES + 1


def test_that_without_answers_the_data_are_what_they_were(project: Project) -> None:
    data = training_data(project)
    assert (data.judged.right, data.judged.cleared, data.judged.spared) == ([], [], [])
    answer(project, 1, 13, RIGHT)  # on a dev paper: a training question learns nothing from it
    answer(project, 1, 25, OPEN)
    again = training_data(project)
    assert (again.pairs, again.passages, again.judged) == (data.pairs, data.passages, data.judged)


def test_that_right_ones_of_dev_and_test_questions_are_relevant_and_others_are_not(project: Project) -> None:
    of_dev = answer(project, 25, 3, RIGHT)
    answer(project, 25, 4, WRONG)
    of_test = answer(project, 49, 2, RIGHT)
    answer(project, 49, 3, UNSURE)
    dev = training_data(project).dev
    relevant = dev.relevant[list(dev.questions).index(of_dev)]
    texts = {dev.passages[row] for row in relevant}
    library = Library(project)
    assert texts == {library.texts[library.row_of[passage]] for passage in (13, 3)}
    test = project_test_set(project, library)
    assert {library.passages[row].id for row in test.relevant[test.questions.index(of_test)]} == {25, 2}
    assert sum(map(len, test.relevant)) == 2 * PASSAGES + 1


def test_that_an_exported_test_set_holds_what_was_found_right(project: Project, tmp_path: Path) -> None:
    answer(project, 1, 5, RIGHT)
    answer(project, 1, 6, WRONG)
    pair_files.export_pairs(project, tmp_path / "beir", "beir", {PairState.ACCEPTED})
    rows = list(csv.reader((tmp_path / "beir" / "qrels.tsv").open(), delimiter="\t"))
    assert [row[1] for row in rows if row[0] == "1-0"] == ["0-0", "0-4"]


def run(project: Project, model: Path, *, resume: bool = False, stop: bool = False) -> list[Event]:
    """Train two short epochs with hard negatives; ``stop`` after the first step."""
    events: list[Event] = []
    cancelled = threading.Event()

    def emit(event: Event) -> None:
        events.append(event)
        if stop and isinstance(event, Metric) and event.step >= 1:
            cancelled.set()

    config = TrainConfig(
        base_model=str(model), epochs=2, batch_size=6, hard_negatives=2, evaluations=1, max_seq_length=32, remember=0
    )
    train_model.run(Context(project, emit, cancelled), config, resume=resume)
    return events


def test_that_training_stores_what_it_was_in_doubt_of_and_goes_on_unless_an_answer_changed_that(
    project: Project, model: Path
) -> None:
    with pytest.raises(Cancelled):
        run(project, model, stop=True)
    found = project.doubts.all()
    assert found
    assert {doubt.answer for doubt in found} == {OPEN}
    assert all(doubt.passage_id <= PASSAGES and doubt.pair_id <= 2 * PASSAGES for doubt in found)
    assert set(project.database.rows("SELECT run FROM doubts")) == {("run-1",)}
    project.doubts.answer(found[0].id, WRONG, utc_now())
    with pytest.raises(UserError, match=r"the answers on doubtful passages \(0 -> 1\)"):
        run(project, model, resume=True)
    project.doubts.undo()
    events = run(project, model, resume=True)
    assert not [event for event in events if isinstance(event, ItemsChanged) and event.table == "doubts"]
    assert steps(project)[Step.TRAIN].state is StepState.DONE
    project.doubts.answer(found[0].id, RIGHT, utc_now())
    assert steps(project)[Step.TRAIN].state is StepState.STALE
    assert "doubtful passages" in steps(project)[Step.TRAIN].reason


def test_that_looking_without_training_asks_both_models_and_keeps_answers(project: Project, model: Path) -> None:
    run(project, model)
    project.database.connection.execute("DELETE FROM doubts")
    context = Context(project, lambda event: None, threading.Event())
    summary = find_doubts.run(context)
    found = project.doubts.all()
    assert summary == {"questions": 6 * PASSAGES, "found": len(found), "new": len(found), "open": len(found)}
    of_pair = {pair.id: pair.passage_id for pair in project.pairs.all()}
    per_question: dict[int, int] = {}
    for doubt in found:
        per_question[doubt.pair_id] = per_question.get(doubt.pair_id, 0) + 1
        assert of_pair[doubt.pair_id] != doubt.passage_id
        assert doubt.share > 0.95
        if of_pair[doubt.pair_id] <= PASSAGES:
            assert doubt.passage_id <= PASSAGES
    assert max(per_question.values()) <= 4  # two by each model
    assert max(of_pair[doubt.pair_id] for doubt in found) > 2 * PASSAGES  # test questions are asked about too
    project.doubts.answer(found[0].id, WRONG, utc_now())
    find_doubts.run(context)
    assert project.doubts.get(found[0].id).answer is WRONG


def test_that_there_is_nothing_to_look_for_without_accepted_questions(project: Project) -> None:
    project.database.connection.execute("UPDATE pairs SET state = 'pending'")
    with pytest.raises(UserError, match="No question is accepted"):
        find_doubts.run(Context(project, lambda event: None, threading.Event()))


def test_that_the_command_lists_answers_and_takes_back(project: Project, embtrainer: CommandLine) -> None:
    question = answer(project, 1, 5, OPEN)
    listed = embtrainer.ok("doubts", project.folder)
    assert listed["counts"] == {"open": 1, "right": 0, "wrong": 0, "unsure": 0}
    row = listed["doubts"][0]
    assert (row["question"], row["answer"], row["document"], row["share"]) == (question, "open", "0.pdf", 1.0)
    assert (row["text"], row["right"]["text"]) == tuple(project.passages.get([n])[n].text for n in (5, 1))
    given = embtrainer.ok("doubts", project.folder, "answer", str(row["number"]), "right")
    assert given == {"number": row["number"], "answer": "right"}
    assert project.doubts.all()[0].answer is RIGHT
    assert embtrainer.ok("doubts", project.folder, "undo") == {"number": row["number"], "answer": "open"}
    refused = embtrainer("doubts", project.folder, "answer", "99", "right", "--json")
    assert refused.code == 2
    assert "99" in json.loads(refused.out)["error"]
