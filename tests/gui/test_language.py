"""Other languages than English: the catalogue, the window, its children, and Qt's own buttons."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.fakes import FakeJobs
from PySide6.QtWidgets import QApplication, QComboBox, QDialogButtonBox, QLabel
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.settings import Settings, load_settings, resource_path
from embtrainer_gui.core.translate import LANGUAGE_VARIABLE, catalogue
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import language, manual
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.settings_page import SettingsPage
from embtrainer_gui.gui.pages.welcome_page import WelcomePage
from embtrainer_gui.gui.session import Session

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
LEAST_SHARE = 0.75  # new strings are English until somebody translates them
PLACES = re.compile(r"\{[^{}]*\}|\n")
FILTER = re.compile(r"\(\*[^)]*\)|;;")


@pytest.fixture(params=[code for code in Settings.model_fields["language"].annotation.__args__ if code != "en"])
def code(request: pytest.FixtureRequest) -> str:
    """Each language that can be chosen, besides English."""
    return str(request.param)


@pytest.fixture
def german(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(LANGUAGE_VARIABLE, "en")
    translators = language.set_up(qapp, "de")
    yield
    for translator in translators:
        qapp.removeTranslator(translator)


def test_that_every_translation_keeps_what_is_filled_in(code: str) -> None:
    for text, translation in catalogue(code).items():
        assert set(PLACES.findall(text)) == set(PLACES.findall(translation)), text
        assert FILTER.findall(text) == FILTER.findall(translation), text
        assert text.startswith(("#", " ")) == translation.startswith(("#", " ")), text


def test_that_most_of_what_the_program_says_is_translated(code: str) -> None:
    script = [sys.executable, str(PACKAGING / "translations.py"), "--check"]
    ran = subprocess.run(script, capture_output=True, text=True, check=False)
    found = re.search(rf"{code}.json: (\d+) of (\d+)", ran.stdout)
    assert found, ran.stderr
    done, all_ = map(int, found.groups())
    assert done >= LEAST_SHARE * all_


@pytest.mark.usefixtures("german")
def test_that_the_window_and_the_buttons_of_qt_speak_it(qtbot: QtBot, feedback: Feedback) -> None:
    session = Session()
    jobs = FakeJobs(session, feedback)
    page = WelcomePage(session, jobs, feedback)
    qtbot.addWidget(page)
    assert "Letzte Projekte" in [label.text() for label in page.findChildren(QLabel)]
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(buttons)
    assert buttons.buttons()[0].text().replace("&", "") == "Abbrechen"
    jobs.shut_down()


@pytest.mark.usefixtures("german")
def test_that_a_child_of_the_window_speaks_it_and_english_needs_no_file() -> None:
    code = (
        "from embtrainer_gui.core.translate import mark; print(mark('The question is empty.'), mark('unknown to all'))"
    )
    for name, said in ((os.environ[LANGUAGE_VARIABLE], "Die Frage ist leer."), ("en", "The question is empty.")):
        ran = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, LANGUAGE_VARIABLE: name},
        )
        assert ran.stdout.strip() == f"{said} unknown to all"


@pytest.mark.usefixtures("german")
def test_that_the_manual_speaks_it_and_english_where_nobody_has_written_it() -> None:
    for topic in (manual.START, *Step, manual.PROJECT, manual.SETTINGS):
        assert language.help_file(topic).parent.name == "de"
    assert "Seitenleiste" in manual.text_of(manual.START)
    os.environ[LANGUAGE_VARIABLE] = "xx"
    assert "sidebar" in manual.text_of(manual.START)


@pytest.mark.parametrize("odd", ["../de", "xx", "", "deutsch"])
def test_that_a_language_that_is_not_there_is_english(odd: str) -> None:
    assert catalogue(odd) == {}


def test_that_a_language_is_chosen_by_its_own_name_and_kept(
    session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    page = SettingsPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.enter()
    choice = page.findChild(QComboBox, "settings.language")
    assert choice is not None
    assert [choice.itemData(n) for n in range(choice.count())] == list(
        Settings.model_fields["language"].annotation.__args__
    )
    choice.setCurrentIndex(choice.findText("Deutsch"))
    choice.activated.emit(choice.currentIndex())
    assert load_settings().language == "de"


def test_that_the_catalogue_is_sorted_so_that_changes_can_be_read(code: str) -> None:
    written = json.loads(resource_path("i18n", f"{code}.json").read_text(encoding="utf-8"))
    assert list(written) == sorted(written)
