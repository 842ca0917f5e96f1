"""The dense model that a name of ``core.compared_models`` stands for."""

from __future__ import annotations

from collections.abc import Iterable

from embtrainer_gui.core.compared_models import BASE, HYBRID, RUN, TUNED, dense_part, is_hybrid, run_of
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.lineage import MODEL, run_named
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.retrieval import ModelChoice, base_choice, tuned_choice


def choice_named(project: Project, name: str) -> ModelChoice:
    """Of ``base``, ``tuned`` or ``run:NAME``, which takes the user's own name of a run as well.

    Raises:
        UserError: it is none of these, there is no such run, or it left no model.
    """
    if name == BASE:
        return base_choice(project)
    if name == TUNED:
        return tuned_choice(project)
    if not name.startswith(RUN):
        raise UserError(
            mark("There is no model {name}."), mark("Name base, tuned or run:NAME, with the name of a run."), name=name
        )
    runs = project.runs.all()
    run = run_named(run_of(name), runs)
    if run is None:
        raise UserError(
            mark("This project has no run {name}."),
            mark("Those with a model: {names}."),
            name=run_of(name),
            names=", ".join(each.name for each in runs if (project.models / each.name / MODEL).is_dir()) or "-",
        )
    folder = project.models / run.name / MODEL
    if not folder.is_dir():
        raise UserError(
            mark("The run {name} left no model."),
            mark("Resume it, or name a run that is done."),
            name=run.called,
        )
    return ModelChoice(folder, TrainConfig.model_validate(run.config).max_seq_length)


def dense_choices(project: Project, models: Iterable[str]) -> dict[str, ModelChoice]:
    """The dense models that ``models`` rank with, each once, by name. Raises as ``choice_named``."""
    return {part: choice_named(project, part) for model in models if (part := dense_part(model))}


def canonical(project: Project, names: tuple[str, ...]) -> tuple[str, ...]:
    """The same with each run by its own name, not by what the user calls it.

    Raises:
        UserError: two of them are one and the same run.
    """
    runs, found = project.runs.all(), []
    for name in names:
        run = run_named(run_of(name), runs) if run_of(name) else None
        usual = HYBRID if is_hybrid(name) and dense_part(name) == TUNED else name
        found.append(name.removesuffix(run_of(name)) + run.name if run else usual)
    if len(set(found)) < len(found):
        raise UserError(mark("A model stands twice in {names}."), mark("Name each one once."), names=", ".join(found))
    return tuple(found)
