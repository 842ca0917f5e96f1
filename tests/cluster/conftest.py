"""One cluster of two nodes for all files of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from two_nodes import TwoNodes, two_nodes

IN_PROCESS = ("test_ray.py", "test_ray_shared.py")
collect_ignore = [] if "TESTS_OF_RAY" in os.environ else list(IN_PROCESS)  # test_ray_in_its_process.py runs them


@pytest.fixture(scope="package")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoNodes]:
    with two_nodes(tmp_path_factory.mktemp("other")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def papers(sample_papers: Path) -> list[Path]:
    return sorted(sample_papers.glob("PMC5*.pdf"))
