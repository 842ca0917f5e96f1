"""What will run, held against what the trainer makes of the same project."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Split
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.training_plan import TrainingFacts, training_facts, training_plan
from embtrainer_gui.ml.batching import epoch_batches
from embtrainer_gui.ml.request import TrainingRequest
from embtrainer_gui.ml.schedule import evaluation_steps, learning_rate_factor
from embtrainer_gui.ml.training_set import training_set
from embtrainer_gui.stages.training_data import data_for

PASSAGES = 12


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three papers of twelve passages, two of which are equal; three questions a passage, some of them the same."""
    with create_project(tmp_path / "project") as project:
        splits = {}
        for number in range(3):
            source = project.documents.begin(f"hash{number}", f"paper{number}.pdf", utc_now())
            texts = [f"Passage {max(1, place)} of paper {number}." for place in range(PASSAGES)]
            drafts = [
                PassageDraft(text, BlockKind.BODY, "Results", 1, (), 100 + 10 * place)
                for place, text in enumerate(texts)
            ]
            keys = [f"{number}-{place}" for place in range(PASSAGES)]
            document = project.documents.add(source, f"Paper {number}", 2, drafts, keys, range(number, 99, 3), None)
            project.documents.finish(source, FileState.DONE, "", 2, "pdf", "")
            splits[document] = list(Split)[number]
        project.documents.set_splits(splits)
        project.meta.set("split_version", 1)
        for passage in project.passages.in_use():
            project.pairs.add([pair(passage.id, number) for number in range(3)])
        yield project


def pair(passage_id: int, number: int) -> NewPair:
    """The second and the third question of a passage differ in case and spaces only."""
    question = (
        f"What is in passage {passage_id}?",
        f"What is what in passage {passage_id}?",
        f"What  is WHAT in passage {passage_id}?",
    )[number]
    return NewPair(
        uid=f"{passage_id}-{number}",
        passage_id=passage_id,
        question=question,
        answer="Passage",
        kind=QuestionKind.FACT,
        source="builtin",
        created_at=utc_now(),
        run_id="r",
        extra={},
        state=PairState.PENDING,
    )


def accept(project: Project, *, but: int = 0) -> None:
    train = [pair.id for pair in project.pairs.all(splits=(Split.TRAIN,))]
    others = [pair.id for pair in project.pairs.all(splits=(Split.DEV, Split.TEST))]
    project.pairs.decide(train[but:] + others, PairState.ACCEPTED, "accept", utc_now())


def as_trained(project: Project, config: TrainConfig) -> TrainingRequest:
    data = data_for(project, config)
    return TrainingRequest(
        config=config,
        base_model_dir=bundled_folder(),
        out_dir=project.models / "run-1",
        passages=data.passages,
        passage_groups=data.groups,
        pairs=data.pairs,
        dev=data.dev,
        documents=data.documents,
    )


def test_that_facts_are_those_that_the_trainer_sees(project: Project) -> None:
    accept(project, but=4)
    facts = training_facts(project)
    seen = training_set(as_trained(project, TrainConfig(stand_ins=0)))
    assert (facts.pairs, facts.passages) == (seen.pairs, len(seen.passages))
    assert facts.pairs < 3 * PASSAGES - 4
    assert facts.waiting == 4
    assert facts.papers == dict.fromkeys(Split, 1)
    assert facts.questions[Split.DEV] == 3 * PASSAGES
    assert list(facts.tokens) == sorted(facts.tokens)


def without_the_last_passage(project: Project) -> set[int]:
    """Accept the questions of all other ones; gives its id."""
    train = project.pairs.all(splits=(Split.TRAIN,))
    left = train[-1].passage_id
    project.pairs.decide([p.id for p in train if p.passage_id != left], PairState.ACCEPTED, "accept", utc_now())
    return {left}


@pytest.mark.parametrize(("stand_ins", "number"), [(0.05, 0), (0.1, 1), (100, 1)])
def test_that_passages_without_a_question_are_counted_as_the_trainer_sees_them(
    project: Project, stand_ins: float, number: int
) -> None:
    without_the_last_passage(project)
    config = TrainConfig(stand_ins=stand_ins)
    plan = training_plan(config, training_facts(project), [], project.folder)
    seen = training_set(as_trained(project, config))
    assert (plan.pairs, plan.passages, plan.stand_ins) == (seen.pairs, len(seen.passages), number)


def test_that_a_phrase_stands_in_for_the_questions_of_a_passage(project: Project) -> None:
    left = without_the_last_passage(project)
    data = data_for(project, TrainConfig())
    *_, (phrase, row) = data.pairs
    assert data.stand_ins == 1
    assert {data.passage_ids[row]} == left
    assert phrase
    assert phrase in data.passages[row]
    assert data_for(project, TrainConfig()).pairs == data.pairs


def test_that_phrases_do_not_make_up_for_too_few_questions(project: Project) -> None:
    train = project.pairs.all(splits=(Split.TRAIN,))
    project.pairs.decide([p.id for p in train[:9]], PairState.ACCEPTED, "accept", utc_now())
    assert training_plan(TrainConfig(), training_facts(project), [], project.folder).stand_ins == 0
    assert data_for(project, TrainConfig()).stand_ins == 0


