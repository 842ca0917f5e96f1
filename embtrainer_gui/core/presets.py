"""Training settings by the size of the data: three starting points, each with its reason.

Sizes and passes follow NVIDIA's embedding recipe (2 to 3 passes below 1,000 pairs, 1 to 2 up to 10,000, then 1), the
batches the guide of the earlier scripts; learning rate and warm-up are shares that fit any size, so they stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.translate import mark


@dataclass(frozen=True, slots=True)
class Preset:
    """``values`` are fields of TrainConfig; ``fits`` says for which data, ``why`` the reason. ``upto`` pairs, below."""

    key: str
    title: str
    fits: str
    why: str
    upto: float
    values: Mapping[str, float]

    def config(self, config: TrainConfig) -> TrainConfig:
        return TrainConfig.model_validate({**config.model_dump(), **self.values})


PRESETS: tuple[Preset, ...] = (
    Preset(
        "small",
        mark("Small"),
        mark("under 1\u202f000 questions"),
        mark("Few questions give few steps: three passes and small batches, so that the model has time to move."),
        1_000,
        {"epochs": 3, "soup": 2, "batch_size": 16, "evaluations": 5},
    ),
    Preset(
        "medium",
        mark("Medium"),
        mark("1\u202f000 to 10\u202f000 questions"),
        mark("Two passes; more steps with 16 passages each taught more than fewer with 32, and less was forgotten."),
        10_000,
        {"epochs": 2, "soup": 2, "batch_size": 16, "evaluations": 5},
    ),
    Preset(
        "large",
        mark("Large"),
        mark("over 10\u202f000 questions"),
        mark("One pass is enough, more would learn by heart; larger batches hold harder wrong answers."),
        float("inf"),
        {"epochs": 1, "soup": 1, "batch_size": 32, "evaluations": 10},
    ),
)


def preset_for(pairs: int) -> Preset:
    """The one that fits a number of training pairs."""
    return next(preset for preset in PRESETS if pairs < preset.upto or preset is PRESETS[-1])


def chosen_preset(values: Mapping[str, object]) -> Preset | None:
    """The preset whose settings these are, whatever the other fields say."""
    return next((p for p in PRESETS if all(values.get(name) == value for name, value in p.values.items())), None)
