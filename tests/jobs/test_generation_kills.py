"""``kill -9`` of a run that asks a server loses nothing and doubles nothing (whole with --soak)."""

from __future__ import annotations

from pathlib import Path

import pytest
import quoting_model
from asked_project import project_of
from fake_chat import fake_chat
from generation_kills import kill_and_go_on


def test_that_kills_lose_nothing_and_double_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    kills = 20 if request.config.getoption("--soak") else 1
    project_of(tmp_path, 6 * kills).close()
    with fake_chat(answer=quoting_model.answer, latency=0.03, slots=4) as server:
        assert kill_and_go_on(tmp_path / "project", server, kills) >= kills * 0.8
