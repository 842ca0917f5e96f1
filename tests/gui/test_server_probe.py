"""Servers that read papers, in the window: a test beside the address, what goes where, and who is asked before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import qasync
from fake_chat import fake_chat
from fake_grobid import FakeGrobid, serve
from gui.fakes import FakeJobs
from gui.papers_help import drop, shown
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core import keys
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.consent import is_allowed
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.import_settings import keep_import_config
from embtrainer_gui.gui.pages.papers_page import PapersPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.widgets.import_dialog import ImportDialog
from embtrainer_gui.gui.widgets.question import Question


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    with loop:
        yield loop
        loop.run_until_complete(requests.end())
    asyncio.set_event_loop(None)


def run_until(loop: qasync.QEventLoop, is_so: Callable[[], bool]) -> None:
    async def wait() -> None:
        async with asyncio.timeout(10):
            while not is_so():
                await asyncio.sleep(0.01)

    loop.run_until_complete(wait())


def dialog_of(qtbot: QtBot, **settings: Any) -> ImportDialog:
    dialog = ImportDialog(ImportConfig(**settings))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def told(dialog: ImportDialog, name: str) -> str:
    found = dialog.findChild(QLabel, f"import.{name}")
    return found.text() if not found.isHidden() else ""


def asked(loop: qasync.QEventLoop, dialog: ImportDialog, extractor: str) -> str:
    """What the test of a server says in the end."""
    dialog.findChild(QPushButton, f"import.test-{extractor}").click()
    assert told(dialog, f"answer-{extractor}").startswith("Asking ")
    run_until(loop, lambda: not told(dialog, f"answer-{extractor}").startswith("Asking "))
    return told(dialog, f"answer-{extractor}")


def test_that_a_server_is_offered_only_where_it_reads_the_papers(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot)
    for extractor in ("grobid", "vision", "auto"):
        dialog.form.set_values({"extractor": extractor})
        for name in ("grobid", "vision"):
            assert dialog.findChild(QPushButton, f"import.test-{name}").isVisible() == (name == extractor)


def test_that_it_is_said_what_goes_to_which_machine(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, extractor="grobid")
    assert told(dialog, "gets-grobid") == "The PDF files go to localhost:8070, on this machine."
    dialog.findChild(QLineEdit, "form.grobid_url").setText("https://papers.example/grobid")
    assert "go to papers.example, another machine; you are asked" in told(dialog, "gets-grobid")
    dialog.findChild(QLineEdit, "form.grobid_url").setText("no address")
    assert not dialog.findChild(QPushButton, "import.test-grobid").isEnabled()
    dialog.form.set_values({"extractor": "vision"})
    assert told(dialog, "gets-vision").startswith("The pictures of the pages go to localhost:11434")


def test_that_the_test_tells_the_version_or_what_is_wrong(loop: qasync.QEventLoop, qtbot: QtBot) -> None:
    with serve(FakeGrobid()) as fake:
        dialog = dialog_of(qtbot, extractor="grobid", grobid_url=fake.address)
        assert asked(loop, dialog, "grobid") == "It answers: GROBID 0.8.1."
        assert fake.routes == ["/api/isalive", "/api/version"]
    assert "did not answer" in asked(loop, dialog, "grobid")
    dialog.findChild(QLineEdit, "form.grobid_url").setText("http://localhost:1")
    assert told(dialog, "answer-grobid") == ""


def test_that_the_test_tells_whether_the_model_is_there(loop: qasync.QEventLoop, qtbot: QtBot) -> None:
    with fake_chat(models=("llava:latest", "small")) as fake:
        dialog = dialog_of(qtbot, extractor="vision", vision_url=fake.address)
        assert asked(loop, dialog, "vision") == "It answers. Its models: llava:latest, small."
        for model, words in (("llava", "and has the model llava."), ("other", "but has no model other. It has: llava")):
            dialog.form.set_values({"vision_model": model})
            assert words in asked(loop, dialog, "vision")
        assert fake.chats == []


def test_that_a_test_can_be_stopped_and_ends_with_the_dialog(loop: qasync.QEventLoop, qtbot: QtBot) -> None:
    with serve(FakeGrobid(alive=b"true")) as fake:
        dialog = dialog_of(qtbot, extractor="grobid", grobid_url=fake.address)
        button = dialog.findChild(QPushButton, "import.test-grobid")
        button.click()
        loop.run_until_complete(asyncio.sleep(0))
        assert button.text() == "Stop"
        button.click()
        assert (button.text(), told(dialog, "answer-grobid")) == ("Test", "")
        button.click()
        loop.run_until_complete(asyncio.sleep(0))
        dialog.close()
        run_until(loop, lambda: requests.count == 0)


def answer(page: PapersPage, key: str, seen: list[str]) -> None:
    """Click a button of the question that comes."""

    def click() -> None:
        question = page.findChild(Question) or page.window().findChild(Question)
        seen.append(" ".join(each.text() for each in question.findChildren(QLabel)))
        question.findChild(QPushButton, f"question.{key}").click()

    QTimer.singleShot(0, click)


def test_that_the_user_is_asked_once_before_papers_go_to_another_machine(
    qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback, tmp_path: Path
) -> None:
    page = shown(qtbot, PapersPage(session, jobs, feedback))
    keep_import_config(session, ImportConfig(extractor="grobid", grobid_url="http://papers.example:8070"))
    seen: list[str] = []
    answer(page, "cancel", seen)
    drop(page, tmp_path / "a.pdf")
    assert jobs.specs == []
    assert not is_allowed(session.project, "papers.example:8070")
    answer(page, "send", seen)
    drop(page, tmp_path / "a.pdf")
    assert len(jobs.specs) == 1
    assert "The PDF files will be sent to papers.example:8070" in seen[0]
    assert "not encrypted" in seen[0]
    jobs.finish({"files": []})
    drop(page, tmp_path / "b.pdf")
    assert len(jobs.specs) == 2
    assert len(seen) == 2


def test_that_the_key_of_this_session_goes_along_and_is_in_no_spec(
    qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(qtbot, PapersPage(session, jobs, feedback))
    url = "http://localhost:11434"
    monkeypatch.setitem(keys._session, "localhost:11434", "sk-secret")
    keep_import_config(session, ImportConfig(extractor="vision", vision_url=url, vision_model="llava"))
    drop(page, tmp_path / "a.pdf")
    assert jobs.secrets[-1].key == "sk-secret"
    assert "sk-secret" not in jobs.specs[-1].model_dump_json()
