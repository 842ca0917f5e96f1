"""The whole job: papers in, a verdict out. Each step is skipped where an earlier run of the same job has done it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import SearchConfig, TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.settings import resource_path
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step, StepState, data_fingerprint, steps
from embtrainer_gui.stages import compare, generate_pairs, import_papers, pair_files, train_model
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.recipe import MADE_FROM, Recipe, differences, seeded
from embtrainer_gui.stages.search import Searcher
from embtrainer_gui.stages.split import SEED, VERSION, new_test_version

SAMPLE_QUESTIONS = ("sample", "questions.txt")
SHOWN_HITS = 3


def run(ctx: Context, sources: Sequence[Path], seed: int | None = None, recipe: Recipe | None = None) -> dict[str, Any]:
    """Import, generate, accept what no check flagged, train, compare; gives the object of ``compare --json`` with
    ``"seconds"`` and ``"project"``.

    Args:
        recipe: the settings of every step, in place of ``seed`` and the program's own; ``"differences"`` then lists
            what came out otherwise than its file tells.

    Raises:
        UserError: no file could be read, a step has too little to work on, or the project was not made from ``recipe``.
    """
    started = time.monotonic()
    project = ctx.project
    recipe = recipe or seeded(seed)
    _begin(project, recipe)
    ctx.status(mark("1. Reading the papers..."))
    summary = import_papers.run(ctx, recipe.reading, sources)
    if not import_papers.any_read(summary):
        first = summary["files"][0]
        raise UserError(
            mark("None of the files could be read ({file}: {reason})"),
            mark("Name PDFs with text, .txt files, GROBID .xml or a corpus.jsonl."),
            file=first["file"],
            reason=first["reason"],
        )
    _renew_split(project, recipe.split_version)
    ctx.status(mark("2. Making questions (built-in generator, basic)..."))
    generate_pairs.run(ctx, recipe.generate)
    ctx.status(mark("3. Accepting the questions that no check flagged..."))
    pair_files.accept(ctx, clean_only=True)
    _train(ctx, recipe.train)
    ctx.status(mark("5. Comparing on papers that training never saw..."))
    result = compare.run(ctx, recipe.compare)
    if recipe.expected is not None:
        result["differences"] = differences(recipe, project, result)
    return {**result, "seconds": round(time.monotonic() - started, 1), "project": str(project.folder)}


def _begin(project: Project, recipe: Recipe) -> None:
    """Settle the split of a new project; one that a recipe is to make may hold nothing else."""
    empty = not project.documents.count()
    if recipe.expected is not None:
        if not empty and project.meta.get(MADE_FROM) != recipe.fingerprint():
            raise UserError(
                mark("The project {path} holds papers that were not read with these settings."),
                mark("Name a new folder for the project that is to be made again."),
                path=project.folder,
            )
        project.meta.set(MADE_FROM, recipe.fingerprint())
    if empty and recipe.split_seed is not None:
        project.meta.set(SEED, recipe.split_seed)


def _renew_split(project: Project, version: int) -> None:
    """Split again as often as the recipe's project was: each version deals the papers otherwise."""
    with project.lock():
        while 0 < project.meta.get(VERSION, 0) < version:
            new_test_version(project)


def sample_papers() -> Path:
    return resource_path("sample", "papers")


def sample_searches(ctx: Context) -> list[dict[str, Any]]:
    """Three questions about the sample papers, each with the ranking of the untrained and of the tuned model."""
    questions = resource_path(*SAMPLE_QUESTIONS).read_text(encoding="utf-8").splitlines()
    searchers = {model: Searcher(ctx, SearchConfig(model=model, top=SHOWN_HITS)) for model in ("base", "tuned")}
    return [
        {"question": question, **{model: searcher.hits(question) for model, searcher in searchers.items()}}
        for question in questions
        if question.strip()
    ]


def _train(ctx: Context, config: TrainConfig) -> None:
    project = ctx.project
    if steps(project)[Step.TRAIN].state is StepState.DONE:
        ctx.status(mark("4. The model is trained already."))
        return
    ctx.status(mark("4. Training..."))
    runs = project.runs.all()
    unfinished = bool(runs) and runs[-1].state != "done" and runs[-1].fingerprint == data_fingerprint(project)
    train_model.run(ctx, config, resume=unfinished and train_model.has_checkpoint(project, runs[-1]))
