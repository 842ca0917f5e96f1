"""What a project is and how its model came about, as one JSON object: the settings file and the methods paragraph."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import platform
from collections import Counter
from pathlib import Path
from typing import Any

from embtrainer_gui import __version__
from embtrainer_gui.core.records import PairState, Split
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.workflow import comparison_fingerprint
from embtrainer_gui.stages.doctor import PACKAGES
from embtrainer_gui.stages.recipe import KEY, recipe_record
from embtrainer_gui.stages.split import SEED, split_counts

FORMAT = 1


def project_record(project: Project) -> dict[str, Any]:
    """Settings, counts and figures; ``training`` and ``comparison`` are None where there is none (or an outdated one).

    Holds no path, no key and no text of a paper.
    """
    run = project.runs.latest()
    return {
        "format": FORMAT,
        "written_at": utc_now(),
        "project": project.folder.resolve().name,
        "data": _data(project),
        "split": {**split_counts(project), "seed": project.meta.get(SEED, 42), "unit": "paper"},
        "training": _training(project, run) if run else None,
        "comparison": _comparison(project),
        KEY: recipe_record(project),
        "versions": _versions(),
    }


def _data(project: Project) -> dict[str, Any]:
    accepted = {split.value: project.pairs.all(state=PairState.ACCEPTED, splits=(split,)) for split in Split}
    return {
        "documents": project.documents.count(),
        "passages": project.passages.count_in_use(),
        "passage_kinds": project.passages.included_kinds(),
        "questions": dict(project.pairs.counts()),
        "accepted_by_split": {name: len(pairs) for name, pairs in accepted.items()},
        "accepted_by_source": dict(Counter(pair.source for pairs in accepted.values() for pair in pairs)),
        "read_by": dict(Counter(document.extractor for document in project.documents.all())),
    }


def _training(project: Project, run: Run) -> dict[str, Any]:
    folder = project.models / run.name
    summary = {key: value for key, value in run.summary.items() if key != "model"}
    return {
        **summary,
        "run": run.name,
        "config": run.config,
        "share_of_tuned_weights": _json(folder / "training_progress.json").get("merge", 1.0),
        "versions": _json(folder / "final_model" / "config_sentence_transformers.json").get("__version__", {}),
    }


def _comparison(project: Project) -> dict[str, Any] | None:
    found = project.runs.latest_evaluation()
    return found[1] if found and found[0] == comparison_fingerprint(project) else None


def _versions() -> dict[str, str]:
    found = {"embtrainer": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def _json(path: Path) -> dict[str, Any]:
    """The object in ``path``; empty where there is none that can be read."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
