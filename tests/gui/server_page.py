"""The page of questions with a server chosen, for tests that speak for the child or let it run."""

from __future__ import annotations

from typing import Any

import qasync
from gui.window_loop import run_until
from PySide6.QtWidgets import QComboBox, QPushButton

from embtrainer_gui.gui.pages.questions_page import QuestionsPage

LOCAL, FAR = "http://localhost:11434", "https://api.example.org/v1"
MODEL = "small-model"
GENERATOR = f"ollama:{MODEL}"


def part(page: QuestionsPage, name: str, kind: Any = QPushButton) -> Any:
    found = page.findChild(kind, f"questions.{name}")
    assert found is not None, name
    return found


def choose_server(page: QuestionsPage, loop: qasync.QEventLoop, source: str, address: str) -> None:
    """As by hand, and wait until the keyring has answered and the page has read what there is."""
    for form in page._setup.servers.values():
        form._key._settle.setInterval(0)  # nobody types here
    page._settle.setInterval(0)
    part(page, f"source-{source}").click()
    part(page, f"{source}-address", QComboBox).setEditText(address)
    part(page, f"{source}-model", QComboBox).setEditText(MODEL)
    run_until(loop, lambda: not page._setup.fault() and page._generator == f"{source}:{MODEL}")
