"""Texts of papers and figures in a Markdown report."""

from __future__ import annotations

import pytest

from embtrainer_gui.export.comparison_markdown import plain


@pytest.mark.parametrize("figure", ["0.767 (0.731 to 0.820)", "+0.050", "−0.025", "-0.1", "12"])
def test_that_figures_stand_as_they_are(figure: str) -> None:
    assert plain(figure) == figure


@pytest.mark.parametrize(
    ("text", "shown"),
    [("- a", r"\- a"), ("+ a", r"\+ a"), ("1. a", r"1\. a"), ("12)", r"12\)"), ("---", r"\---"), ("== a", r"\== a")],
)
def test_that_what_would_begin_a_list_or_a_line_is_escaped(text: str, shown: str) -> None:
    assert plain(text) == shown
