"""``kill -9`` of the window while pairs are reviewed: every acknowledged decision is there (whole with --soak)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from gui.review_project import make_review_project
from review_kills import kill_reviews

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it forks")


def test_that_no_acknowledged_decision_is_lost_with_the_window(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    kills = 200 if request.config.getoption("--soak") else 10
    make_review_project(tmp_path / "project")
    tally = kill_reviews(tmp_path / "project", kills)
    print(tally)
    assert tally.kills == kills
    assert tally.acknowledged >= kills
