"""A Ray cluster that others use too, that refuses, that goes away, and what is left behind of a killed program."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import threading
import time
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import made_pdfs
import psutil
import pytest
from commandline import CommandLine
from on_ray import Listener, beside_others
from two_nodes import TwoNodes

from embtrainer_gui.cluster.scratch import private_folder
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import Cancelled
from embtrainer_gui.core.messages import Event, Status
from embtrainer_gui.core.store import create_project, open_project
from embtrainer_gui.stages import import_papers
from embtrainer_gui.stages.context import Context

if find_spec("ray") is None:  # not imported: it reads its secret when it is
    pytest.skip("Ray is not installed: pip install 'embtrainer[cluster]'", allow_module_level=True)
WAITS = "All processors of the Ray cluster are in use"


def says_that_it_waits(event: Event) -> bool:
    return isinstance(event, Status) and event.text.startswith(WAITS)


def nothing() -> None: ...


@pytest.mark.parametrize("freed", [0, 1])
def test_that_a_full_cluster_is_waited_for_in_words_until_any_processor_is_free(
    tmp_path: Path, nodes: TwoNodes, papers: list[Path], freed: int
) -> None:
    nodes.whole()
    listener = Listener(lambda: others.leave(ids[freed]), says_that_it_waits)
    with create_project(tmp_path / "project") as project:
        ctx = Context(project, listener, threading.Event())
        with beside_others(nodes, ctx, 0, 1) as (ctx.workplace, others, ids):
            result = import_papers.run(ctx, ImportConfig(), papers[:1])
    assert [row["state"] for row in result["files"]] == ["done"]
    assert [text for text in listener.said if "processor" in text] == [
        "All processors of the Ray cluster are in use. Waiting for a free one...",
        "The Ray cluster has a free processor: the work goes on.",
    ]


def test_that_waiting_for_a_full_cluster_is_cancelled_at_once(
    tmp_path: Path, nodes: TwoNodes, papers: list[Path]
) -> None:
    nodes.whole()
    cancelled, asked = threading.Event(), []

    def cancel() -> None:
        asked.append(time.monotonic())
        cancelled.set()

    listener = Listener(cancel, says_that_it_waits)
    with create_project(tmp_path / "project") as project:
        ctx = Context(project, listener, cancelled)
        with beside_others(nodes, ctx, 0, 1) as (ctx.workplace, _, _), pytest.raises(Cancelled):
            import_papers.run(ctx, ImportConfig(), papers)
        assert time.monotonic() - asked[0] < 3


@pytest.mark.parametrize("busy", [0, 1])
def test_that_a_file_goes_to_the_free_node(tmp_path: Path, nodes: TwoNodes, papers: list[Path], busy: int) -> None:
    nodes.whole()
    listener = Listener(nothing, says_that_it_waits)
    with create_project(tmp_path / "project") as project:
        ctx = Context(project, listener, threading.Event())
        with beside_others(nodes, ctx, busy) as (ctx.workplace, _, _):
            import_papers.run(ctx, ImportConfig(), papers[:1])
        assert project.documents.count() == 1
    assert not listener.acted


class Shouting:
    def here(self) -> None: ...

    def ready(self) -> None: ...

    def work(self, texts: list[str]) -> list[str]:
        return [text.upper() for text in texts]


def test_that_shards_wait_for_a_free_processor_too(tmp_path: Path, nodes: TwoNodes) -> None:
    import sys

    import ray

    from embtrainer_gui.cluster.crew import Crew

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    nodes.whole()
    listener = Listener(lambda: others.leave(ids[1]), says_that_it_waits)

    def make(options: dict[str, Any]) -> Any:
        return ray.remote(Shouting).options(**options).remote()

    with create_project(tmp_path / "project") as project:
        ctx = Context(project, listener, threading.Event())
        with (
            beside_others(nodes, ctx, 0, 1) as (place, others, ids),
            Crew[list[str]](place.nodes, make, nothing) as crew,
        ):
            assert list(crew.map([["a"], ["b"], ["c"]])) == [["A"], ["B"], ["C"]]
    assert listener.acted


@pytest.mark.parametrize("kind", ["address", "client"])
@pytest.mark.parametrize("secret", ["another", "none"])
def test_that_another_secret_than_the_clusters_is_told_at_once(
    tmp_path: Path, nodes: TwoNodes, papers: list[Path], embtrainer: CommandLine, kind: str, secret: str
) -> None:
    nodes.wait_for_client()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_AUTH")}
    if secret == "another":
        environment |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    began = time.monotonic()
    place = getattr(nodes, kind)
    ran = embtrainer("import", tmp_path / "project", papers[0], "--on", place, "--yes", env=environment)
    assert ran.code == 2, ran.err
    assert "secret" in ran.err.splitlines()[-1]
    assert time.monotonic() - began < 15


def many_papers(folder: Path) -> list[Path]:
    """A second's work for each reader, and more."""
    folder.mkdir()
    found = []
    for number in range(48):
        pages = [
            partial(
                made_pdfs.add_text_page, sentences=tuple(f"{each} {number}, {page}." for each in made_pdfs.SENTENCES)
            )
            for page in range(40)
        ]
        found.append(made_pdfs.save(folder / f"{number}.pdf", *pages))
    return found


