"""What a predecessor's training config means here: the resolved configuration and what is unwise about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from embtrainer_gui.core.config import EARLIER, LOSSES, SplitConfig, TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.legacy.trainer import LegacyTrainerConfig
from embtrainer_gui.core.loss_fields import idle_flags
from embtrainer_gui.core.translate import mark

# Field of TrainConfig -> key of the file, where the two mean the same.
_SAME = {
    "base_model": "base_model",
    "epochs": "num_epochs",
    "batch_size": "train_batch_size",
    "learning_rate": "learning_rate",
    "max_seq_length": "max_seq_length",
    "warmup_ratio": "warmup_ratio",
    "checkpoints": "checkpoint_save_limit",
}
_USED = {*_SAME.values(), "input_jsonl", "output_dir", "log_file", "progress_file", "metrics_file"} | {
    "warmup_steps", "evaluation_steps", "save_steps", "loss_function",
    "train_split", "train_ratio", "val_ratio", "test_ratio",
}  # fmt: skip
_LONG_WARMUP = 0.2
_BOUNDS = {
    "ge": mark("at least {bound}"),
    "gt": mark("more than {bound}"),
    "le": mark("at most {bound}"),
    "lt": mark("less than {bound}"),
}
_GUIDE = {  # field -> the range that the guide advises
    "max_seq_length": (128, 512),
    "learning_rate": (1e-5, 5e-5),
}


def to_train_config(
    legacy: LegacyTrainerConfig, overrides: Mapping[str, Any], *, passages: int | None = None
) -> tuple[TrainConfig, list[str]]:
    """The training config: ``overrides`` (the command line) before the file, the file before the defaults.

    Steps become shares of the run, which needs its length; without ``passages`` the defaults take their place.

    Args:
        overrides: fields of TrainConfig; None stands for "not given".
        passages: distinct passages that will be trained on, which is what a batch counts.

    Returns:
        The config, and one sentence for each value that was changed, has no effect or is unwise.

    Raises:
        UserError: a value outside the bounds, with its key and the allowed range.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    file = {name: getattr(legacy, key) for name, key in _SAME.items()}
    values = {**EARLIER, **{name: value for name, value in file.items() if value is not None}, **given}
    warnings: list[str] = []
    if "loss" not in given:
        values["loss"] = _loss(legacy.loss_function, warnings)
    config = _checked(legacy, values, given)
    steps = math.ceil(passages / config.batch_size) * config.epochs * config.soup if passages else None
    changes: dict[str, Any] = {}
    if "warmup_ratio" not in given and legacy.warmup_ratio is None and legacy.warmup_steps is not None:
        changes["warmup_ratio"] = _warmup(legacy.warmup_steps, steps, config.warmup_ratio, warnings)
    if "evaluations" not in given and legacy.evaluation_steps is not None:
        changes["evaluations"] = _evaluations(legacy.evaluation_steps, steps, config.evaluations, warnings)
    if legacy.save_steps is not None and steps is not None and legacy.save_steps > steps:
        text = mark(
            "save_steps {value} would never save: the run has {steps} steps."
            " A checkpoint is kept at each search of the dev questions."
        )
        warnings.append(text.format(value=legacy.save_steps, steps=steps))
    config = config.model_copy(update=changes)
    return config, [*warnings, *idle_flags(config, given), *_unwise(legacy, config)]


def to_split_config(legacy: LegacyTrainerConfig) -> SplitConfig:
    """The shares of the papers. What the first dialect did not train on is halved: it had no test questions.

    Raises:
        UserError: shares that leave nothing for one of the three.
    """
    if legacy.train_ratio is not None and legacy.val_ratio is not None:
        key, train, dev = "train_ratio", legacy.train_ratio, legacy.val_ratio
    elif legacy.train_split is not None:
        key, train, dev = "train_split", legacy.train_split, (1 - legacy.train_split) / 2
    else:
        return SplitConfig()
    if not (0 < train < 1 and dev > 0 and train + dev < 1):
        raise UserError(
            mark("{key} is {value} in {path}: it must leave papers for training, for choosing and for testing."),
            mark("Give it a value between 0 and 1, such as 0.8."),
            key=key,
            value=train,
            path=legacy.path,
        )
    return SplitConfig(train=train, dev=dev)


