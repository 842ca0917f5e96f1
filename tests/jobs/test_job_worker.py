"""The program's own child, ``embtrainer worker``: its protocol, its errors and its end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from embtrainer_gui.core.child_process import worker_command
from embtrainer_gui.core.job_child import JobChild
from embtrainer_gui.core.messages import (
    Cancel,
    Event,
    Failed,
    Finished,
    ItemsChanged,
    JobSpec,
    PageImage,
    Query,
    QueryHits,
    RenderPage,
    Request,
    Secrets,
    Started,
    Stopped,
    to_line,
)
from embtrainer_gui.core.store import create_project, open_project


def run(stage: str, project: Path | str, **values: Any) -> list[Event]:
    child = JobChild(worker_command("job"), JobSpec(stage=stage, project=str(project), **values))
    events = list(child.events())
    assert isinstance(events[0], Started)
    assert child.rubbish_lines == 0
    assert sum(isinstance(event, Finished | Failed | Stopped) for event in events) == 1
    return events


def failure(events: list[Event]) -> Failed:
    assert isinstance(events[-1], Failed)
    return events[-1]


def test_that_the_doctor_needs_no_project() -> None:
    last = run("doctor", "")[-1]
    assert isinstance(last, Finished)
    assert "versions" in last.summary


def test_that_a_job_works_under_the_lock_of_the_window(tmp_path: Path, three_papers: list[Path]) -> None:
    with create_project(tmp_path / "p") as project, project.lock():
        events = run("import", project.folder, options={"sources": [str(three_papers[0])]})
        last = events[-1]
        assert isinstance(last, Finished)
        assert last.summary["documents"] == 1
        assert ItemsChanged(table="documents", count=1) in events
        assert project.documents.count() == 1


def test_that_errors_of_ours_arrive_with_their_cure(tmp_path: Path) -> None:
    create_project(tmp_path / "p").close()
    user = failure(run("generate", tmp_path / "p"))
    assert (user.kind, "Import papers first" in user.hint, user.trace) == ("user", True, "")
    bounds = failure(run("train", tmp_path / "p", config={"epochs": 0}))
    assert (bounds.kind, "epochs" in bounds.message) == ("user", True)
    assert failure(run("train", tmp_path / "nowhere")).kind == "user"


def test_that_anything_else_is_a_bug_with_its_trace(tmp_path: Path) -> None:
    create_project(tmp_path / "p").close()
    bug = failure(run("export", tmp_path / "p", options={}))
    assert (bug.kind, "KeyError" in bug.trace) == ("bug", True)


def test_that_a_kept_password_never_shows(tmp_path: Path) -> None:
    spec = JobSpec(stage="import", project=str(tmp_path / "p"), options={"sources": []})
    assert "hush" not in to_line(spec) + repr(Secrets(passwords={"a.pdf": "hush"}))


def test_that_the_end_of_the_commands_ends_the_child() -> None:
    with subprocess.Popen(worker_command("job"), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 3


def test_that_a_child_that_is_told_nonsense_goes_away() -> None:
    process = subprocess.run(worker_command("job"), input=b"hello\n", capture_output=True, check=False, timeout=20)
    assert process.returncode == 3
    assert b"not a command" in process.stderr


def test_that_cancel_before_the_work_begins_is_heard(tmp_path: Path, three_papers: list[Path]) -> None:
    create_project(tmp_path / "p").close()
    lines = [
        Secrets(),
        JobSpec(stage="import", project=str(tmp_path / "p"), options={"sources": [str(three_papers[0])]}),
    ]
    with subprocess.Popen(worker_command("job"), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in (*lines, Cancel()):
            process.stdin.write(to_line(line).encode() + b"\n")
        process.stdin.flush()
        events = [json.loads(line) for line in process.stdout]
    assert [event["type"] for event in events if event["type"] in ("finished", "cancelled", "failed")] == ["cancelled"]
    assert process.returncode == 130
    with open_project(tmp_path / "p") as project:
        assert project.documents.count() == 0


class Asked:
    """A service child: ``ask`` gives its answer."""

    def __init__(self, kind: str, project: Path, scratch: Path) -> None:
        spec = JobSpec(stage=kind, project=str(project), options={"scratch": str(scratch)})
        self._child = JobChild(worker_command(kind), spec)
        self._events = self._child.events()
        self._tickets = 0

    def ask(self, request: Request) -> Event:
        self._tickets += 1
        self._child.tell(request.model_copy(update={"ticket": self._tickets}))
        for event in self._events:
            if isinstance(event, PageImage | QueryHits | Failed):
                assert event.ticket == self._tickets, event
                return event
        raise AssertionError("it ended")

    def close(self) -> None:
        self._child.kill()
        assert isinstance(list(self._events)[-1], Stopped)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, imported_once: Path) -> Path:
    """A project to read from, for the services."""
    folder = tmp_path_factory.mktemp("services") / "project"
    shutil.copytree(imported_once, folder)
    return folder


@pytest.fixture(scope="module")
def pages(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    asked = Asked("pages", library, tmp_path_factory.mktemp("pictures"))
    yield asked
    asked.close()


@pytest.fixture(scope="module")
def search(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    asked = Asked("search", library, tmp_path_factory.mktemp("nothing"))
    yield asked
    asked.close()


def test_that_the_words_of_a_page_stand_where_the_boxes_of_its_passages_are(pages: Asked, library: Path) -> None:
    with open_project(library) as project:
        passage = next(p for p in project.passages.in_use() if len(p.boxes) > 2)
    image = pages.ask(RenderPage(document=passage.document_id, page=passage.boxes[0][0], dpi=72))
    assert isinstance(image, PageImage)
    data = Path(image.path).read_bytes()
    assert data.startswith(f"P6\n{image.width} {image.height}\n255\n".encode())
    assert abs(image.width - image.page_width) <= 1
    assert image.pages >= passage.boxes[0][0]
    _, x0, y0, x1, y1 = passage.boxes[0]
    inside = [w for w in image.words if x0 - 1 <= (w[0] + w[2]) / 2 <= x1 + 1 and y0 <= (w[1] + w[3]) / 2 <= y1]
    assert passage.text.split()[0] in {word[4] for word in inside}


def test_that_a_page_that_is_not_there_is_said_and_the_next_one_drawn(pages: Asked, library: Path) -> None:
    with open_project(library) as project:
        document = project.documents.all()[0]
    missing = pages.ask(RenderPage(document=document.id, page=9999, dpi=72))
    assert isinstance(missing, Failed)
    assert (missing.kind, "9999" in missing.message) == ("user", True)
    gone = pages.ask(RenderPage(document=12345, page=1, dpi=72))
    assert isinstance(gone, Failed)
    assert gone.kind == "user"
    assert isinstance(pages.ask(RenderPage(document=document.id, page=1, dpi=72)), PageImage)


def test_that_a_picture_is_never_larger_than_the_limit(pages: Asked, library: Path) -> None:
    with open_project(library) as project:
        document = project.documents.all()[0]
    image = pages.ask(RenderPage(document=document.id, page=1, dpi=600))
    assert isinstance(image, PageImage)
    assert 20_000_000 < image.width * image.height <= 40_000_000


def test_that_a_question_is_ranked_by_each_model_and_its_sentence_is_marked(search: Asked) -> None:
    text = "essential oils against bacteria"
    reply = search.ask(Query(text=text, models=("base", "bm25", "hybrid", "tuned"), top=5))
    assert isinstance(reply, QueryHits)
    assert set(reply.hits) == {"base", "bm25"}
    assert set(reply.problems) == {"tuned", "hybrid"}
    assert set(reply.ms) == {"base", "bm25"}
    for rows in reply.hits.values():
        assert [row.rank for row in rows] == [1, 2, 3, 4, 5]
        for row in rows:
            assert 0 <= row.sentence[0] < row.sentence[1] <= len(row.text)
    start, end = reply.hits["bm25"][0].sentence
    assert "oil" in reply.hits["bm25"][0].text[start:end].lower()


def test_that_what_cannot_be_searched_is_said_and_the_next_question_answered(search: Asked) -> None:
    empty = search.ask(Query(text="  ", models=("bm25",)))
    assert isinstance(empty, Failed)
    assert empty.kind == "user"
    untrained = search.ask(Query(text="oil", models=("run:none",)))
    assert isinstance(untrained, Failed)
    assert "none" in untrained.message
    assert isinstance(search.ask(Query(text="oil", models=("bm25",))), QueryHits)


def test_that_the_search_sees_papers_that_came_in_meanwhile(search: Asked, library: Path, tmp_path: Path) -> None:
    paper = tmp_path / "new.txt"
    paper.write_text("The zorblax enzyme was found in deep soil. It degrades plastics slowly.\n" * 5, encoding="utf-8")
    question = Query(text="zorblax", models=("bm25",))
    before = search.ask(question)
    assert isinstance(before, QueryHits)
    assert before.hits["bm25"] == []
    run("import", library, options={"sources": [str(paper)]})
    after = search.ask(question)
    assert isinstance(after, QueryHits)
    assert after.hits["bm25"][0].file_name == "new.txt"


def test_that_a_window_process_would_import_nothing_heavy_for_jobs() -> None:
    code = "import embtrainer_gui.core.job_child, embtrainer_gui.gui.job_manager, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "spacy", "pymupdf", "pyqtgraph", "numpy", "asyncio"} & set(loaded)


def test_that_a_job_is_modest(tmp_path: Path) -> None:
    child = JobChild(worker_command("job"), JobSpec(stage="doctor", project="", threads=1))
    modest = min(19, os.nice(0) + 10)
    niceness = set()
    for event in child.events():
        if event.type == "started":
            deadline = time.monotonic() + 5
            while psutil.Process(child.pid).nice() != modest and time.monotonic() < deadline:
                time.sleep(0.005)
            niceness.add(psutil.Process(child.pid).nice())
    assert niceness == {modest}
    assert isinstance(event, Finished)
    assert event.summary["device"].startswith(("cpu (1 thread", "cuda", "mps"))
