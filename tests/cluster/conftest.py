"""One cluster of two nodes for all files of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from two_nodes import TwoNodes, two_nodes


@pytest.fixture(scope="package")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoNodes]:
    with two_nodes(tmp_path_factory.mktemp("other")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def papers(sample_papers: Path) -> list[Path]:
    return sorted(sample_papers.glob("PMC5*.pdf"))
