"""The passages preview: what is unusual about a passage stands beside its place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.records import BlockKind, Passage
from embtrainer_gui.gui.widgets.passage_list import PassageList

PLAIN = Passage(1, "k", 1, 1, BlockKind.BODY, "Results", 3, "The text.", (), 12, "en")


def said(qtbot: QtBot, passage: Passage) -> tuple[str, str]:
    """What is read out of a passage, and its hint."""
    shown = PassageList()
    qtbot.addWidget(shown)
    shown.resize(400, 200)
    shown.show_passages([passage], frozenset({"body"}))
    shown.show()
    shown.grab()
    index = shown.model().index(0, 0)
    return index.data(Qt.ItemDataRole.AccessibleTextRole), index.data(Qt.ItemDataRole.ToolTipRole) or ""


def test_that_page_section_kind_and_length_are_shown(qtbot: QtBot) -> None:
    assert said(qtbot, PLAIN) == ("page 3  ·  Results  ·  text  ·  12 tokens. The text.", "")


@pytest.mark.parametrize(
    ("changes", "remark", "hint"),
    [
        ({"language": "es"}, "Spanish", "English text only"),
        ({"language": ""}, "", ""),
        ({"marks": "maths"}, "formulas, no questions", "Mostly formulas"),
        ({"marks": "table", "language": "zh"}, "Chinese  ·  table, no questions", "A table or list"),
        ({"kind": BlockKind.CAPTION}, "not searched", "can add passages of this kind"),
    ],
)
def test_that_the_unusual_is_named_and_explained(qtbot: QtBot, changes: dict[str, str], remark: str, hint: str) -> None:
    text, tip = said(qtbot, replace(PLAIN, **changes))  # type: ignore[arg-type]
    assert text.endswith(f"tokens. {remark}. The text." if remark else "tokens. The text.")
    assert hint in tip
    assert bool(tip) == bool(hint)


def test_that_a_chosen_passage_higher_than_the_list_shows_its_head(qtbot: QtBot) -> None:
    shown = PassageList()
    qtbot.addWidget(shown)
    shown.resize(300, 120)
    shown.show_passages([replace(PLAIN, text=f"{number} word " * 80) for number in range(4)], frozenset({"body"}))
    shown.show()
    qtbot.waitUntil(lambda: shown.visualRect(shown.model().index(3, 0)).height() > 120)
    shown.select(2)
    assert shown.visualRect(shown.currentIndex()).top() >= 0
