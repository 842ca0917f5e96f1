"""The second look at a project, from a thread beside the window."""

from __future__ import annotations

from pathlib import Path

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.store import create_project, utc_now
from embtrainer_gui.core.store.reader import ProjectReader
from embtrainer_gui.core.workflow import steps


def test_that_a_reader_sees_all_that_a_project_holds(tmp_path: Path) -> None:
    with create_project(tmp_path / "project") as project:
        number = project.runs.begin("run-1", TrainConfig().model_dump(), "print", utc_now())
        project.runs.finish(number, "done", {"pairs": 30}, utc_now())
        with ProjectReader(project.folder) as reader:
            assert vars(reader).keys() == vars(project).keys()
            assert steps(reader) == steps(project)
