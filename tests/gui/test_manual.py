"""The manual: complete, linked, searchable, and the same in the window and in the repository."""

from __future__ import annotations

import json
import os
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from gui.fakes import FakeJobs
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

import embtrainer_gui.core
from embtrainer_gui.cli.parser import COMMAND_NAMES
from embtrainer_gui.core.settings import Settings
from embtrainer_gui.core.stage_config import StageConfig
from embtrainer_gui.core.translate import LANGUAGE_VARIABLE
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import manual, manual_search
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.help_page import HelpPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.manual_view import ManualView

TOP = Path(__file__).resolve().parents[2]
HELP = TOP / "resources" / "help"
PAGES = sorted(HELP.glob("*.md")) + sorted(HELP.glob("de/*.md"))
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MOST_PICTURES = 1_600_000  # bytes that the wheel carries for them


def every_config() -> list[type[StageConfig]]:
    for module in pkgutil.walk_packages(embtrainer_gui.core.__path__, "embtrainer_gui.core."):
        import_module(module.name)
    return [kind for kind in StageConfig.__subclasses__() if kind.__module__.startswith("embtrainer_gui.")]


def headings(text: str) -> set[str]:
    lines = CODE.sub("", text).splitlines()
    return {manual.slug(line.lstrip("#").strip()) for line in lines if line.startswith("#")}


def test_that_no_made_page_is_out_of_date() -> None:
    ran = subprocess.run(
        [sys.executable, str(TOP / "packaging" / "manual.py"), "--check"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(TOP)},
    )  # fmt: skip
    assert ran.returncode == 0, f"{ran.stdout}{ran.stderr}: python packaging/manual.py"


def test_that_every_setting_of_every_config_stands_in_the_window_and_in_the_file_of_all() -> None:
    in_file = (HELP / "fields.md").read_text(encoding="utf-8")
    in_window = " ".join(map(manual.text_of, manual.CONFIGS))
    for kind in (*every_config(), Settings):
        described = {name: field.description for name, field in kind.model_fields.items() if field.description}
        assert described
        for name, meaning in described.items():
            for text in (in_file, in_window):
                assert f"`{name}`" in text
                assert meaning in text


def test_that_every_command_has_its_heading() -> None:
    assert set(COMMAND_NAMES) <= headings((HELP / "commands.md").read_text(encoding="utf-8"))


def test_that_every_link_and_picture_leads_somewhere() -> None:
    for page in PAGES:
        for is_picture, target in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
            if target.startswith("https://"):
                continue
            name, _, slug = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            assert path.is_file(), f"{page.name}: {target}"
            if is_picture:
                assert path.parent.name == "pictures"
            elif slug:
                assert slug in headings(path.read_text(encoding="utf-8")), f"{page.name}: {target}"


def test_that_what_is_bold_stands_on_the_window_in_these_words() -> None:
    known = json.loads((TOP / "resources" / "i18n" / "de.json").read_text(encoding="utf-8"))
    numbered = re.compile(r"^\d+\. \*\*[^*]+[.:]\*\*", re.MULTILINE)  # what a point is about
    for name in ("tour", "problems"):
        for text in BOLD.findall(numbered.sub("", (HELP / f"{name}.md").read_text(encoding="utf-8"))):
            assert text in known


def test_that_pictures_keep_the_wheel_small() -> None:
    assert sum(path.stat().st_size for path in (TOP / "resources" / "pictures").iterdir()) < MOST_PICTURES


@pytest.fixture
def page(session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> HelpPage:
    page = HelpPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    return page


def parts(page: HelpPage) -> tuple[ManualView, QLineEdit, QListWidget]:
    view, search = page.findChild(ManualView, "help.text"), page.findChild(QLineEdit, "help.search")
    found = page.findChild(QListWidget, "help.found")
    assert view is not None
    assert search is not None
    assert found is not None
    return view, search, found


def test_that_a_search_lists_places_and_goes_to_the_one_that_is_chosen(page: HelpPage) -> None:
    view, search, found = parts(page)
    search.setText("slurm")
    assert found.isVisible()
    assert found.item(0).text() == f"Slurm\n{manual.title_of(manual.MACHINES)}"
    search.returnPressed.emit()
    assert view.toPlainText().startswith(manual.title_of(manual.MACHINES))
    assert view.extraSelections()
    assert view.verticalScrollBar().value() > 0
    search.setText("no such word anywhere")
    assert not found.item(0).flags().value
    search.clear()
    assert not found.isVisible()
    assert not view.extraSelections()


def test_that_a_setting_is_found_by_the_words_of_its_help() -> None:
    hits = manual_search.found(manual_search.sections(), "checkpoints KEPT")
    assert any(hit.topic == Step.TRAIN and "Checkpoints" in hit.heading for hit in hits)


def test_that_a_comment_in_a_script_is_no_heading() -> None:
    assert not [section for section in manual_search.sections() if section.heading.startswith("SBATCH")]


def test_that_links_lead_to_pages_and_headings_and_back(page: HelpPage) -> None:
    view, _, _ = parts(page)
    back = page.findChild(QPushButton, "help.back")
    assert back is not None
    page.show_topic(manual.TOUR)
    view.anchorClicked.emit(QUrl("../problems.md#out-of-memory"))
    assert view.toPlainText().startswith(manual.title_of(manual.PROBLEMS))
    view.anchorClicked.emit(QUrl("fields.md#train"))
    assert view.toPlainText().startswith(manual.title_of(Step.TRAIN))
    assert view.textCursor().block().text() == manual.settings_heading()
    back.click()
    back.click()
    assert view.toPlainText().startswith(manual.title_of(manual.TOUR))


def test_that_a_picture_is_shown_no_wider_than_the_page(page: HelpPage) -> None:
    view, _, _ = parts(page)
    page.show_topic(manual.TOUR)
    image = view.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl("../pictures/window-search.png"))
    assert not image.isNull()
    assert image.width() > view.viewport().width()
    assert view.document().size().width() <= view.viewport().width()


def test_that_nothing_but_the_programs_own_pictures_is_read(page: HelpPage) -> None:
    view, _, _ = parts(page)
    for name in ("https://example.org/x.png", "file:///etc/hostname", "../../LICENSE", ""):
        assert view.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name)) is None


def test_that_a_page_that_is_english_only_says_so(page: HelpPage, monkeypatch: pytest.MonkeyPatch) -> None:
    note = page.findChild(QLabel, "help.english")
    assert note is not None
    page.show_topic(manual.FORMATS)
    assert not note.isVisible()
    monkeypatch.setitem(os.environ, LANGUAGE_VARIABLE, "de")
    page.show_topic(Step.TRAIN)
    assert not note.isVisible()
    page.show_topic(manual.SCALE)
    assert note.isVisible()
