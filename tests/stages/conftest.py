"""A project of twelve passages, copied for each test, and a fake chat server that quotes them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import quoting_model
from asked_project import PASSAGES, project_of
from fake_chat import FakeChat, fake_chat

from embtrainer_gui.core.store import Project, open_project


@pytest.fixture(scope="session")
def asked_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asked")
    project_of(path, PASSAGES).close()
    return path / "project"


@pytest.fixture
def project(tmp_path: Path, asked_folder: Path) -> Iterator[Project]:
    shutil.copytree(asked_folder, tmp_path / "project")
    with open_project(tmp_path / "project", write=True) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with fake_chat(answer=quoting_model.answer) as running:
        yield running
