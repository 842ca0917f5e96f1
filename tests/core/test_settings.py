"""User settings, the log file, and the files that the program ships."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.logs import set_up_logging
from embtrainer_gui.core.settings import Settings, load_settings, log_folder, resource_path, save_settings


def test_that_missing_settings_are_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.json") == Settings()


def test_that_settings_come_back_with_the_keys_of_a_newer_program(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "settings.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 1, "recent": ["a"], "from_the_future": 7}), encoding="utf-8")
    save_settings(load_settings(path), path)
    assert json.loads(path.read_text(encoding="utf-8")) == {"version": 1, "recent": ["a"], "from_the_future": 7}


def test_that_broken_settings_are_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("{broken", encoding="utf-8")
    with pytest.raises(UserError, match=r"settings\.json"):
        load_settings(path)
    assert path.read_text(encoding="utf-8") == "{broken"


def test_that_the_log_goes_into_the_users_log_folder() -> None:
    set_up_logging()
    logging.getLogger("embtrainer_gui.test").error("a line with %s", "a value")
    logging.shutdown()
    assert "a line with a value" in (log_folder() / "embtrainer.log").read_text(encoding="utf-8")


def test_that_the_sample_papers_are_found_and_small_enough() -> None:
    papers = list(resource_path("sample", "papers").glob("*.pdf"))
    assert len(papers) == 12
    assert sum(paper.stat().st_size for paper in papers) < 8_000_000
    licences = resource_path("sample", "LICENSES.md").read_text(encoding="utf-8")
    assert all(paper.name in licences for paper in papers)
    with pytest.raises(UserError, match="no/such"):
        resource_path("no", "such")
