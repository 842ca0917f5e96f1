"""The form of the Train page by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.hardware import NVIDIA_CARD, Hardware
from embtrainer_gui.core.store.runs import Run
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


def shown(qtbot: QtBot, folder: Path, facts: TrainingFacts, runs: list[Run], **values: object) -> TrainSetup:
    setup = TrainSetup()
    qtbot.addWidget(setup)
    setup.set_values(values)
    setup.show_project(facts, runs, folder, read_only=False, machine=CARD)
    return setup


def test_that_an_earlier_run_may_be_named_as_the_model_to_start_from(qtbot: QtBot, tmp_path: Path) -> None:
    run = Run(1, "run-1", "done", TrainConfig().model_dump(), "print", {}, "the good one")
    facts = TrainingFacts(pairs=500, passages=100, tokens=[100] * 100)
    setup = shown(qtbot, tmp_path, facts, [run], base_model="run-1")
    assert "left no model" in setup.form.errors()["base_model"]
    folder = tmp_path / "models" / "run-1" / "final_model"
    folder.mkdir(parents=True)
    (folder / "modules.json").write_text("[]")
    for name in ("run-1", "the good one"):
        setup.form.set_values({"base_model": ""})
        setup.form.set_values({"base_model": name})
        assert setup.form.errors() == {}
    setup.form.set_values({"base_model": "run-2"})
    assert setup.form.errors() == {"base_model": "This project has no run run-2."}


def test_that_adapters_without_their_package_and_weights_without_texts_are_told(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = TrainingFacts(pairs=500, passages=100, tokens=[100] * 100, titled=1)
    monkeypatch.setattr("embtrainer_gui.core.lora.PACKAGE", "json")  # as if it were there
    setup = shown(qtbot, tmp_path, facts, [], lora_rank=8, title_weight=0.5)
    warning = setup.card.findChild(QLabel, "train.warning").text()
    assert "Fewer than two training papers have a title" in warning
    monkeypatch.setattr("embtrainer_gui.core.lora.PACKAGE", "no_such_package")
    setup.form.revalidate()
    assert "peft, which is not installed" in setup.form.errors()["lora_rank"]


def test_that_every_setting_of_training_is_in_the_form(qtbot: QtBot, tmp_path: Path) -> None:
    setup = shown(qtbot, tmp_path, TrainingFacts(pairs=500, passages=100, tokens=[100] * 100), [])
    assert setup.form.values().keys() == TrainConfig.model_fields.keys()


def test_that_dimensions_are_typed_with_commas(qtbot: QtBot, tmp_path: Path) -> None:
    setup = shown(qtbot, tmp_path, TrainingFacts(pairs=500, passages=100, tokens=[100] * 100), [])
    setup.form.editor("matryoshka").setText("64, 256")
    assert setup.config.matryoshka == (256, 64)
    setup.form.editor("matryoshka").setText("64, many")
    assert setup.form.errors() == {"matryoshka": "Type a whole number."}