def _checked(legacy: LegacyTrainerConfig, values: dict[str, Any], given: Mapping[str, Any]) -> TrainConfig:
    try:
        return TrainConfig(**values)
    except ValidationError as problem:
        error = problem.errors()[0]
        name = str(error["loc"][0])
        field = TrainConfig.model_fields.get(name)
        if field is None:
            raise
        from_file = name not in given
        raise UserError(
            mark("{key} is {value} {where}; allowed: {allowed}."),
            mark("Correct it and start again."),
            key=_SAME.get(name, name) if from_file else name,
            value=error["input"],
            where=mark("in {path}").format(path=legacy.path) if from_file else mark("on the command line"),
            allowed=_range(field) or error["msg"],
        ) from problem


def _range(field: FieldInfo) -> str:
    """The bounds of a number, in words."""
    return ", ".join(
        text.format(bound=getattr(bound, name))
        for bound in field.metadata
        for name, text in _BOUNDS.items()
        if hasattr(bound, name)
    )


def _loss(name: str, warnings: list[str]) -> str:
    default = str(TrainConfig.model_fields["loss"].default)
    folded = name.strip().casefold()
    folded += "" if folded.endswith("loss") or not folded else "loss"
    offered = {loss.casefold(): loss for loss in LOSSES}
    if not folded or folded in offered:
        return offered.get(folded, default)
    text = mark("There is no loss {name!r}. {default} is used.")
    warnings.append(text.format(name=name, default=default))
    return default


def _warmup(warmup: int, steps: int | None, default: float, warnings: list[str]) -> float:
    """The share of the run that ``warmup`` steps are; the default where that is no warm-up any more."""
    if steps is None:
        text = mark("warmup_steps {value} becomes a share of the run: {share:.0%} of its steps.")
        warnings.append(text.format(value=warmup, share=default))
        return default
    share = max(warmup, 0) / steps
    if share > 0.5:
        text = mark(
            "warmup_steps {value} does not fit: the run has {steps} steps, so the learning rate would not reach its"
            " peak in time. {share:.0%} of the steps are used."
        )
        warnings.append(text.format(value=warmup, steps=steps, share=default))
        return default
    return share


def _evaluations(every: int, steps: int | None, default: int, warnings: list[str]) -> int:
    if steps is None or every < 1:
        return default
    if every > steps:
        text = mark(
            "evaluation_steps {value} would never evaluate: the run has {steps} steps."
            " The dev questions are searched {times} times instead."
        )
        warnings.append(text.format(value=every, steps=steps, times=default))
        return default
    return min(round(steps / every), 100)


def _unwise(legacy: LegacyTrainerConfig, config: TrainConfig) -> list[str]:
    found = []
    for name, (low, high) in _GUIDE.items():
        value = getattr(config, name)
        if getattr(legacy, name) is not None and not low <= value <= high:
            text = mark("{key} {value} is unusual: the guide advises {low} to {high}.")
            found.append(text.format(key=name, value=value, low=low, high=high))
    if config.warmup_ratio > _LONG_WARMUP:
        text = mark("The warm-up takes {share:.0%} of the run: the guide advises 10%.")
        found.append(text.format(share=config.warmup_ratio))
    share = legacy.train_split if legacy.train_ratio is None else legacy.train_ratio
    if share is not None and not 0.8 <= share <= 0.95:
        text = mark("{share:.0%} of the data for training is unusual: the guide advises 80% to 95%.")
        found.append(text.format(share=share))
    if config.max_seq_length > 256 and "all-minilm-l6" in config.base_model.casefold():
        text = mark(
            "max_seq_length {value}: this model was trained on at most 256 tokens;"
            " longer texts cost time and may be placed worse."
        )
        found.append(text.format(value=config.max_seq_length))
    unused = [key for key in legacy.raw if key not in _USED and not key.startswith("_")]
    if legacy.warmup_ratio is not None and legacy.warmup_steps is not None:
        unused.append("warmup_steps")
    if unused:
        text = mark("These keys of {path} have no effect here: {keys}.")
        found.append(text.format(path=legacy.path, keys=", ".join(unused)))
    return found
