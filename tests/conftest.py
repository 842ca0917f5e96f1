"""Shared fixtures: the real data beside the checkout where it is there, and projects in temporary folders."""

from __future__ import annotations

import gc
import json
import os
import shutil
from pathlib import Path

import pytest
from commandline import CommandLine

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared" / "data"
SAMPLE = REPOSITORY / "resources" / "sample" / "papers"
LONGEST = ("test_main_job.py", "test_kills.py", "test_window_sample.py", "test_launch.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long loops whole (kills, closes)")
    parser.addoption("--packages", action="store_true", help="install and start what packaging/build.py made")


def pytest_configure() -> None:
    """Processes that test side by side share the cores, and so do their children: threads beyond that only wait for
    one another (a training step took 1.1 to 1.4 times the processor seconds)."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that none is left for one process alone at the end (--no-loadscope-reorder)."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


def pytest_collection_finish() -> None:
    """What the modules of the tests and their libraries hold stays to the end: half a million objects that each
    collection of garbage would walk over (half a second, twice in a test of the window)."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def kills(request: pytest.FixtureRequest) -> int:
    """How often a long loop kills: 20 times with --soak, else a few times."""
    return 20 if request.config.getoption("--soak") else 3


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real papers, truth and question sets; the test is skipped where they are not."""
    if not SHARED.is_dir():
        pytest.skip("the folder shared/data is not beside this checkout")
    return SHARED


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the settings, logs, data or keyring of the person who runs it."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture(scope="session")
def embtrainer() -> CommandLine:
    return CommandLine()


@pytest.fixture(scope="session")
def sample_papers() -> Path:
    return SAMPLE


@pytest.fixture(scope="session")
def three_papers(sample_papers: Path) -> list[Path]:
    """Short ones of the bundled sample, of which one becomes train, one dev and one test."""
    return [sample_papers / f"{name}.pdf" for name in ("PMC5758638", "PMC5771181", "PMC5884149")]


@pytest.fixture(scope="session")
def imported_once(tmp_path_factory: pytest.TempPathFactory, embtrainer: CommandLine, three_papers: list[Path]) -> Path:
    """A project with three papers and an index for the untrained model; tests copy it (``project_folder``)."""
    folder = tmp_path_factory.mktemp("imported") / "project"
    embtrainer.ok("import", folder, *three_papers)
    embtrainer.ok("search", folder, "essential oils", "--model", "base")
    return folder


@pytest.fixture
def project_folder(tmp_path: Path, imported_once: Path) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(imported_once, folder)
    return folder


@pytest.fixture
def pair_file(tmp_path: Path) -> Path:
    """Sixty pairs over six documents in the predecessor's shape."""
    topics = ("rice blast", "soil carbon", "bee decline", "leaf wax", "root rot", "seed oil")
    facts = (
        "spreads in wet weather",
        "is measured in spring",
        "was found in 1998",
        "lowers the yield",
        "needs warm soil",
    )
    rows = []
    for document, topic in enumerate(topics):
        for number in range(10):
            fact = f"{facts[number % 5]} on farm {number} of region {document}"
            rows.append(
                {
                    "id": f"{document}-{number}",
                    "question": f"What is known about {topic} on farm {number} of region {document}?",
                    "answer": fact,
                    "context": f"In region {document}, {topic} {fact}. Growers of {topic} report it yearly.",
                    "file_name": f"paper{document}.txt",
                }
            )
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
