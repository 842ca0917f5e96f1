"""A small project of passages to ask a server about, and a config that asks the fake one."""

from __future__ import annotations

import json
import random
import threading
from pathlib import Path
from typing import Any

from fake_chat import FakeChat

from embtrainer_gui.core.config import GenerateConfig, ImportConfig
from embtrainer_gui.core.messages import Event
from embtrainer_gui.core.store import Project, create_project
from embtrainer_gui.stages import import_papers
from embtrainer_gui.stages.context import Context

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


def config(server: FakeChat, **settings: Any) -> GenerateConfig:
    defaults = {"backend": "ollama", "base_url": server.address, "model": "small-model", "per_passage": 4}
    return GenerateConfig(**{**defaults, **settings})
