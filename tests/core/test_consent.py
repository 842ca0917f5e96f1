"""Consent to send: asked once for each project and host, never for this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from embtrainer_gui.core import consent
from embtrainer_gui.core.consent import allow, is_allowed
from embtrainer_gui.core.store import create_project, open_project


@pytest.mark.parametrize("host", ["localhost", "localhost:8070", "127.0.0.1:11434", "127.8.0.1", "[::1]:8070", ""])
def test_that_this_machine_is_always_allowed(host: str, tmp_path: Path) -> None:
    with create_project(tmp_path / "p") as project:
        assert is_allowed(project, host)


@pytest.mark.parametrize("host", ["example.org", "10.0.0.8:8070", "localhost.example.org:80", "0.0.0.0:8070"])
def test_that_another_machine_is_allowed_only_once_the_user_said_so(host: str, tmp_path: Path) -> None:
    with create_project(tmp_path / "p") as project:
        assert not is_allowed(project, host)
        allow(project, host)
        allow(project, host)
        assert not is_allowed(project, "other.example:1")
    with open_project(tmp_path / "p") as project:
        assert is_allowed(project, host)
    with create_project(tmp_path / "another") as project:
        assert not is_allowed(project, host)


def test_that_a_project_brings_no_consent_with_it(tmp_path: Path) -> None:
    with create_project(tmp_path / "theirs") as project:
        allow(project, "example.org")
    shutil.copytree(tmp_path / "theirs", tmp_path / "mine")
    with open_project(tmp_path / "mine") as project:
        assert not is_allowed(project, "example.org")


@pytest.mark.parametrize("content", ["", "[]", '{"x": 1', '{"x": "example.org"}', "\x00"])
def test_that_damaged_consents_ask_again_and_are_written_anew(content: str, tmp_path: Path) -> None:
    with create_project(tmp_path / "p") as project:
        allow(project, "example.org")
        consent._path().write_text(content, encoding="utf-8")
        assert not is_allowed(project, "example.org")
        allow(project, "example.org")
        assert is_allowed(project, "example.org")
