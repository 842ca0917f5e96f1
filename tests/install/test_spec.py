"""What PyInstaller is told, without PyInstaller: the application of a Mac, and the packages of a frozen program."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_that_the_application_of_a_mac_has_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    contents = ModuleType("contents")
    vars(contents).update(EXCLUDED=(), gathered=lambda: ([], [], []))
    monkeypatch.setitem(sys.modules, "contents", contents)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "platform", "darwin")
    bundle = MagicMock()
    names: dict[str, Any] = dict.fromkeys(("Analysis", "PYZ", "EXE", "COLLECT"), MagicMock())
    spec = ROOT / "packaging" / "embtrainer.spec"
    exec(compile(spec.read_text("utf-8"), spec, "exec"), {**names, "BUNDLE": bundle, "SPECPATH": str(spec.parent)})
    assert bundle.call_args.kwargs["info_plist"]["LSBackgroundOnly"] is False


def test_that_a_frozen_program_holds_every_package_that_a_choice_of_the_window_needs() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    frozen = re.search(r"\[(.+)\]", extras["freeze"][0])
    assert frozen is not None
    assert set(frozen[1].split(",")) == {"lora", "onnx", "qdrant"}
    told = (ROOT / "packaging" / "contents.py").read_text("utf-8")
    assert all(f'"{name}"' in told for name in ("peft", "onnx", "qdrant-client"))
