"""A run that goes on from the model of an earlier one, and what it learns of titles and answers."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_model import make_tiny_model

from embtrainer_gui.core.config import SearchConfig, TrainConfig
from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.lineage import read_lineage
from embtrainer_gui.core.messages import Event, Status, Warned
from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Split
from embtrainer_gui.core.store import Project, create_project, open_project, utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.ml.model_files import model_fingerprint
from embtrainer_gui.stages import train_model
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library, base_choice, tuned_choice
from embtrainer_gui.stages.search import Searcher
from embtrainer_gui.stages.title_texts import title_texts
from embtrainer_gui.stages.training_data import training_data

TOPICS = "rice wheat millet barley virus fungus enzyme protein soil water light heat".split()
PASSAGES = 12
SPLITS = (Split.TRAIN, Split.TRAIN, Split.DEV, Split.TEST)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def trained_once(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four papers of twelve passages with two accepted questions each, and a run."""
    folder = tmp_path_factory.mktemp("project") / "rice"
    with create_project(folder) as project:
        splits = {}
        for number, split in enumerate(SPLITS):
            source = project.documents.begin(f"hash{number}", f"paper{number}.pdf", utc_now())
            drafts = [draft(number, place) for place in range(PASSAGES)]
            keys = [f"{number}-{place}" for place in range(PASSAGES)]
            title = "" if split is Split.TEST else f"Paper {number}"
            document = project.documents.add(source, title, 2, drafts, keys, range(number, 99, 4), None)
            project.documents.finish(source, FileState.DONE, "", 2, "pdf", "")
            splits[document] = split
        project.documents.set_splits(splits)
        project.meta.set("split_version", 1)
        for passage in project.passages.in_use():
            project.pairs.add([pair(passage.id, passage.text, number) for number in range(2)])
        project.pairs.decide([found.id for found in project.pairs.all()], PairState.ACCEPTED, "accept", utc_now())
        train_model.run(Told(project).context, settings(tiny))
    return folder


@pytest.fixture
def project(tmp_path: Path, trained_once: Path) -> Iterator[Project]:
    folder = tmp_path / "rice"
    shutil.copytree(trained_once, folder)
    with open_project(folder, write=True) as project:
        yield project


def draft(number: int, place: int) -> PassageDraft:
    text = f"The {TOPICS[place]} of region {number} was measured with {TOPICS[(place + number) % 12]} in the field."
    kind = BlockKind.ABSTRACT if place == 3 else BlockKind.BODY
    return PassageDraft(text, kind, "Results", 1, (), 20)


def pair(passage_id: int, text: str, number: int) -> NewPair:
    words = text.split()
    return NewPair(
        uid=f"{passage_id}-{number}",
        passage_id=passage_id,
        question=f"{('What', 'Which')[number]} about {words[1]} in region {words[4]}?",
        answer=words[8],
        kind=QuestionKind.FACT,
        source="builtin",
        created_at=utc_now(),
        run_id="r",
        extra={},
        state=PairState.PENDING,
    )


class Told:
    """A context that remembers what was said, and stops at the n-th question whether to go on."""

    def __init__(self, project: Project, stop_at: int | None = None) -> None:
        self.events: list[Event] = []
        self._asked, self._stop_at = 0, stop_at
        self.context = Context(project, self.events.append, threading.Event())
        self.context.raise_if_cancelled = self._ask  # type: ignore[method-assign]

    def _ask(self) -> None:
        self._asked += 1
        if self._stop_at is not None and self._asked >= self._stop_at:
            raise Cancelled

    def said(self, kind: type[Warned] | type[Status]) -> list[str]:
        return [event.text for event in self.events if isinstance(event, kind)]


def settings(base: Path | str, **more: Any) -> TrainConfig:
    values = {"epochs": 2, "batch_size": 8, "learning_rate": 1e-3, "evaluations": 2, "max_seq_length": 48}
    return TrainConfig.model_validate({"base_model": str(base), **values, **more})


