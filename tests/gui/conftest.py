"""A window's parts over small real projects, and the rule that a test leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import qasync
import shiboken6
from gui import train_help
from gui.driven import Driven, Open
from gui.fakes import FakeJobs
from PySide6.QtCore import QCoreApplication, QEvent, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Reason, Split
from embtrainer_gui.core.store import create_project, utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.pages.train_page import TrainPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.short_requests import requests

TESTS = Path(__file__).resolve().parents[1]
TOPICS = ("rice blast", "soil carbon", "bee decline")
PASSAGES_A_PAPER = 8
QUESTIONS = (
    "How often was field {passage} measured?",
    "What was the mean in field {passage}?",
    "Which crop problem was studied in field {passage}?",
)


@pytest.fixture(scope="module", autouse=True)
def earlier_objects_stay() -> None:
    """What was loaded by the files of tests before this one is none of its garbage, nor a thread that it left: each
    of its tests would walk over that three times."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a running QThread, a child process or a top-level widget behind.

    Cyclic garbage is collected here and nowhere else: on a worker thread it would take widgets with it.
    """
    gc.collect()
    gc.disable()
    widgets = set(map(id, top_level_widgets(qapp)))
    children = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    settle(qapp)
    gc.collect()
    settle(qapp)
    gc.enable()
    threads = [thread for thread in gc.get_objects() if isinstance(thread, QThread) and is_running(thread)]
    assert not threads, f"running threads: {threads}"
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in children]
    assert not left, f"child processes: {left}"
    assert not [widget for widget in top_level_widgets(qapp) if id(widget) not in widgets]


def settle(app: QApplication) -> None:
    app.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    app.processEvents()


def is_running(thread: QThread) -> bool:
    return shiboken6.isValid(thread) and thread.isRunning()


def top_level_widgets(app: QApplication) -> list[object]:
    return [widget for widget in app.topLevelWidgets() if widget.parent() is None]


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three papers of eight passages each, two pages, boxes; three pairs a passage, some flagged, none decided.

    There are no PDFs in it. Tests copy it (``session``).
    """
    folder = tmp_path_factory.mktemp("small") / "project"
    with create_project(folder) as project:
        splits = {}
        for number, topic in enumerate(TOPICS):
            source = project.documents.begin(f"hash{number}", f"paper{number}.pdf", utc_now())
            drafts = [passage(topic, place) for place in range(PASSAGES_A_PAPER)]
            keys = [f"{number}-{place}" for place in range(PASSAGES_A_PAPER)]
            document = project.documents.add(source, f"On {topic}", 2, drafts, keys, range(number, 99, 3), None)
            project.documents.finish(source, FileState.DONE, "", 2, "pdf", "")
            splits[document] = list(Split)[number]
        project.documents.set_splits(splits)
        project.meta.set("split_version", 1)
        project.pairs.add([pair(p.id, p.text, n) for p in project.passages.in_use() for n in range(3)])
        flagged = {row.id: [Reason.COPIED] if row.id % 3 == 0 else [] for row in project.pairs.all()}
        project.pairs.set_reasons(flagged)
    return folder


def passage(topic: str, place: int) -> PassageDraft:
    text = f"In field {place}, {topic} was measured {place + 2} times. The mean of {topic} was {place * 7} units."
    top = 100.0 + 60 * (place % 4)
    boxes = ((place // 4 + 1, 72.0, top, 300.0, top + 12), (place // 4 + 1, 72.0, top + 14, 280.0, top + 26))
    return PassageDraft(text, BlockKind.BODY, "Results", place // 4 + 1, boxes, 24)


def pair(passage_id: int, text: str, number: int) -> NewPair:
    answer = text.split(". ")[number % 2].rstrip(".")
    return NewPair(
        uid=f"{passage_id}-{number}",
        passage_id=passage_id,
        question=QUESTIONS[number].format(passage=passage_id),
        answer=answer,
        kind=QuestionKind.FACT,
        source="builtin (basic)",
        created_at=utc_now(),
        run_id="20260101T000000Z",
        extra={},
        state=PairState.PENDING,
    )


@pytest.fixture
def feedback(qapp: QApplication) -> Feedback:
    return Feedback()


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path, small_project: Path) -> Iterator[Session]:
    """A session on a copy of ``small_project``."""
    yield from opened(tmp_path / "project", small_project)


@pytest.fixture
def paper_session(qapp: QApplication, tmp_path: Path, imported_once: Path) -> Iterator[Session]:
    """A session on three real papers with their PDFs; takes half a minute once."""
    yield from opened(tmp_path / "papers", imported_once)


@pytest.fixture
def empty_session(qapp: QApplication, tmp_path: Path) -> Iterator[Session]:
    """A session on a project without papers."""
    session = Session()
    session.create(tmp_path / "empty")
    yield session
    session.close()


def opened(folder: Path, original: Path) -> Iterator[Session]:
    shutil.copytree(original, folder)
    session = Session()
    session.open(folder)
    yield session
    session.close()


@pytest.fixture
def messages(feedback: Feedback) -> list[Message]:
    """What banners and toasts said."""
    told: list[Message] = []
    feedback.banner.connect(told.append)
    feedback.toast.connect(told.append)
    return told


@pytest.fixture
def ready(session: Session) -> Session:
    """The session with enough accepted questions to train."""
    return train_help.fill(session)


@pytest.fixture
def train_page(ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> Iterator[TrainPage]:
    yield from train_help.opened(ready, jobs, feedback, qtbot)


@pytest.fixture
def jobs(session: Session, feedback: Feedback) -> Iterator[FakeJobs]:
    """The manager of ``session`` without children: the test speaks for them."""
    jobs = FakeJobs(session, feedback)
    yield jobs
    jobs.shut_down()


@pytest.fixture
def real_jobs(empty_session: Session, feedback: Feedback) -> Iterator[JobManager]:
    """The manager of ``empty_session``, with real children."""
    jobs = JobManager(empty_session, feedback)
    yield jobs
    jobs.shut_down()


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    """The window's loop for its short requests (``window_loop.run_until``)."""
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    with loop:
        yield loop
        loop.run_until_complete(requests.end())
        loop.run_until_complete(loop.shutdown_default_executor())
    asyncio.set_event_loop(None)


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Open]:
    """Opens the real window on a project; a fault of the program fails the test at its end."""
    windows: list[Driven] = []

    def open_(folder: Path) -> Driven:
        windows.append(Driven(folder, qtbot))
        return windows[-1]

    yield open_
    for driven in windows:
        driven.close()
    assert not [bug for driven in windows for bug in driven.bugs]


@pytest.fixture
def folder(tmp_path: Path, small_project: Path) -> Path:
    """A copy of ``small_project`` that no window has opened yet."""
    shutil.copytree(small_project, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made in a process of its own: no torch beside Qt."""
    folder = tmp_path_factory.mktemp("model")
    code = "import sys; from pathlib import Path; from tiny_model import make_tiny_model as m; m(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, env=os.environ | {"PYTHONPATH": str(TESTS)})
    return folder / "tiny"
