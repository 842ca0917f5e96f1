"""The stages that a job child can run, by name. Each is imported when it is asked for: most bring heavy libraries."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from embtrainer_gui.core.config import (
    CompareConfig,
    CopiesConfig,
    GenerateConfig,
    ImportConfig,
    MapConfig,
    SearchConfig,
    StageConfig,
    TrainConfig,
)
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.columns import Role, Target
from embtrainer_gui.core.messages import Event, Failed, Finished, JobSpec, Secrets, Started, Stopped
from embtrainer_gui.core.presets import preset_for
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.core.training_plan import training_facts
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages import care
from embtrainer_gui.stages.borrowed import open_borrowed
from embtrainer_gui.stages.context import Context, JobContext
from embtrainer_gui.stages.on_cluster import working_on

ConfigType = TypeVar("ConfigType", bound=StageConfig)
Summary = dict[str, Any]
TRAIN_BUNDLE = "train-bundle"


@dataclass(frozen=True, slots=True)
class Task:
    """What one job was asked to do."""

    config: dict[str, Any]
    options: dict[str, Any]
    secrets: Secrets

    def config_as(self, kind: type[ConfigType]) -> ConfigType:
        """Raises UserError for a value out of its bounds."""
        try:
            return kind.model_validate(self.config)
        except ValidationError as problem:
            first = problem.errors()[0]
            field = str(first["loc"][0]) if first["loc"] else ""
            raise UserError(mark("{field}: {detail}."), field=field, detail=first["msg"]) from problem

    def path(self, name: str) -> Path:
        return Path(str(self.options[name]))

    def paths(self, name: str) -> list[Path]:
        return [Path(str(path)) for path in self.options.get(name, ())]


def run_stage(spec: JobSpec, secrets: Secrets, emit: Callable[[Event], None], cancelled: threading.Event) -> Summary:
    """Run the stage of ``spec`` on its project; gives its summary. Raises what the stage raises."""
    if spec.stage == "doctor":  # also where no project is open
        from embtrainer_gui.stages import doctor

        return doctor.run(ask_servers=bool(spec.options.get("ask_servers")))
    if spec.stage == "get-model":  # as well: models belong to the program
        from embtrainer_gui.stages import get_model

        return get_model.run(JobContext(emit, cancelled), str(spec.options["model"]))

    def pass_on(event: Event) -> None:
        if not isinstance(event, Started | Finished | Failed | Stopped):  # those are the child's own to say, once
            emit(event)

    if spec.stage == TRAIN_BUNDLE:  # it stands in the project's place
        from embtrainer_gui.stages import bundle_run

        return bundle_run.run(JobContext(pass_on, cancelled), Path(spec.project))
    if spec.stage in care.STAGES:  # the folder of a project, which need not be open
        return care.STAGES[spec.stage](JobContext(pass_on, cancelled), Path(spec.project), spec.options)
    run, writes = STAGES[spec.stage]

    with open_borrowed(Path(spec.project), write=writes) as project:
        ctx, on = Context(project, pass_on, cancelled), str(spec.options.get("on", ""))
        with working_on(ctx, spec.stage, on, int(spec.config.get("workers", 0))):
            return run(ctx, Task(spec.config, spec.options, secrets))


def _import(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import import_papers

    if task.options.get("zotero") is not None or task.options.get("bibliography"):
        return _import_references(ctx, task)
    ctx.status(mark("Reading the papers..."))
    retry, again, passwords = bool(task.options.get("retry")), task.options.get("again"), task.secrets.passwords
    config, sources = task.config_as(ImportConfig), task.paths("sources")
    key = task.secrets.key
    return import_papers.run(
        ctx, config, sources, retry=retry, again="always" if again else "never", passwords=passwords, key=key
    )


def _import_references(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import import_references

    config, key = task.config_as(ImportConfig), task.secrets.key
    if task.options.get("bibliography"):
        return import_references.from_file(ctx, config, task.path("bibliography"), key=key)
    asked = task.options["zotero"]
    keys = None if asked.get("collections") is None else [str(each) for each in asked["collections"]]
    return import_references.from_zotero(ctx, config, keys, str(asked.get("address", "")), key=key)


def _generate(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import generate_pairs

    retry, key = bool(task.options.get("retry")), task.secrets.key
    return generate_pairs.run(ctx, task.config_as(GenerateConfig), key, retry=retry)


def _preview(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import preview

    numbers = [int(number) for number in task.options["passages"]]
    return preview.run(ctx, task.config_as(GenerateConfig), numbers, task.secrets.key)


def _regenerate(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import regenerate

    return regenerate.run(ctx, task.config_as(GenerateConfig), int(task.options["pair"]), task.secrets.key)


def _check(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import check_pairs
    from embtrainer_gui.stages.retrieval import Library

    with ctx.project.lock():
        result = check_pairs.run(ctx, Library(ctx.project))
    ctx.items_changed("pairs", result.flagged)
    return {"flagged": result.flagged, "by_reason": result.by_reason}


def _doubts(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import find_doubts

    return find_doubts.run(ctx)


def _train(ctx: Context, task: Task) -> Summary:
    config, resume, launch = task.config_as(TrainConfig), bool(task.options.get("resume")), task.options.get("launch")
    if launch:
        from embtrainer_gui.stages import launched

        return launched.run(ctx, "train", ctx.project.folder, str(launch), config, resume=resume)
    from embtrainer_gui.stages import train_model

    return train_model.run(ctx, config, resume=resume)


def _preflight(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import preflight

    return preflight.run(ctx, task.config_as(TrainConfig), str(task.options.get("launch", "")))


def _compare(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import compare

    return compare.run(ctx, task.config_as(CompareConfig), task.options.get("set") or None)


def _compare_report(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import comparison_report

    models = task.config_as(CompareConfig).models
    return comparison_report.run(ctx, task.path("out"), str(task.options["set"]), models, task.options.get("pair"))


def _map(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import passage_map

    return passage_map.run(ctx, task.config_as(MapConfig), task.path("out"))


def _copies(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import near_copies

    return near_copies.run(ctx, task.config_as(CopiesConfig), task.path("out"))


def _search_many(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import search_many

    filters = SearchFilters.model_validate(task.options.get("filters") or {})
    return search_many.run(ctx, task.config_as(SearchConfig), task.path("questions"), task.path("out"), filters)


def _sample(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import whole_job

    return whole_job.run(ctx, [whole_job.sample_papers()], task.options.get("seed"))


def _run(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import whole_job

    return whole_job.run(ctx, task.paths("sources"), task.options.get("seed"))


def _question_table(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import question_table

    ctx.status(mark("Looking at the file..."))
    return question_table.look_at(task.path("file"), str(task.options.get("sheet", "")))


def _pairs_import(ctx: Context, task: Task) -> Summary:
    ctx.status(mark("Reading the file..."))
    path, sheet = task.path("file"), str(task.options.get("sheet", ""))
    columns = {Role(role): str(name) for role, name in task.options.get("columns", {}).items()} or None
    if task.options.get("as") == Target.TEST_SET:
        from embtrainer_gui.stages import take_test_set

        return take_test_set.run(ctx, path, columns, str(task.options.get("name", "")), sheet)
    from embtrainer_gui.stages import pair_files

    return pair_files.import_pairs(ctx, path, columns, sheet)


def _marks_to_pairs(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import marks_to_pairs

    return marks_to_pairs.run(ctx)


def _pairs_export(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import pair_files

    state = task.options.get("state", "accepted")
    states = set(PairState) if state == "all" else {PairState(state)}
    format_, out = task.options["format"], task.path("out")
    ctx.status(mark("Writing..."))
    count = pair_files.export_pairs(ctx.project, out, format_, states)
    return {"as": format_, "path": str(out), "items": count}


def _export(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import export_index, export_project

    ctx.status(mark("Writing..."))
    what = task.options["what"]
    if what == "faiss":
        return export_index.export_faiss(ctx, task.path("out"), task.options.get("index", "flat"))
    if what == "qdrant":
        return export_index.export_qdrant(ctx, str(task.options["out"]), task.secrets.key)
    return export_project.run(ctx, what, task.path("out"))


def _index(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import build_index

    return build_index.run(ctx)


def _bundle(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import bundle

    ctx.status(mark("Writing..."))
    out, config = task.path("out"), task.config_as(TrainConfig)
    if task.options.get("preset"):
        config = preset_for(training_facts(ctx.project).pairs).config(config)
    return {"as": "bundle", "path": str(out), "items": bundle.run(ctx, config, out)}


def _push(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import push_model

    return push_model.run(ctx, str(task.options["repository"]), public=bool(task.options.get("public")))


def _import_run(ctx: Context, task: Task) -> Summary:
    from embtrainer_gui.stages import import_run

    return import_run.run(ctx, task.path("folder"))


STAGES: dict[str, tuple[Callable[[Context, Task], Summary], bool]] = {
    "import": (_import, True),
    "generate": (_generate, True),
    "preview": (_preview, False),
    "regenerate": (_regenerate, False),
    "check": (_check, True),
    "doubts": (_doubts, True),
    "train": (_train, True),
    "preflight": (_preflight, True),
    "compare": (_compare, False),
    "index": (_index, True),
    "map": (_map, False),
    "copies": (_copies, False),
    "search-many": (_search_many, False),
    "compare-report": (_compare_report, False),
    "sample": (_sample, True),
    "run": (_run, True),
    "question-table": (_question_table, False),
    "pairs-import": (_pairs_import, True),
    "marks-to-pairs": (_marks_to_pairs, True),
    "pairs-export": (_pairs_export, False),
    "export": (_export, False),
    "bundle": (_bundle, False),
    "import-run": (_import_run, True),
    "push": (_push, False),
}
"""Each stage by its name, and whether it needs a project that it can write."""
