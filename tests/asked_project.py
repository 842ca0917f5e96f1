"""A small project of passages to ask a server about, and a config that asks the fake one."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from fake_chat import FakeChat

from embtrainer_gui.core.config import GenerateConfig, ImportConfig
from embtrainer_gui.core.messages import Event
from embtrainer_gui.core.store import Project, create_project
from embtrainer_gui.stages import generate_by_server, import_papers
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.question_run import QuestionRun, run_id
from embtrainer_gui.stages.retrieval import Library

WORDS = (
    "rice blast fungus leaf yield spore humid region farm soil carbon nitrogen enzyme protein sequence membrane"
    " sample growth rate field season lesion resistance cultivar infection inoculum temperature rainfall pathogen host"
).split()


def corpus(passages: int) -> list[dict[str, str]]:
    """Passages of 60 words in two papers, no two alike."""
    rng = random.Random(7)
    rows = []
    for number in range(passages):
        body = " ".join(" ".join(rng.choices(WORDS, k=12)) + f" in plot {number}." for _ in range(4))
        rows.append({"_id": f"p{number}", "title": f"Paper {number % 2}", "text": f"Passage {number} reports {body}"})
    return rows


def project_of(folder: Path, passages: int) -> Project:
    """Open, to write."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "corpus.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in corpus(passages)), encoding="utf-8")
    project = create_project(folder / "project")
    import_papers.run(context(project), ImportConfig(workers=1), [file])
    return project


def context(project: Project, events: list[Event] | None = None, cancelled: threading.Event | None = None) -> Context:
    return Context(project, (events if events is not None else []).append, cancelled or threading.Event())


def run(
    project: Project,
    config: GenerateConfig,
    key: str = "",
    *,
    retry: bool = False,
    events: list[Event] | None = None,
    cancelled: threading.Event | None = None,
) -> QuestionRun:
    """The run of a server without the checks after it, which load a model for seconds."""
    ctx = context(project, events, cancelled)
    return generate_by_server.run(ctx, config, Library(project), run_id(), key, retry=retry)


def asked_once(project: Project) -> bool:
    """Whether every passage is done once, and each pair stands in its passage."""
    rows = project.database.rows("SELECT passage_id FROM generated WHERE state = 'done'")
    wanted = {passage.id: passage.text for passage in project.passages.in_use()}
    pairs = project.database.rows("SELECT passage_id, question, answer, quote FROM pairs")
    assert len({(passage, question) for passage, question, *_ in pairs}) == len(pairs)
    assert all(answer in wanted[passage] and quote in wanted[passage] for passage, _, answer, quote in pairs)
    made = Counter(row[0] for row in pairs)
    counted = dict(project.database.rows("SELECT passage_id, made FROM generated"))
    assert dict(made) == {passage: number for passage, number in counted.items() if number}
    return sorted(row[0] for row in rows) == sorted(wanted)


def config(server: FakeChat, **settings: Any) -> GenerateConfig:
    defaults = {"backend": "ollama", "base_url": server.address, "model": "small-model", "per_passage": 4}
    return GenerateConfig(**{**defaults, **settings})