@pytest.mark.parametrize(
    ("batch", "epochs", "evaluations", "soup"), [(4, 3, 5, 1), (32, 2, 5, 2), (5, 1, 20, 3), (2, 2, 1, 2)]
)
def test_that_the_plan_is_what_the_trainer_does(
    project: Project, batch: int, epochs: int, evaluations: int, soup: int
) -> None:
    accept(project)
    config = TrainConfig(batch_size=batch, epochs=epochs, evaluations=evaluations, soup=soup, warmup_ratio=0.3)
    plan = training_plan(config, training_facts(project), [], project.folder)
    seen = training_set(as_trained(project, config))
    batches = epoch_batches(seen.groups, plan.batch, 42, 0)
    a_round = len(batches) * epochs
    total = a_round * soup
    rates = [learning_rate_factor(step, a_round, 0.3) for step in range(a_round)]
    assert plan.batch == min(batch, len(seen.passages))
    assert (plan.steps_per_epoch, plan.steps) == (len(batches), total)
    assert plan.evaluations == len(evaluation_steps(total, evaluations))
    assert plan.warmup_steps == int(np.argmax(rates)) + 1


def test_that_the_share_of_cut_passages_counts_those_over_the_length() -> None:
    facts = TrainingFacts(pairs=40, passages=4, tokens=[100, 256, 257, 300])
    assert training_plan(TrainConfig(max_seq_length=256), facts, [], Path(".")).cut == 0.5
    assert training_plan(TrainConfig(max_seq_length=512), facts, [], Path(".")).cut == 0.0


def test_that_disk_is_that_of_the_checkpoints_kept() -> None:
    facts = TrainingFacts(pairs=400, passages=100)
    weights = (bundled_folder() / "model.safetensors").stat().st_size
    plan = training_plan(TrainConfig(checkpoints=3), facts, [], Path("."))
    assert plan.disk == (5 * 3 + 1) * weights
    assert training_plan(TrainConfig(evaluations=1), facts, [], Path(".")).disk == (2 * 3 + 1) * weights
    assert plan.free > 0


def test_that_time_is_known_only_from_an_earlier_run_of_the_same_kind(project: Project) -> None:
    accept(project)
    facts = training_facts(project)
    config = TrainConfig(epochs=4, soup=1)
    assert training_plan(config, facts, project.runs.all(), project.folder).seconds is None
    number = project.runs.begin("run-1", TrainConfig(epochs=2, soup=2).model_dump(), "print", utc_now())
    assert training_plan(config, facts, project.runs.all(), project.folder).seconds is None
    project.runs.finish(number, "done", {"pairs": 500, "seconds": 200.0}, utc_now())
    plan = training_plan(config, facts, project.runs.all(), project.folder)
    assert plan.pairs_per_second == 10.0
    assert plan.seconds == pytest.approx(facts.pairs * 4 / 10.0)
    twice = training_plan(config.model_copy(update={"soup": 2}), facts, project.runs.all(), project.folder)
    assert twice.seconds == pytest.approx(facts.pairs * 8 / 10.0)
    longer = config.model_copy(update={"max_seq_length": 512})
    assert training_plan(longer, facts, project.runs.all(), project.folder).seconds is None


def test_that_lacking_counts_up_to_the_fewest_that_train(project: Project) -> None:
    assert training_facts(project).lacking == 20
    accept(project, but=30)
    facts = training_facts(project)
    assert facts.lacking == 20 - facts.pairs > 0


def test_that_an_empty_project_has_a_plan(tmp_path: Path) -> None:
    with create_project(tmp_path / "empty") as project:
        facts = training_facts(project)
        plan = training_plan(TrainConfig(), facts, [], project.folder)
    assert (facts.pairs, facts.unlike_papers, plan.steps, plan.cut) == (0, 0, 0, 0.0)
    assert plan.evaluations == 1


def test_that_a_model_that_is_not_here_takes_no_disk() -> None:
    plan = training_plan(TrainConfig(base_model="/nowhere"), TrainingFacts(pairs=30, passages=9), [], Path("."))
    assert plan.disk == 0


def test_that_a_plan_knows_earlier_runs_as_models_to_start_from(project: Project) -> None:
    accept(project)
    facts = training_facts(project)
    number = project.runs.begin("run-1", TrainConfig().model_dump(), "print", utc_now())
    project.runs.finish(number, "done", {"pairs": 500, "seconds": 100.0}, utc_now())
    shutil.copytree(bundled_folder(), project.models / "run-1" / "final_model")
    again = TrainConfig(base_model="run-1")
    plan = training_plan(again, facts, project.runs.all(), project.folder)
    assert plan.disk == training_plan(TrainConfig(), facts, [], project.folder).disk
    assert plan.pairs_per_second == 5.0 * 2 * 2
    adapters = again.model_copy(update={"lora_rank": 8})
    slim = training_plan(adapters, facts, project.runs.all(), project.folder)
    assert slim.disk < plan.disk / 2
    assert slim.seconds is None


def test_that_a_plan_notes_weights_without_texts_and_missing_prompts(project: Project, tmp_path: Path) -> None:
    accept(project)
    facts = training_facts(project)
    assert (facts.answered > 0, facts.titled) == (True, 1)
    weights = TrainConfig(answer_weight=1, title_weight=1)
    assert training_plan(TrainConfig(), facts, [], project.folder).notes == ()
    notes = training_plan(weights, facts, [], project.folder).notes
    assert [note for note in notes if "have a title" in note] == list(notes)
    notes = training_plan(weights, replace(facts, answered=0, titled=2), [], project.folder).notes
    assert [note for note in notes if "No question has an answer" in note] == list(notes)
    shutil.copytree(bundled_folder(), tmp_path / "e5-small")
    prompted = TrainConfig(base_model=str(tmp_path / "e5-small"))
    assert 'query_prompt "query:"' in training_plan(prompted, facts, [], project.folder).notes[0]


def test_that_a_prompt_counts_towards_the_length_of_a_passage() -> None:
    facts = TrainingFacts(pairs=40, passages=4, tokens=[100, 250, 256, 300])
    config = TrainConfig(max_seq_length=256, passage_prompt="search document:")
    assert training_plan(config, facts, [], Path(".")).cut == 0.5
