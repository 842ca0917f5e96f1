"""A project of sixty accepted pairs over six documents, and one whose tuned model is a given folder."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.core.workflow import data_fingerprint
from embtrainer_gui.stages import pair_files
from embtrainer_gui.stages.context import Context

FACTS = (
    "spreads in wet weather", "is measured in spring", "was found in 1998", "lowers the yield", "needs warm soil",
)  # fmt: skip
TOPICS = ("rice blast", "soil carbon", "bee decline", "leaf wax", "root rot", "seed oil")


def context(project: Project) -> Context:
    return Context(project, lambda event: None, threading.Event())


def project_of(folder: Path, topics: tuple[str, ...] = TOPICS) -> Path:
    """In ``folder``/project."""
    rows = [
        {
            "id": f"{document}-{number}",
            "question": f"What is known about {topic} on farm {number}?",
            "answer": f"{topic} {FACTS[number % 5]} on farm {number}",
            "context": f"In region {document}, {topic} {FACTS[number % 5]} on farm {number} of region {document}. "
            f"Growers of {topic} report it yearly.",
            "file_name": f"paper{document}.txt",
        }
        for document, topic in enumerate(topics)
        for number in range(10)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with create_project(folder / "project") as project:
        pair_files.import_pairs(context(project), folder / "pairs.jsonl")
        ids = [pair.id for pair in project.pairs.all()]
        project.pairs.decide(ids, PairState.ACCEPTED, "accept", utc_now())
    return folder / "project"


def tuned_project_of(folder: Path, model: Path, length: int = 32) -> Path:
    """The same, and the store says that a run ended with ``model``, which it began with."""
    path = project_of(folder)
    with create_project(path) as project:
        config = TrainConfig(base_model=str(model), max_seq_length=length)
        run = project.runs.begin("run-1", config.model_dump(), data_fingerprint(project), utc_now())
        shutil.copytree(model, project.models / "run-1" / "final_model")
        dev = {"base": {"ndcg@10": 0.5}, "best": {"ndcg@10": 0.6}}
        summary = {"run": "run-1", "steps": 9, "pairs": 40, "best_step": 9, "dev": dev}
        project.runs.finish(run, "done", summary, utc_now())
    return path
