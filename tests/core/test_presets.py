"""Presets by the size of the data."""

from __future__ import annotations

import pytest

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.presets import PRESETS, Preset, chosen_preset, preset_for


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_that_a_preset_holds_only_settings_that_training_has(preset: Preset) -> None:
    assert set(preset.values) <= set(TrainConfig.model_fields)
    config = preset.config(TrainConfig(seed=7, learning_rate=1e-4))
    assert {name: getattr(config, name) for name in preset.values} == dict(preset.values)
    assert (config.seed, config.learning_rate) == (7, 1e-4)


@pytest.mark.parametrize(
    ("pairs", "key"),
    [(0, "small"), (999, "small"), (1000, "medium"), (9_999, "medium"), (10_000, "large"), (10**9, "large")],
)
def test_that_the_number_of_pairs_chooses(pairs: int, key: str) -> None:
    assert preset_for(pairs).key == key


def test_that_more_data_means_fewer_passes_and_larger_batches() -> None:
    passes, batches = ([preset.values[name] for preset in PRESETS] for name in ("epochs", "batch_size"))
    assert passes == sorted(passes, reverse=True)
    assert batches == sorted(batches)


def test_that_settings_are_known_as_a_preset_until_one_of_them_is_changed() -> None:
    values = TrainConfig().model_dump() | dict(PRESETS[2].values)
    assert chosen_preset(values) is PRESETS[2]
    assert chosen_preset(values | {"seed": 3}) is PRESETS[2]
    assert chosen_preset(values | {"epochs": 4}) is None
