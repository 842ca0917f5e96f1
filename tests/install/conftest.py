"""The packages as they are: the tools of packaging/, and what ``python packaging/build.py`` made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--packages"):
        skip = pytest.mark.skip(reason="takes minutes and gigabytes: pytest -n0 --packages tests/install")
        for item in items:
            if item.get_closest_marker("packages"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def top() -> Path:
    """The checkout."""
    return TOP


@pytest.fixture
def packaging_tools(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The modules of ``packaging/`` can be imported."""
    monkeypatch.syspath_prepend(str(TOP / "packaging"))
    yield TOP / "packaging"
    for name in ("icons", "man_page", "debian", "slim", "system_needs"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The frozen program."""
    folder = TOP / "build" / "frozen" / "embtrainer"
    if not folder.is_dir():
        pytest.skip("there is no frozen program: python packaging/build.py frozen")
    return folder
