"""Import, questions and encoding on a Ray cluster of two nodes, one of which dies in the middle: nothing is lost,
nothing doubled, and all is as without Ray."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asked_project
import made_pdfs
import numpy as np
import pytest
import quoting_model
from commandline import CommandLine
from fake_chat import fake_chat
from on_ray import Listener, on_ray
from two_nodes import TwoNodes

from embtrainer_gui.cli import CANCELLED
from embtrainer_gui.cli.parser import build_parser
from embtrainer_gui.core.cluster_address import cluster_address
from embtrainer_gui.core.config import GenerateConfig, ImportConfig
from embtrainer_gui.core.errors import Cancelled
from embtrainer_gui.core.messages import Event, ItemsChanged, Progress
from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.store import Project, create_project, open_project
from embtrainer_gui.ml import vector_index
from embtrainer_gui.stages import build_index, generate_builtin, generate_by_server, import_papers
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library, base_choice

if find_spec("ray") is None:  # not imported: it reads its secret when it is
    pytest.skip("Ray is not installed: pip install 'embtrainer[cluster]'", allow_module_level=True)
PAGE = Path(__file__).resolve().parents[2] / "resources" / "help" / "machines.md"
OTHER_VERSION = "has embtrainer 0.0.1"


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, papers: list[Path]) -> Path:
    """The project without Ray."""
    folder = tmp_path_factory.mktemp("local") / "project"
    with create_project(folder) as project:
        import_papers.run(Context(project, lambda event: None, threading.Event()), ImportConfig(), papers)
    return folder


@pytest.fixture
def copy(tmp_path: Path, local: Path) -> Iterator[Project]:
    shutil.copytree(local, tmp_path / "project")
    with open_project(tmp_path / "project", write=True) as project:
        yield project


def changed(event: Event) -> bool:
    return isinstance(event, ItemsChanged)


def passages(project: Project) -> list[tuple[Any, ...]]:
    sql = "SELECT key, text, page, section, kind, boxes FROM passages ORDER BY key"
    return [tuple(row) for row in project.database.rows(sql)]


def pairs(project: Project) -> list[tuple[Any, ...]]:
    sql = "SELECT p.key, q.question, q.answer, q.kind, q.source FROM pairs q JOIN passages p ON p.id = q.passage_id"
    return sorted(tuple(row) for row in project.database.rows(sql))


def test_that_an_import_that_loses_a_node_reads_what_one_without_ray_reads(
    tmp_path: Path, nodes: TwoNodes, papers: list[Path], local: Path
) -> None:
    nodes.whole()
    listener = Listener(nodes.kill_second, changed)
    with create_project(tmp_path / "project") as project, open_project(local) as wanted:
        ctx = Context(project, listener, threading.Event())
        with on_ray(nodes, ctx) as ctx.workplace:
            result = import_papers.run(ctx, ImportConfig(), papers)
        assert listener.acted
        assert Counter(row["state"] for row in result["files"]) == {"done": len(papers)}
        assert passages(project) == passages(wanted)


def test_that_questions_are_those_of_one_machine_where_a_node_dies(
    copy: Project, nodes: TwoNodes, tmp_path: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(local, tmp_path / "wanted")
    config = GenerateConfig()
    with open_project(tmp_path / "wanted", write=True) as wanted:
        ctx = Context(wanted, lambda event: None, threading.Event())
        generate_builtin.run(ctx, config, Library(wanted), "run")
        expected = pairs(wanted)
    nodes.whole()
    monkeypatch.setattr("embtrainer_gui.cluster.questions.BATCH", 16)
    listener = Listener(nodes.kill_second, changed)
    ctx = Context(copy, listener, threading.Event())
    with on_ray(nodes, ctx) as ctx.workplace:
        generate_builtin.run(ctx, config, Library(copy, ctx.workplace), "run")
    assert listener.acted
    assert pairs(copy) == expected
    assert len(expected) > 100


def test_that_vectors_are_those_of_one_machine_where_a_node_dies(
    copy: Project, nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nodes.whole()
    monkeypatch.setattr(vector_index, "CHUNK", 16)
    library, choice = Library(copy), base_choice(copy)
    silent = Context(copy, lambda event: None, threading.Event())
    wanted = np.array(library.vectors(choice, silent).vectors(library.digests))
    shutil.rmtree(copy.index)
    listener = Listener(nodes.kill_second, lambda event: isinstance(event, Progress))
    ctx = Context(copy, listener, threading.Event())
    with on_ray(nodes, ctx) as ctx.workplace:
        library = Library(copy, ctx.workplace)
        index = library.vectors(choice, ctx)
    assert listener.acted
    assert len(index) == len(set(library.keys))
    np.testing.assert_allclose(index.vectors(library.digests), wanted, atol=2e-6)


def test_that_a_server_is_asked_once_about_each_passage_where_a_node_dies(nodes: TwoNodes, tmp_path: Path) -> None:
    nodes.whole()
    listener = Listener(nodes.kill_second, changed)
    with (
        closing(asked_project.project_of(tmp_path, 24)) as project,
        fake_chat(answer=quoting_model.answer, latency=0.1) as server,
    ):
        ctx = Context(project, listener, threading.Event())
        config = asked_project.config(server, concurrency=4)
        with on_ray(nodes, ctx) as ctx.workplace:
            generate_by_server.run(ctx, config, Library(project), "run", "")
        assert listener.acted
        assert asked_project.asked_once(project)


def test_that_the_pages_of_a_scan_are_recognised_as_on_one_machine(tmp_path: Path, nodes: TwoNodes) -> None:
    nodes.whole()
    pages = [
        partial(
            made_pdfs.add_scan_page, sentences=tuple(f"{text} This is page {page}." for text in made_pdfs.SENTENCES)
        )
        for page in ("one", "two", "three")
    ]
    scan, found = made_pdfs.save(tmp_path / "scan.pdf", *pages), []
    for name in ("here", "there"):
        with create_project(tmp_path / name) as project:
            ctx = Context(project, lambda event: None, threading.Event())
            with on_ray(nodes, ctx) if name == "there" else nullcontext(ctx.workplace) as ctx.workplace:
                import_papers.run(ctx, ImportConfig(), [scan])
            found.append(passages(project))
    assert found[1] == found[0]
    assert "This is page three" in str(found[0])


def test_that_the_index_of_a_project_is_built_there(copy: Project, nodes: TwoNodes) -> None:
    nodes.whole()
    ctx = Context(copy, lambda event: None, threading.Event())
    with on_ray(nodes, ctx) as ctx.workplace:
        result = build_index.run(ctx)
    assert result["encoded"] == result["passages"] > 50
    assert build_index.run(Context(copy, lambda event: None, threading.Event()))["encoded"] == 0


def test_that_the_whole_job_reads_and_asks_there(
    tmp_path: Path, nodes: TwoNodes, papers: list[Path], embtrainer: CommandLine
) -> None:
    nodes.whole()
    command = embtrainer.command("run", tmp_path / "project", *papers, "--on", nodes.address, "--yes", "--json")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "4. Training..." in line:
                process.send_signal(signal.SIGINT)
    assert process.returncode == CANCELLED
    with open_project(tmp_path / "project") as project:
        assert project.documents.count() == len(papers)
        assert len(pairs(project)) > 100


def test_that_a_cancelled_import_stops_at_once_and_keeps_what_is_done(
    tmp_path: Path, nodes: TwoNodes, papers: list[Path]
) -> None:
    cancelled = threading.Event()
    listener = Listener(cancelled.set, changed)
    with create_project(tmp_path / "project") as project:
        ctx = Context(project, listener, cancelled)
        with on_ray(nodes, ctx) as ctx.workplace:
            with pytest.raises(Cancelled):
                import_papers.run(ctx, ImportConfig(), papers)
            stopped = time.monotonic()
        assert project.documents.count() == 1
        assert time.monotonic() - stopped < 5


class Poisoned:
    """Dies of one word."""

    def here(self) -> None: ...

    def ready(self) -> None: ...

    def work(self, texts: list[str]) -> list[str]:
        import os

        if "poison" in texts:
            os._exit(1)
        return [text.upper() for text in texts]


def test_that_a_shard_that_kills_its_workers_fails_alone(nodes: TwoNodes) -> None:
    import sys

    import ray

    from embtrainer_gui.cluster.connection import connected
    from embtrainer_gui.cluster.crew import MOST_LOST, Crew, Lost
    from embtrainer_gui.cluster.nodes import Nodes

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])

    with connected(cluster_address(nodes.address), 0, lambda: None) as session:
        found = Nodes(Silent(), session)

        def make(options: dict[str, Any]) -> Any:
            return ray.remote(Poisoned).options(**options).remote()

        with Crew[list[str]](found, make, lambda: None) as crew:
            shards = [["a"], ["b"], ["poison"], ["c"], ["d"]]
            assert list(crew.map(shards)) == [["A"], ["B"], Lost(MOST_LOST), ["C"], ["D"]]


def commands_of_the_manual() -> list[list[str]]:
    return [
        line.split()[1:] for line in PAGE.read_text("utf-8").splitlines() if re.search("^embtrainer .* --on ", line)
    ]


def test_that_the_manual_names_commands_that_there_are() -> None:
    found = commands_of_the_manual()
    assert [command[0] for command in found] == ["import", "import", "generate", "index"]
    for command in found:
        assert cluster_address(build_parser().parse_args(command).on)


def test_that_another_computer_imports_through_rays_client_as_the_manual_says(
    tmp_path: Path, nodes: TwoNodes, papers: list[Path], embtrainer: CommandLine
) -> None:
    command = next(found for found in commands_of_the_manual() if "first-machine" in found[-1])
    names = {"my-project": str(tmp_path / "project"), "papers": str(papers[0]), command[-1]: nodes.client}
    command = [names.get(word, word) for word in command]
    refused = embtrainer(*command)
    assert refused.code == 2
    assert "nothing was sent yet" in refused.err
    nodes.wait_for_client()
    with nodes.with_other_version():
        ran = embtrainer(*command, "--yes", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["passages"] > 10
    assert OTHER_VERSION in ran.err


def test_that_ray_on_this_computer_needs_no_consent_and_leaves_nothing_behind(
    tmp_path: Path, papers: list[Path], embtrainer: CommandLine
) -> None:
    ran = embtrainer("import", tmp_path / "project", papers[0], "--on", "ray", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["passages"] > 10
    assert "WARNING" not in ran.err
