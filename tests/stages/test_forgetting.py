"""The forgetting check reports, chooses nothing, and cannot lose a model."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_model import make_tiny_model

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.general_report import GeneralReport
from embtrainer_gui.core.messages import Event, Warned
from embtrainer_gui.ml.dev_search import DevSearch
from embtrainer_gui.stages import forgetting
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.forgetting import general_record, general_set


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """An untrained model and one with other weights."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    base = make_tiny_model(tmp_path_factory.mktemp("base"))
    other = make_tiny_model(tmp_path_factory.mktemp("other"))
    weights = load_file(other / "model.safetensors")
    weights["embeddings.word_embeddings.weight"] += 0.02 * torch.randn(
        weights["embeddings.word_embeddings.weight"].shape
    )
    save_file(weights, other / "model.safetensors", {"format": "pt"})
    yield base, other
    torch.set_num_threads(threads)


def context(heard: list[Event], cancelled: bool = False) -> JobContext:
    flag = threading.Event()
    if cancelled:
        flag.set()
    return JobContext(heard.append, flag)


def test_that_the_shipped_set_is_what_it_says() -> None:
    found = general_set()
    assert (len(found.dev.questions), len(found.dev.passages)) == (300, 400)
    assert all(found.dev.relevant)
    assert len(set(found.dev.questions)) == 300
    assert 100 < len(set(found.articles)) < 300


def test_that_a_change_is_reported_with_its_interval(models: tuple[Path, Path], tmp_path: Path) -> None:
    found = GeneralReport(**general_record(context([]), *models, 32, tmp_path)["general"])
    assert (found.queries, found.passages) == (300, 400)
    assert found.delta == pytest.approx(found.tuned - found.base, abs=2e-4)
    assert found.low <= found.delta <= found.high
    assert found.low < found.high


def test_that_the_untrained_model_is_searched_with_once(
    models: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = general_record(context([]), *models, 32, tmp_path)
    searched = []
    real = DevSearch.each
    monkeypatch.setattr(DevSearch, "each", lambda self, *rest: searched.append(1) or real(self, *rest))
    assert general_record(context([]), *models, 32, tmp_path) == first
    assert len(searched) == 1
    general_record(context([]), *models, 16, tmp_path)  # another length: other vectors
    assert len(searched) == 3
    (tmp_path / forgetting.KNOWN).write_text("{", encoding="utf-8")
    assert general_record(context([]), *models, 32, tmp_path) == first
    assert len(searched) == 5


def test_that_the_untrained_model_itself_has_not_changed(models: tuple[Path, Path]) -> None:
    found = general_record(context([]), models[0], models[0], 32)["general"]
    assert (found["delta"], found["low"], found["high"]) == (0, 0, 0)


def test_that_a_check_that_fails_or_is_stopped_loses_nothing(
    models: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Event] = []
    assert general_record(context(heard, cancelled=True), *models, 32) == {}
    assert not [event for event in heard if isinstance(event, Warned)]

    def fails(*_: object) -> np.ndarray:
        raise UserError("Not enough memory.")

    monkeypatch.setattr(forgetting, "scores", fails)
    assert general_record(context(heard), *models, 32) == {}
    assert ["Not enough memory" in event.text for event in heard if isinstance(event, Warned)] == [True]


@pytest.mark.parametrize(("delta", "forgot"), [(-0.011, True), (-0.01, False), (0.02, False)])
def test_that_a_loss_of_more_than_a_hundredth_is_called_one(delta: float, forgot: bool) -> None:
    report = GeneralReport(300, 400, 0.8, 0.8 + delta, delta, delta - 0.01, delta + 0.01)
    assert ("It forgot" in report.sentence()) is forgot
    assert ("no loss beyond 0.01" in report.sentence()) is not forgot
    assert f"{delta:+.3f}" in report.sentence()
    json.dumps(report.lost)
