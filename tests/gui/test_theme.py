"""Colours can be read on every surface, icons follow the theme, and nothing is coloured outside the tokens."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, qInstallMessageHandler
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.settings import resource_path
from embtrainer_gui.gui import theme

THEMES = ("light", "dark")
SURFACES = ("bg", "surface", "raised", "accent-soft")
LEAST_CONTRAST = 4.5
NAMED = """
papers questions review train compare search export settings help add remove retry folder play pause stop check cross
clock lock warning info undo redo pin edit copy link up down left right more close sun moon eye filter table cards
zoom-in zoom-out download spinner circle
""".split()


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    theme.set_up(qapp, "light")
    yield qapp
    theme.choose("light")


def luminance(color: str) -> float:
    """As WCAG 2 has it."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    paint = QColor(color)
    return 0.2126 * linear(paint.redF()) + 0.7152 * linear(paint.greenF()) + 0.0722 * linear(paint.blueF())


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("text", ["text", "text-2"])
def test_that_text_can_be_read_on_every_surface(name: str, surface: str, text: str) -> None:
    tokens = theme.tokens(name)
    assert contrast(tokens[text], tokens[surface]) >= LEAST_CONTRAST


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("surface", ["bg", "surface", "raised"])
@pytest.mark.parametrize("word", ["good", "warn", "bad"])
def test_that_words_of_a_state_can_be_read(name: str, surface: str, word: str) -> None:
    tokens = theme.tokens(name)
    assert contrast(tokens[word], tokens[surface]) >= LEAST_CONTRAST


@pytest.mark.parametrize("name", THEMES)
def test_that_the_filled_button_can_be_read(name: str) -> None:
    tokens = theme.tokens(name)
    assert contrast(tokens["on-accent"], tokens["accent"]) >= LEAST_CONTRAST


def test_that_both_themes_have_the_same_tokens() -> None:
    assert set(theme.tokens("light")) == set(theme.tokens("dark"))


@pytest.mark.parametrize("name", THEMES)
def test_that_the_template_is_filled_and_holds_no_colour_of_its_own(name: str) -> None:
    template = resource_path("qss", "window.qss").read_text(encoding="utf-8")
    assert not re.search(r"#[0-9A-Fa-f]{3,8}\b", template)
    assert "@" not in theme.style_sheet(name)


@pytest.mark.parametrize("name", THEMES)
def test_that_the_drawn_arrows_have_colours_of_the_theme(name: str) -> None:
    paints = set(theme.tokens(name).values())
    for path in resource_path("qss", name).glob("*.svg"):
        assert set(re.findall(r"#[0-9A-F]{6}", path.read_text(encoding="utf-8"))) <= paints, path.name


@pytest.mark.parametrize("name", NAMED)
def test_that_an_icon_is_drawn_on_the_grid_with_one_stroke(name: str) -> None:
    drawing = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    assert 'viewBox="0 0 18 18"' in drawing
    assert re.findall(r'stroke-width="([^"]+)"', drawing) == ["1.5"]
    assert 'stroke="currentColor"' in drawing


def test_that_an_icon_takes_the_colour_of_the_theme_that_is_shown(dressed: QApplication, qtbot: QtBot) -> None:
    button = QPushButton()
    button.setIcon(theme.icon("stop", "text"))
    button.setIconSize(QSize(18, 18))
    qtbot.addWidget(button)
    assert colours_of(button) == {theme.tokens("light")["text"]}
    theme.choose("dark")
    assert colours_of(button) == {theme.tokens("dark")["text"]}


def colours_of(button: QPushButton) -> set[str]:
    image = button.icon().pixmap(QSize(18, 18)).toImage()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {pixel.name().upper() for pixel in pixels if pixel.alpha() == 255}


def test_that_a_switch_is_told_once_and_palette_and_sheet_follow(dressed: QApplication, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme.changes().changed):
        theme.choose("dark")
    assert theme.is_dark()
    assert dressed.palette().window().color() == theme.color("bg") == QColor("#16181D")
    assert theme.tokens("dark")["surface"] in dressed.styleSheet()
    with qtbot.assertNotEmitted(theme.changes().changed):
        theme.choose("dark")


def test_that_the_tokens_are_those_of_the_design() -> None:
    light = json.loads(resource_path("qss", "light.json").read_text(encoding="utf-8"))
    assert (light["bg"], light["accent"], light["warn"]) == ("#F7F8FA", "#2F6FED", "#935700")


def test_that_the_sheet_is_read_wherever_the_program_lies(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / 'Programme für (alle), "neu"'
    shutil.copytree(resource_path("qss"), place)
    monkeypatch.setattr(theme, "resource_path", lambda _, *parts: place.joinpath(*parts))
    said: list[str] = []
    before = qInstallMessageHandler(lambda kind, where, text: said.append(text))
    box = QCheckBox()
    qtbot.addWidget(box)
    try:
        box.setStyleSheet(theme.style_sheet("light"))
        box.setChecked(True)
        box.grab()
    finally:
        qInstallMessageHandler(before)
    assert said == []