@pytest.mark.parametrize("kind", ["address", "client"])
def test_that_a_cluster_that_goes_away_is_told_soon_and_a_rerun_finishes(
    tmp_path: Path, nodes: TwoNodes, embtrainer: CommandLine, kind: str
) -> None:
    papers = many_papers(tmp_path / "papers")
    (tmp_path / "other").mkdir()
    doomed = TwoNodes(tmp_path / "other")
    doomed.wait_for_client()
    command = embtrainer.command("import", tmp_path / "project", tmp_path / "papers", "--json")
    process = subprocess.Popen(
        [*command, "--on", getattr(doomed, kind), "--yes"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        before = lines_until(process, '"items-changed"')
        doomed.kill_first()
        gone = time.monotonic()
        out, err = process.communicate(timeout=60)
        seconds = time.monotonic() - gone
        print("SECONDS", kind, seconds)  # noqa
    finally:
        process.kill()
        doomed.end()
    assert process.returncode == 3, err[-3000:]
    assert json.loads(out)["error"].startswith("The Ray cluster does not answer any more.")
    assert seconds < 15
    assert [line for line in [*before, *err.splitlines()] if not line.startswith("{")] == []
    with open_project(tmp_path / "project") as project:
        assert 0 < project.documents.count() < len(papers)
    assert len(embtrainer.ok("import", tmp_path / "project", tmp_path / "papers")["files"]) == len(papers)
    with open_project(tmp_path / "project") as project:
        assert project.documents.count() == len(papers)
        texts = [row[0] for row in project.database.rows("SELECT text FROM passages")]
    assert len(texts) == len(set(texts))


def lines_until(process: subprocess.Popen[str], word: str) -> list[str]:
    assert process.stderr is not None
    found = []
    for line in process.stderr:
        found.append(line)
        if word in line:
            return found
    raise AssertionError("".join(found))


def test_that_a_killed_program_leaves_nothing_that_the_next_one_does_not_clear(
    tmp_path: Path, papers: list[Path], embtrainer: CommandLine
) -> None:
    base = Path("/tmp")
    process = subprocess.Popen(embtrainer.command("import", tmp_path / "project", *papers, "--on", "ray"), text=True)
    deadline = time.monotonic() + 60
    while not (found := list(base.glob(f"ray-{process.pid}-*/session_*/sockets/raylet*"))):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.wait()
    folder = found[0].parents[2]
    while any(str(folder) in " ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert folder.exists()
    private_folder("ray-", str(base)).rmdir()
    assert not folder.exists()
