"""The check before training as a stage: what it says, and what the run that follows makes of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_chat import fake_chat
from tiny_model import make_tiny_model

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.estimate import Cost, Estimate, correction, error, machine, read_estimate, write_estimate
from embtrainer_gui.core.messages import Event, Noticed, Warned
from embtrainer_gui.core.process_place import VARIABLES
from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Split
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.server_runs import Call
from embtrainer_gui.core.training_plan import training_facts
from embtrainer_gui.stages import preflight, train_model
from embtrainer_gui.stages.context import Context

WORDS = "rice wheat millet barley virus fungus enzyme protein soil water light heat cell gene root leaf".split()
PASSAGES = 16


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three papers of sixteen passages with two questions each, all accepted."""
    with create_project(tmp_path / "project") as project:
        splits = {}
        for number in range(3):
            source = project.documents.begin(f"hash{number}", f"paper{number}.pdf", utc_now())
            drafts = [PassageDraft(text(number, p), BlockKind.BODY, "Results", 1, (), 20) for p in range(PASSAGES)]
            keys = [f"{number}-{place}" for place in range(PASSAGES)]
            document = project.documents.add(source, f"Paper {number}", 2, drafts, keys, range(number, 99, 3), None)
            project.documents.finish(source, FileState.DONE, "", 2, "pdf", "")
            splits[document] = list(Split)[number]
        project.documents.set_splits(splits)
        project.meta.set("split_version", 1)
        for passage in project.passages.in_use():
            project.pairs.add([pair(passage.id, passage.text, number) for number in range(2)])
        project.pairs.decide([p.id for p in project.pairs.all()], PairState.ACCEPTED, "accept", utc_now())
        yield project


def text(paper: int, place: int) -> str:
    other = WORDS[(place * 5 + paper) % 16]
    return f"The {WORDS[place]} of plot {paper}-{place} was measured with {other} in the field."


def pair(passage: int, about: str, number: int) -> NewPair:
    question = f"What about the {about.split()[1]} of plot {about.split()[4]}{' measured' * number}?"
    return NewPair(
        f"{passage}-{number}", passage, question, "measured", QuestionKind.FACT, "builtin", utc_now(), "r", {},
        state=PairState.PENDING,
    )  # fmt: skip


def heard(project: Project) -> tuple[Context, list[Event]]:
    events: list[Event] = []
    return Context(project, events.append, threading.Event()), events


def settings(model: Path, **more: object) -> TrainConfig:
    values = {"base_model": str(model), "epochs": 2, "soup": 1, "batch_size": 4, "max_seq_length": 32, **more}
    return TrainConfig.model_validate(values)


def test_that_a_run_knows_what_its_check_had_told_and_later_checks_learn_from_it(project: Project, model: Path) -> None:
    ctx, _ = heard(project)
    config = settings(model)
    told = preflight.run(ctx, config)
    assert told["steps"] == 8
    assert told["data"] == {"pairs": 32, "passages": 16, "alike": 0}
    assert told["disk"]["fits"]
    assert told["first_batch"]
    assert told["estimate"]["told"] == told["estimate"]["measured"]  # nothing is known yet
    parts = sum(part["cpu"] for part in told["estimate"]["parts"])
    assert parts == pytest.approx(told["estimate"]["told"]["cpu"], abs=0.1)
    assert not (project.models / preflight.FOLDER).exists()
    assert project.runs.all() == []
    summary = train_model.run(ctx, config)
    assert summary["estimate"]["told"] == told["estimate"]["told"]
    assert summary["spent"]["cpu"] > 0
    assert error(summary, "cpu") == pytest.approx(summary["spent"]["cpu"] / told["estimate"]["told"]["cpu"] - 1)
    factor = correction(project.runs.all(), "auto")
    assert factor.cpu != 1
    again = preflight.run(ctx, config)["estimate"]
    assert again["told"]["cpu"] == pytest.approx(again["measured"]["cpu"] * factor.cpu, abs=0.1)


def test_that_a_check_tells_what_a_local_server_holds_and_that_one_process_was_tried(
    project: Project, model: Path
) -> None:
    ctx, events = heard(project)
    with fake_chat(loaded_context=4096, loaded_bytes={"size": 6 * 10**9, "size_vram": 10**9}) as server:
        call = Call("r", None, host_of(server.address), "small-model", "questions", "done", 1, 1, 0.1, utc_now())
        project.server_runs.add_call(call)
        told = preflight.run(ctx, settings(model), "torchrun --nproc-per-node 2")
        assert told["held"] == [{"address": server.address, "model": "small-model", "bytes": 5 * 10**9}]  # on a CPU
        assert [asked.path for asked in server.asked] == ["/api/ps"]
    assert told["launch"] == "torchrun --nproc-per-node 2"
    assert [event.text for event in events if isinstance(event, Warned)] == [preflight.ONE_PROCESS]
    with pytest.raises(UserError, match="torchrun"):
        preflight.run(ctx, settings(model), "mpirun -n 2")


def test_that_a_run_of_several_processes_takes_no_estimate_of_one(
    project: Project, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = settings(model)
    facts = training_facts(project).trained(config)
    told = Estimate(
        config.model_dump(mode="json"), facts.pairs, facts.passages, machine("auto"), Cost(9, 9), Cost(9, 9)
    )
    write_estimate(project.models, told)
    assert "estimate" in train_model._times(project, config, Cost(1, 1))
    for name, value in zip(VARIABLES, ("0", "2", "0", "2"), strict=True):
        monkeypatch.setenv(name, value)
    assert "estimate" not in train_model._times(project, config, Cost(1, 1))


def test_that_a_run_with_other_settings_was_told_nothing(project: Project, model: Path) -> None:
    ctx, _ = heard(project)
    preflight.run(ctx, settings(model))
    assert read_estimate(project.models) is not None
    summary = train_model.run(ctx, settings(model, epochs=1))
    assert "estimate" not in summary
    assert "spent" in summary


def test_that_what_the_watch_says_is_kept_with_the_run(project: Project, model: Path) -> None:
    ctx, events = heard(project)
    train_model.run(ctx, settings(model, epochs=4, evaluations=1, learning_rate=1e-9))
    told = [event for event in events if isinstance(event, Noticed)]
    assert [notice.fault for notice in told] == ["nothing-learned"]
    kept = (project.models / "run-1" / train_model.EVENTS).read_text(encoding="utf-8").splitlines()
    assert [line for line in kept if line.startswith('{"type":"noticed"')] == [told[0].model_dump_json()]
