"""What can be compared in a project, and on which questions."""

from __future__ import annotations

from collections.abc import Sequence

from embtrainer_gui.core.compared_models import BASE, BM25, TUNED, USUAL, hybrid_of
from embtrainer_gui.core.comparison import LABELLED_SET, PROJECT_SET, selection
from embtrainer_gui.core.lineage import MODEL
from embtrainer_gui.core.store import Project

WITHOUT_RUNS = (BASE, BM25, hybrid_of(BASE))


def available_models(project: Project) -> list[str]:
    """Every model that can be compared now, those without BM25 first, the newest run before older ones."""
    runs = [run for run in project.runs.all() if (project.models / run.name / MODEL).is_dir()]
    newest = project.runs.latest()
    older = [f"run:{run.name}" for run in reversed(runs) if newest is None or run.id != newest.id]
    dense = [BASE, *([TUNED] if newest else []), *older]
    return [*dense, BM25, *(hybrid_of(model) for model in ([TUNED] if newest else [])), *map(hybrid_of, [BASE, *older])]


def offered(project: Project, chosen: Sequence[str]) -> set[str]:
    """``chosen`` as ``available_models`` calls them: the newest run may have been compared by its own name."""
    newest = project.runs.latest()
    own = f"run:{newest.name}" if newest else TUNED
    names = {own: TUNED, hybrid_of(own): hybrid_of(TUNED)}
    return {names.get(model, model) for model in chosen}


def usual_models(project: Project) -> tuple[str, ...]:
    return USUAL if project.runs.latest() else WITHOUT_RUNS


def in_order(project: Project, chosen: Sequence[str]) -> tuple[str, ...]:
    """``chosen`` as they are stored: in the order of ``available_models``, without those of runs that are gone."""
    return tuple(model for model in available_models(project) if model in chosen)


def compared_sets(project: Project) -> list[str]:
    """The project's test questions, its labelled sets, and whatever else was compared on."""
    own = [f"{LABELLED_SET}{each.name}" for each in project.test_sets.all()]
    stored = [name for name, _ in project.runs.compared() if not name.startswith(LABELLED_SET)]
    return list(dict.fromkeys([PROJECT_SET, *own, *stored]))


def newest_selection(project: Project, name: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """The models to show on a set: ``wanted`` where they were compared on it, else those of its newest comparison."""
    stored = [models for each, models in project.runs.compared() if each == name]
    if not stored or selection(tuple(wanted)) in stored:
        return tuple(wanted)
    return tuple(stored[-1].split(",")) if stored[-1] else USUAL
