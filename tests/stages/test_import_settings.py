"""What each setting of the import does to what is read. Limits on time and memory: tests/jobs/test_reader_pool.py."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from embtrainer_gui.core.config import ImportConfig, IncludedKind
from embtrainer_gui.core.records import SEARCHED_KINDS, BlockKind
from embtrainer_gui.core.store import Project, create_project
from embtrainer_gui.extract import pool
from embtrainer_gui.stages import import_papers
from embtrainer_gui.stages.context import Context


def lengths(project: Project) -> list[int]:
    return [passage.tokens for passage in project.passages.in_use()]


def read(folder: Path, papers: list[Path], **settings: Any) -> Project:
    project = create_project(folder)
    context = Context(project, lambda event: None, threading.Event())
    import_papers.run(context, ImportConfig(**{"workers": 1, **settings}), papers)
    return project


@pytest.fixture
def by_default(tmp_path: Path, three_papers: list[Path]) -> Project:
    return read(tmp_path / "default", three_papers[:1])


@pytest.mark.parametrize(
    ("settings", "differs"),
    [
        ({"passage_tokens": 60}, lambda before, now: len(now) > 2 * len(before) and max(now) < max(before)),
        ({"max_tokens": 64}, lambda before, now: max(now) <= 64 < max(before)),
        ({"include": ("reference",)}, lambda before, now: len(now) > len(before)),
        ({"max_pages": 2}, lambda before, now: len(now) < len(before)),
        ({"max_characters": 4000}, lambda before, now: len(now) < len(before)),
    ],
)
def test_that_a_setting_changes_the_passages(
    by_default: Project, tmp_path: Path, three_papers: list[Path], settings: dict[str, Any],
    differs: Callable[[list[int], list[int]], bool],
) -> None:  # fmt: skip
    changed = read(tmp_path / "changed", three_papers[:1], **settings)
    assert differs(lengths(by_default), lengths(changed))


@pytest.mark.parametrize("workers", [1, 2])
def test_that_as_many_processes_read_as_were_set(
    tmp_path: Path, three_papers: list[Path], monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    started: list[object] = []

    class Counted(pool.PoolChild):
        def __init__(self, *arguments: Any) -> None:
            started.append(self)
            super().__init__(*arguments)

    monkeypatch.setattr(pool, "PoolChild", Counted)
    read(tmp_path / "project", three_papers, workers=workers)
    assert len(started) == workers


def test_that_every_part_that_is_left_out_can_be_included_but_what_heads_or_hides() -> None:
    never = {BlockKind.TITLE, BlockKind.HEADING, BlockKind.HIDDEN, BlockKind.EARLIER}
    assert set(get_args(IncludedKind)) == set(BlockKind) - SEARCHED_KINDS - never
