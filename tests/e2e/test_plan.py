"""``train --plan`` and ``train --check`` of the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import CommandLine, SameProcess, assert_plain

from embtrainer_gui.core.config import TrainConfig


@pytest.fixture(scope="session")
def embtrainer() -> CommandLine:
    return SameProcess()


def test_that_the_plan_shows_each_setting_and_what_it_will_really_do(
    project_folder: Path, pair_file: Path, embtrainer: CommandLine
) -> None:
    embtrainer.ok("pairs", project_folder, "import", pair_file)
    embtrainer.ok("pairs", project_folder, "accept")
    found = embtrainer.ok("train", project_folder, "--plan", "--preset", "recommended", "--batch-size", "512")
    assert set(found["settings"]) == set(TrainConfig.model_fields)
    assert found["settings"]["batch_size"] == 512  # flags come before the preset
    assert "make one batch" in found["changed"]["batch_size"]
    assert "random_negatives" in found["without_effect"]
    assert any("core" in reason or "card" in reason for reason in found["reasons"])
    assert found["plan"]["steps"] == found["settings"]["epochs"] * found["settings"]["soup"]
    assert not list((project_folder / "models").glob("run-*"))
    ran = embtrainer("train", project_folder, "--plan", "--batch-size", "512")
    assert ran.code == 0
    (line,) = [line for line in ran.out.splitlines() if line.startswith("batch_size")]
    assert line.split()[1] == "512"
    assert line.endswith("all of them make one batch.")


def test_that_the_plan_of_a_predecessors_config_says_what_cannot_be_done(
    tmp_path: Path, pair_file: Path, embtrainer: CommandLine
) -> None:
    config = tmp_path / "config.json"
    values = {"input_jsonl": str(pair_file), "output_dir": str(tmp_path / "out"), "warmup_steps": 500}
    values |= {"base_model": "sentence-transformers/all-MiniLM-L6-v2", "num_epochs": 1, "train_batch_size": 8}
    config.write_text(json.dumps(values | {"evaluation_steps": 1000}), encoding="utf-8")
    found = embtrainer.ok("train", "--config", config, "--plan")
    told = " ".join(found["changed"])
    assert "warmup_steps 500 does not fit" in told
    assert "evaluation_steps 1000 would never evaluate" in told
    assert found["steps"] > 0
    assert not (tmp_path / "out").exists()
    assert_plain(embtrainer("train", "--config", config, "--check"), 2, "--check", "project")


@pytest.mark.slow
def test_that_the_check_prints_the_first_batch_and_the_time(
    project_folder: Path, pair_file: Path, embtrainer: CommandLine
) -> None:
    embtrainer.ok("pairs", project_folder, "import", pair_file)
    embtrainer.ok("pairs", project_folder, "accept")
    ran = embtrainer("train", project_folder, "--check", "--batch-size", "4", "--max-seq-length", "64")
    assert ran.code == 0, ran.err[-2000:]
    assert "[CLS]" in ran.out
    assert "it will take about" in ran.out
    assert not list((project_folder / "models").glob("run-*"))
