"""Help: what the doctor says of this computer, in the window and in what is copied from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gui.fakes import FakeJobs
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.help_page import HelpPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.computer_dialog import ComputerDialog

FINDING = {"what": "Only 2 GB of memory.", "cure": "Train with a smaller batch."}


def summary(*findings: dict[str, str]) -> dict[str, Any]:
    return {
        "versions": {"embtrainer": "0.1.0", "torch": ""},
        "system": "Linux, 2 processors",
        "device": "cpu (2 threads)",
        "memory_gb": 2.0,
        "disk_gb": 30.5,
        "display": "x11",
        "keyring": True,
        "folders": {
            "projects": str(Path.home() / "Papers"),
            "settings": "/etc/x",
            "data": "/data",
            "logs": "/logs",
        },
        "servers": [{"name": "Lab", "state": "lab.example.org, not asked"}],
        "findings": list(findings),
    }


@pytest.fixture
def page(session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> HelpPage:
    page = HelpPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.show()
    return page


@pytest.fixture
def dialog(page: HelpPage) -> ComputerDialog:
    part(page, QPushButton, "help.computer").click()
    found = page.findChild(ComputerDialog)
    assert found is not None
    return found


def part(parent: Any, kind: type[Any], name: str) -> Any:
    found = parent.findChild(kind, name)
    assert found is not None, name
    return found


def texts(dialog: ComputerDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel)]


def test_that_findings_stand_above_the_facts_with_their_cures(dialog: ComputerDialog, jobs: FakeJobs) -> None:
    assert [spec.stage for spec in jobs.specs] == ["doctor"]
    assert "Looking" in part(dialog, QLabel, "computer.state").text()
    jobs.finish(summary(FINDING))
    assert part(dialog, QLabel, "computer.state").text() == "One finding"
    shown = texts(dialog)
    assert shown.index(FINDING["what"]) < shown.index(FINDING["cure"]) < shown.index("Linux, 2 processors")
    assert "lab.example.org, not asked" in shown


def test_that_what_is_copied_names_no_home_folder_and_no_key(
    dialog: ComputerDialog, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setenv("EMBTRAINER_API_KEY", "sk-CANARY0123456789")
    jobs.finish(summary({"what": "The server said sk-CANARY0123456789.", "cure": "Look."}))
    qtbot.mouseClick(part(dialog, QPushButton, "computer.copy"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "! The server said" in copied
    assert "2.0 GB" in copied
    assert "CANARY" not in copied
    assert str(Path.home()) not in copied


def test_that_servers_are_asked_only_by_a_wish(dialog: ComputerDialog, jobs: FakeJobs) -> None:
    jobs.finish(summary())
    part(dialog, QCheckBox, "computer.servers").setChecked(True)
    part(dialog, QPushButton, "computer.again").click()
    assert [spec.options["ask_servers"] for spec in jobs.specs] == [False, True]


def test_that_it_waits_for_a_job_that_runs(session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> None:
    jobs.start("compare", {})
    dialog = ComputerDialog(jobs)
    qtbot.addWidget(dialog)
    dialog.look()
    assert "Comparing models is running" in part(dialog, QLabel, "computer.state").text()
    assert part(dialog, QPushButton, "computer.again").isEnabled()
    jobs.finish({})
    dialog.look()
    jobs.end_cancelled()
    assert "Stopped" in part(dialog, QLabel, "computer.state").text()
    assert not part(dialog, QPushButton, "computer.copy").isEnabled()
