"""The settings with which a project was made, to make it again from the same papers: ``run --from settings.json``."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from embtrainer_gui.core.config import (
    CompareConfig,
    GenerateConfig,
    ImportConfig,
    SplitConfig,
    StageConfig,
    TrainConfig,
)
from embtrainer_gui.core.consent import SERVER_EXTRACTORS
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.export.methods import model_name
from embtrainer_gui.stages.split import SEED, VERSION

KEY = "recipe"  # of the file and of the project's meta table
MADE_FROM = "made_from"  # the hash of the recipe that a project is made from
LARGEST_FILE = 16 * 2**20
SKIPPED = {
    "import": ("workers", "grobid_url", "vision_url", "pages"),
    "generate": ("base_url", "concurrency", "price_in", "price_out"),
}
"""Settings that say where and how fast something ran, not what came out; ``pages`` belongs to single files."""

ConfigType = TypeVar("ConfigType", bound=StageConfig)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the project of a settings file held and reached, to be held against the new one."""

    counts: dict[str, int] = field(default_factory=dict)
    by_hand: int = 0  # pairs that a person decided on
    comparison: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipe:
    reading: ImportConfig = field(default_factory=ImportConfig)
    generate: GenerateConfig = field(default_factory=GenerateConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    compare: CompareConfig = field(default_factory=CompareConfig)
    split_seed: int | None = None
    split_version: int = 1
    expected: Expected | None = None

    def fingerprint(self) -> str:
        configs = (self.reading, self.generate, self.train, self.compare)
        text = json.dumps(
            [config.model_dump(mode="json") for config in configs] + [self.split_seed, self.split_version]
        )
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def seeded(seed: int | None) -> Recipe:
    """The settings of the program, with one seed for the split, the questions and the training."""
    if seed is None:
        return Recipe()
    return Recipe(generate=GenerateConfig(seed=seed), train=TrainConfig(seed=seed), split_seed=seed)


def note(project: Project, stage: str, config: StageConfig) -> None:
    """Remember with which settings a stage of ``project`` ran last."""
    kept = config.model_dump(mode="json", exclude=set(SKIPPED.get(stage, ())))
    project.meta.set(KEY, {**project.meta.get(KEY, {}), stage: kept})


def recipe_record(project: Project) -> dict[str, Any]:
    """For the settings file: everything that ``read_recipe`` wants, without a path, an address or a key."""
    run = project.runs.latest()
    train = dict(run.config) if run else TrainConfig().model_dump(mode="json")
    noted = project.meta.get(KEY, {})
    return {
        "import": noted.get("import", {}),
        "generate": noted.get("generate", {}),
        "accept": "clean",
        "split": {"seed": project.meta.get(SEED, SplitConfig().seed), "version": max(1, project.meta.get(VERSION, 1))},
        "train": {**train, "base_model": model_name(str(train["base_model"]))},
        "compare": noted.get("compare", {}),
        "by_hand": decided_by_hand(project),
    }


def decided_by_hand(project: Project) -> int:
    """Pairs whose state a person gave them, not the rule that accepts what no check flagged."""
    return int(
        project.database.one(
            "SELECT count(DISTINCT pair_id) FROM decisions WHERE NOT undone AND action NOT IN ('accept clean', 'later')"
        )
    )


def read_recipe(path: Path, reporter: Reporter, base_model: str = "") -> Recipe:
    """From a settings file, which may be anybody's; ``base_model`` is taken in place of the one that it names.

    Raises:
        UserError: it is no settings file, a value is out of its bounds, or a server or an earlier run took part, whose
            work cannot be done again from settings.
    """
    record = _read(path)
    told = record.get(KEY)
    if not isinstance(told, dict):
        raise _no_settings(path)
    train = {**_part(told, "train"), **({"base_model": base_model} if base_model else {})}
    training = record.get("training")
    if isinstance(training, dict) and training.get("lineage") and not base_model:
        raise UserError(
            mark("The model of {path} goes on from an earlier run, which no settings can bring back."),
            mark("Name the model to start from: --base-model FOLDER"),
            path=path,
        )
    split = _part(told, "split")
    found = Recipe(
        _config(path, ImportConfig, _part(told, "import"), reporter),
        _config(path, GenerateConfig, _part(told, "generate"), reporter),
        _config(path, TrainConfig, train, reporter),
        _config(path, CompareConfig, _part(told, "compare"), reporter),
        _whole(split.get("seed", SplitConfig().seed)),
        max(1, _whole(split.get("version", 1))),
        _expected(record, told),
    )
    _refuse_servers(path, found)
    return found


def differences(recipe: Recipe, project: Project, result: dict[str, Any]) -> list[str]:
    """What came out otherwise than the settings file tells; empty where all numbers are the same."""
    if recipe.expected is None:
        return []
    found = []
    for name, number in counts(project).items():
        then = recipe.expected.counts.get(name)
        if then is not None and then != number:
            found.append(mark("{name}: {then} then, {now} now").format(name=name, then=then, now=number))
    for name, then in verdict_numbers(recipe.expected.comparison).items():
        now = verdict_numbers(result).get(name)
        if now != then:
            found.append(mark("{name}: {then} then, {now} now").format(name=name, then=then, now=now))
    if found and recipe.expected.by_hand:
        words = mark("{count} questions were decided by hand then; here the checks alone decided")
        found.append(words.format(count=recipe.expected.by_hand))
    return found


def verdict_numbers(result: dict[str, Any]) -> dict[str, Any]:
    """The figures of a comparison that have to be the same."""
    names = ("verdict", "queries", "passages", "delta", "ci95")
    scores = {
        f"{model} {metric}": value for model, row in result.get("models", {}).items() for metric, value in row.items()
    }
    return {name: result[name] for name in names if name in result} | scores


def counts(project: Project) -> dict[str, int]:
    return {
        "documents": project.documents.count(),
        "passages": project.passages.count_in_use(),
        **{f"questions {state}": number for state, number in project.pairs.counts().items()},
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _no_settings(path)
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise UserError(
            mark("The settings file {path} cannot be read: {reason}."),
            mark("Write one with: embtrainer export PROJECT --as settings settings.json"),
            path=path,
            reason=problem.strerror or problem,
        ) from problem
    except (ValueError, RecursionError) as problem:
        raise _no_settings(path) from problem
    if not isinstance(found, dict):
        raise _no_settings(path)
    return found


def _no_settings(path: Path) -> UserError:
    return UserError(
        mark("{path} is no settings file from which a run can be made again."),
        mark("Write one with: embtrainer export PROJECT --as settings settings.json"),
        path=path,
    )


def _part(told: dict[str, Any], name: str) -> dict[str, Any]:
    part = told.get(name, {})
    return part if isinstance(part, dict) else {}


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _config(path: Path, kind: type[ConfigType], values: dict[str, Any], reporter: Reporter) -> ConfigType:
    for name in sorted(set(values) - set(kind.model_fields)):
        reporter.warn(mark("This version knows no setting {name}, so it has no effect.").format(name=name[:80]))
    known = {name: value for name, value in values.items() if name in kind.model_fields}
    try:
        return kind.model_validate(known)
    except ValidationError as problem:
        first = problem.errors()[0]
        raise UserError(
            mark("{path}: {field}: {detail}."),
            mark("Correct the value, or write the file anew."),
            path=path,
            field=".".join(map(str, first["loc"])),
            detail=first["msg"],
        ) from problem


def _expected(record: dict[str, Any], told: dict[str, Any]) -> Expected:
    data = _part(record, "data")
    numbers = {name: data.get(name) for name in ("documents", "passages")}
    numbers |= {f"questions {state}": number for state, number in _part(data, "questions").items()}
    whole = {name: number for name, number in numbers.items() if isinstance(number, int)}
    return Expected(whole, _whole(told.get("by_hand", 0)), _part(record, "comparison"))


def _refuse_servers(path: Path, recipe: Recipe) -> None:
    if recipe.generate.backend != "builtin":
        raise UserError(
            mark("The questions of {path} were made by the model {model} on a server: a run cannot make them again."),
            mark("Import them into the new project: embtrainer pairs PROJECT import FILE; then train and compare."),
            path=path,
            model=recipe.generate.model or recipe.generate.backend,
        )
    if recipe.reading.extractor in SERVER_EXTRACTORS:
        raise UserError(
            mark("The papers of {path} were read by a server ({extractor}), which a run does not ask by itself."),
            mark("Do the steps one by one: embtrainer import, generate, pairs accept, train, compare."),
            path=path,
            extractor=recipe.reading.extractor,
        )
