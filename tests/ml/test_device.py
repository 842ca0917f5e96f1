"""What models are asked to compute on; no graphics card is needed to see it."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
import torch

from embtrainer_gui import worker
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.loading import begin_loading
from embtrainer_gui.core.messages import JobSpec
from embtrainer_gui.core.settings import DEVICE_VARIABLE
from embtrainer_gui.ml import loading
from embtrainer_gui.ml.device import describe_device
from embtrainer_gui.ml.encoder import Encoder


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The devices that the library was asked for; it then loads nothing."""
    devices: list[str | None] = []

    def load(folder: str, *, device: str | None, **more: Any) -> None:
        devices.append(device)
        raise ValueError("not loaded")

    monkeypatch.setenv(DEVICE_VARIABLE, "")
    monkeypatch.setattr(loading, "SentenceTransformer", load)
    return devices


@pytest.mark.parametrize(("setting", "device"), [("cpu", "cpu"), ("auto", None)])
def test_that_a_child_asks_for_the_device_of_the_settings(
    asked: list[str | None], tiny_model: Path, setting: str, device: str | None
) -> None:
    spec = JobSpec.model_validate({"stage": "train", "project": "", "device": setting})
    worker._share_the_machine(spec, nice=False)
    for load in (lambda: loading.load_model(tiny_model, 48), lambda: Encoder(tiny_model, 48)):
        with pytest.raises(UserError):
            load()
    assert asked == [device, device]


def test_that_a_device_that_is_named_goes_first(
    asked: list[str | None], tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, "cpu")
    with pytest.raises(UserError):
        loading.load_model(tiny_model, 48, "mps")
    assert asked == ["mps"]


def test_that_a_card_that_is_not_wanted_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setenv(DEVICE_VARIABLE, "auto")
    assert describe_device() == "mps"
    monkeypatch.setenv(DEVICE_VARIABLE, "cpu")
    assert describe_device().startswith("cpu (")


def test_that_garbage_goes_as_usual_once_a_model_is_loaded(tiny_model: Path) -> None:
    usual = gc.get_threshold()
    begin_loading()
    assert gc.get_threshold() > usual
    loading.load_model(tiny_model, 48, "cpu")
    assert gc.get_threshold() == usual