def test_that_a_run_goes_on_from_an_earlier_one_and_compare_keeps_the_untrained_model(
    project: Project, tiny: Path
) -> None:
    first = project.runs.all()[0].summary
    assert "lineage" not in first
    told = Told(project)
    second = train_model.run(told.context, settings("run-1", seed=1))
    assert second["lineage"] == {
        "original": str(tiny),
        "runs": [{"run": "run-1 of rice", "started_from": model_fingerprint(tiny)}],
        "leaked": 0,
    }
    assert [text for text in told.said(Status) if "goes on from run-1 of rice" in text]
    assert not [text for text in told.said(Warned) if "training papers" in text]
    assert second["dev"]["base"]["ndcg@10"] == pytest.approx(first["dev"]["best"]["ndcg@10"])
    assert second["dev"]["best"]["ndcg@10"] >= second["dev"]["base"]["ndcg@10"]
    assert second["dev_original"]["ndcg@10"] == pytest.approx(first["dev"]["base"]["ndcg@10"])
    lineage = read_lineage(project.models / "run-2" / "final_model")
    assert lineage is not None
    assert lineage.runs[1].started_from == model_fingerprint(project.models / "run-1" / "final_model")
    assert len(lineage.runs[1].papers or ()) == 2
    shutil.rmtree(project.models / "run-1")
    assert base_choice(project).folder == tiny
    assert tuned_choice(project).folder == project.models / "run-2" / "final_model"


def test_that_a_worse_run_leaves_the_model_that_it_went_on_from(project: Project) -> None:
    ruined = train_model.run(Told(project).context, settings("run-1", learning_rate=1e-2, scale=0.01, remember=0))
    assert ruined["dev"]["best"]["ndcg@10"] >= ruined["dev"]["base"]["ndcg@10"]


def test_that_a_resumed_run_notices_another_model_under_the_same_name(project: Project, tiny: Path) -> None:
    config = settings("run-1", seed=1)
    with pytest.raises(Cancelled):
        train_model.run(Told(project, stop_at=20).context, config)
    assert train_model.has_checkpoint(project, project.runs.all()[-1])
    folder = project.models / "run-1" / "final_model"
    shutil.rmtree(folder)
    shutil.copytree(tiny, folder)
    with pytest.raises(UserError, match="the base model"):
        train_model.run(Told(project).context, config, resume=True)


def test_that_a_model_trained_on_dev_or_test_papers_is_warned_of(project: Project) -> None:
    ids = [document.id for document in project.documents.all()]
    project.documents.set_splits(dict(zip(ids, SPLITS[::-1], strict=True)), afresh=True)
    told = Told(project)
    second = train_model.run(told.context, settings("run-1", epochs=1))
    assert [text for text in told.said(Warned) if "2 dev or test papers (paper0.pdf, paper1.pdf)" in text]
    assert second["lineage"]["leaked"] == 2


def test_that_an_unknown_run_is_refused_by_name(project: Project) -> None:
    with pytest.raises(UserError, match="no run run-9"):
        train_model.run(Told(project).context, settings("run-9"))


def test_that_answers_and_titles_of_training_papers_reach_the_run(project: Project, tiny: Path) -> None:
    told = Told(project)
    summary = train_model.run(told.context, settings(tiny, answer_weight=0.5, title_weight=0.5, epochs=1))
    rows = (project.models / summary["run"] / "training_metrics.jsonl").read_text().splitlines()
    steps = [row for row in map(json.loads, rows) if "loss" in row]
    assert all({"answer_loss", "title_loss"} <= row.keys() for row in steps)
    titles = title_texts(Library(project), 0.5)
    assert [title for title, _, _ in titles] == ["Paper 0", "Paper 1"]
    assert all(text.startswith("The barley of region") for _, text, _ in titles)  # the abstract, without the title


def test_that_an_abstract_that_answers_a_test_set_question_is_not_trained_as_the_text_of_its_title(
    project: Project,
) -> None:
    library = Library(project)
    abstract = next(passage for passage in library.passages if passage.kind is BlockKind.ABSTRACT)
    project.test_sets.mark("What does the first paper tell?", abstract.id, 1)
    titles = training_data(project, titles=True).titles
    assert [title for title, _, _ in titles] == ["Paper 1"]


def test_that_search_reads_as_the_run_did(project: Project, tiny: Path) -> None:
    train_model.run(Told(project).context, settings(tiny, epochs=1, query_prompt="query:", passage_prompt="text:"))
    base, tuned = base_choice(project), tuned_choice(project)
    assert base.prompts.passage == "text:"
    assert base.fingerprint() != replace(base, prompts=tuned.prompts).fingerprint()
    saved = json.loads((tuned.folder / "config_sentence_transformers.json").read_text())["prompts"]
    assert (saved["query"], saved["document"]) == ("query: ", "text: ")
    for model in ("base", "tuned"):
        hits = Searcher(Told(project).context, SearchConfig(model=model)).hits("What about rice in region 0?")
        assert len(hits) == 10
