"""The services with real children: pictures of pages, and children that die, hang or meet a hostile file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from bombs import nested_forms
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import (
    CompareTexts,
    Failed,
    JobSpec,
    PageImage,
    PageLocked,
    RenderPage,
    Reply,
    Request,
    TextSimilarity,
)
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.gui import service as service_module
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.service import Service
from embtrainer_gui.gui.session import Session

SECONDS = 30_000


@pytest.fixture
def manager(session: Session, feedback: Feedback) -> Iterator[JobManager]:
    manager = JobManager(session, feedback)
    yield manager
    manager.shut_down()


class Answers:
    """What a service said, in order."""

    def __init__(self, service: Service, qtbot: QtBot) -> None:
        self.service, self._qtbot = service, qtbot
        self.said: list[Reply | Failed] = []

    def ask(self, document: int, page: int = 1, slot: str = "") -> int:
        request = RenderPage(slot=slot, document=document, page=page, dpi=72)
        return self.service.ask(request, self.said.append, self.said.append)

    def wait(self, count: int, timeout: int = SECONDS) -> Any:
        self._qtbot.waitUntil(lambda: len(self.said) >= count, timeout=timeout)
        return self.said[-1]

    @property
    def pid(self) -> int:
        assert self.service._thread is not None
        return self.service._thread.child.pid


@pytest.fixture
def answers(manager: JobManager, qtbot: QtBot) -> Answers:
    return Answers(manager.service("pages"), qtbot)


def put_paper(project: Project, name: str, content: bytes) -> int:
    """A document of one paper with that content, without passages."""
    (project.papers / name).write_bytes(content)
    source = project.documents.begin(name, name, utc_now())
    document = project.documents.add(source, name, 1, [], [], [], None)
    project.documents.finish(source, FileState.DONE, "", 1, "pdf", name)
    return document


@pytest.fixture
def paper(session: Session, sample_papers: Path) -> int:
    return put_paper(session.project, "good.pdf", (sample_papers / "PMC5758638.pdf").read_bytes())


def test_that_pictures_come_in_order_and_can_be_loaded(answers: Answers, paper: int) -> None:
    for page in (1, 2, 3):
        answers.ask(paper, page)
    answers.wait(3)
    for image in answers.said:
        assert isinstance(image, PageImage)
        loaded = QImage(image.path)
        assert (loaded.width(), loaded.height()) == (image.width, image.height)
        assert len(image.words) > 100


def test_that_a_child_that_dies_fails_its_request_and_the_next_one_gets_a_new_child(
    answers: Answers, paper: int, qtbot: QtBot
) -> None:
    answers.ask(paper)
    answers.wait(1)
    first = answers.pid
    with qtbot.waitSignal(answers.service.ended, timeout=SECONDS):
        psutil.Process(first).kill()
    answers.ask(paper, 2)
    assert isinstance(answers.wait(2), PageImage)
    assert answers.pid != first


def test_that_stop_ends_the_child_and_forgets_the_questions(answers: Answers, paper: int, qtbot: QtBot) -> None:
    answers.ask(paper)
    answers.wait(1)
    answers.ask(paper, 2)
    answers.ask(paper, 3)
    pid = answers.pid
    answers.service.stop()
    assert not psutil.pid_exists(pid)
    answers.ask(paper, 4)
    answers.wait(2)
    assert len(answers.said) == 2
    assert not Path(answers.said[0].path).exists()  # type: ignore[union-attr]


def test_that_another_project_gets_another_child(
    answers: Answers, manager: JobManager, session: Session, paper: int, tmp_path: Path
) -> None:
    answers.ask(paper)
    answers.wait(1)
    pid = answers.pid
    session.create(tmp_path / "other")
    assert not psutil.pid_exists(pid)
    assert manager.service("pages") is not answers.service


@pytest.mark.slow
def test_that_a_hostile_page_is_named_and_a_good_one_drawn_after_it(
    answers: Answers, session: Session, paper: int, feedback: Feedback
) -> None:
    bugs: list[str] = []
    feedback.bug.connect(bugs.append)
    hostile = put_paper(session.project, "bomb.pdf", nested_forms())
    broken = put_paper(session.project, "broken.pdf", b"%PDF-1.7\nnothing more")
    answers.ask(hostile)
    answers.ask(broken)
    answers.ask(paper)
    answers.wait(3, timeout=60_000)
    stopped, damaged, good = answers.said
    assert isinstance(stopped, Failed)
    assert (stopped.kind, "cannot be drawn" in stopped.message) == ("environment", True)
    assert isinstance(damaged, Failed)
    assert damaged.kind == "user"
    assert isinstance(good, PageImage)
    assert bugs == []


def test_that_a_child_that_hangs_is_ended_by_the_clock(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(service_module.SECONDS, "pages", 0.5)
    script = "import time; time.sleep(60)"
    service = Service(JobSpec(stage="pages", project=str(tmp_path)), [sys.executable, "-c", script])
    answers = Answers(service, qtbot)
    answers.ask(1)
    failure = answers.wait(1, timeout=5000)
    assert isinstance(failure, Failed)
    assert "too long" in failure.message
    service.stop()


class Silent(Service):
    """It has no child."""

    def _send(self, request: Request) -> None: ...


def test_that_an_answer_that_cannot_be_shown_holds_up_no_other(qtbot: QtBot, tmp_path: Path) -> None:
    service, said = Silent(JobSpec(stage="search", project=str(tmp_path)), []), []
    compare = CompareTexts(texts=("rice", "blast"), model="base")
    first, second = (service.ask(compare, call) for call in (lambda _: 1 / 0, said.append))
    with pytest.raises(ZeroDivisionError):
        service._on_event(TextSimilarity(ticket=first, cosines=[]))
    service._on_event(TextSimilarity(ticket=second, cosines=[]))
    assert len(said) == 1


def test_that_a_stop_tells_all_that_wait_but_not_what_was_dropped(qtbot: QtBot, tmp_path: Path) -> None:
    service = Silent(JobSpec(stage="search", project=str(tmp_path)), [])
    answers = Answers(service, qtbot)
    tickets = [answers.ask(1, page) for page in (1, 2, 3)]
    service.drop(tickets[0])
    stopped = Failed(kind="user", message="Stopped.")
    service.stop(stopped)
    assert answers.said == [stopped, stopped]


def test_that_an_encrypted_paper_is_shown_once_its_password_was_given(
    answers: Answers, manager: JobManager, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    import pymupdf

    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "Hidden words")
    locked = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="open sesame", owner_pw="x")
    paper = put_paper(session.project, "locked.pdf", locked)
    answers.ask(paper)
    refused = answers.wait(1)
    assert isinstance(refused, PageLocked)
    assert (Path(refused.path).name, refused.file_name) == ("locked.pdf", "locked.pdf")
    with qtbot.waitSignal(manager.job_ended, timeout=SECONDS):
        manager.start("import", {}, sources=[], passwords={str(tmp_path / "locked.pdf"): "open sesame"})
    answers.ask(paper)
    image = answers.wait(2)
    assert isinstance(image, PageImage)
    assert [word[4] for word in image.words] == ["Hidden", "words"]
