"""The form of the Train page by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.hardware import NVIDIA_CARD, Hardware
from embtrainer_gui.core.training_plan import TrainingFacts
from embtrainer_gui.gui.widgets.train_setup import TrainSetup

CARD = Hardware("auto", NVIDIA_CARD, 4)


@pytest.mark.parametrize(("typed", "epochs"), [({"epochs": 7}, 7), ({}, 3)])
def test_that_what_is_typed_before_the_project_is_read_stays(
    qtbot: QtBot, tmp_path: Path, typed: dict[str, int], epochs: int
) -> None:
    setup = TrainSetup()
    qtbot.addWidget(setup)
    setup.form.set_values(typed)
    facts = TrainingFacts(pairs=500, passages=100, tokens=[100] * 100)
    setup.show_project(facts, [], tmp_path, read_only=False, machine=CARD)
    assert setup.form.values()["epochs"] == epochs  # else the preset for 500 questions


def test_that_the_next_project_gets_its_own_preset(qtbot: QtBot, tmp_path: Path) -> None:
    setup = TrainSetup()
    qtbot.addWidget(setup)
    setup.form.set_values({"epochs": 7})
    assert setup.is_touched
    setup.forget()
    assert not setup.is_touched
    for pairs, epochs in ((500, 3), (5000, 2)):
        facts = TrainingFacts(pairs=pairs, passages=100, tokens=[100] * 100)
        setup.show_project(facts, [], tmp_path, read_only=False, machine=CARD)
        assert setup.form.values()["epochs"] == epochs
    assert not setup.is_touched
