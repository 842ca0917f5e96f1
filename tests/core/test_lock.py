"""Who holds a project is told; a note of somebody who is gone holds nothing, even where its number lives again."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from small_project import small_project

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.store import open_project


def test_that_the_holder_is_told_by_process_machine_program_and_time(tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    other = open_project(project.folder)
    with project, other, project.lock(), pytest.raises(EnvironmentProblem) as refused, other.lock():
        pass
    words = rf"in use by process {os.getpid()} on \S+ \(.+, since \d{{4}}-\d\d-\d\d \d\d:\d\d UTC\)"
    assert re.search(words, refused.value.message)


def test_that_a_note_with_the_number_of_a_living_process_holds_nothing(tmp_path: Path) -> None:
    with small_project(tmp_path / "project") as project:
        note = project.folder / "project.lock.json"
        note.write_text(json.dumps({"pid": os.getppid(), "host": "here"}), encoding="utf-8")
        with project.lock():
            assert json.loads(note.read_text(encoding="utf-8"))["pid"] == os.getpid()
        assert not note.exists()
