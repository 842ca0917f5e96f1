"""Where the numbers of a chart stand, and the lowest and highest of each stretch of a curve."""

from __future__ import annotations

from array import array
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from embtrainer_gui.gui.format import THIN_SPACE
from embtrainer_gui.gui.models.curve import Curve
from embtrainer_gui.gui.models.extremes import Extremes
from embtrainer_gui.gui.models.run_history import Axis
from embtrainer_gui.gui.widgets.chart_axis import ChartAxis, HeightAxis, LengthAxis


def said(axis: ChartAxis, low: float, high: float, size: int = 300) -> list[str]:
    """The numbers on ``size`` px of an axis."""
    return [
        text for spacing, values in axis.tickValues(low, high, size) for text in axis.tickStrings(values, 1.0, spacing)
    ]


@pytest.mark.parametrize(
    ("kind", "low", "high", "numbers"),
    [
        ("steps", 0, 1.2, ["0", "1"]),
        ("steps", -4, 204, ["0", "50", "100", "150", "200"]),
        ("steps", -10, 10_400, ["0", *(f"{number}{THIN_SPACE}000" for number in (2, 4, 6, 8, 10))]),
        ("epochs", -0.1, 3.3, ["0", "1", "2", "3"]),
        ("epochs", -0.04, 2.04, ["0", "0.5", "1.0", "1.5", "2.0"]),
        ("seconds", 0, 50, ["0", "10 s", "20 s", "30 s", "40 s", "50 s"]),
        ("seconds", -5, 410, ["0", "2 min", "4 min", "6 min"]),
        ("seconds", 0, 4 * 3600, ["0", "1 h", "2 h", "3 h", "4 h"]),
        ("seconds", 0, 20 * 86400, ["0", "144 h", "288 h", "432 h"]),
    ],
)
def test_that_the_numbers_along_a_chart_are_round(
    qapp: QApplication, kind: Axis, low: float, high: float, numbers: list[str]
) -> None:
    axis = LengthAxis()
    axis.set_kind(kind)
    assert said(axis, low, high) == numbers


@pytest.mark.parametrize(
    ("low", "high", "numbers"),
    [
        (-1.05, 0.4, ["0.1", "0.2", "0.5", "1", "2"]),
        (-4.1, 0.1, ["0.0001", "0.001", "0.01", "0.1", "1"]),
        (0.3, 0.45, ["2", "2.2", "2.4", "2.6", "2.8"]),
    ],
)
def test_that_a_log_scale_has_few_round_numbers(
    qapp: QApplication, low: float, high: float, numbers: list[str]
) -> None:
    axis = HeightAxis()
    axis.setLogMode(False, True)
    assert said(axis, low, high, 150) == numbers


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(60, 2000))
def test_that_the_numbers_have_room(qapp: QApplication, low: float, span: float, size: int) -> None:
    axis = LengthAxis()
    for kind in get_args(Axis):
        axis.set_kind(kind)
        assert len(said(axis, low, low + span, size)) <= max(8, size / 40)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.data())
def test_that_blocks_know_the_lowest_and_highest_of_their_values(values: list[float], data: st.DataObject) -> None:
    kept = array("d")
    extremes = Extremes(kept)
    cut_at = data.draw(st.integers(0, len(values)))
    for value in values[:cut_at]:
        kept.append(value)
        extremes.grown()
    del kept[data.draw(st.integers(0, len(kept))) :]
    extremes.cut()
    for value in values:
        kept.append(value)
        extremes.grown()
    first = data.draw(st.integers(0, len(kept) - 1))
    last = data.draw(st.integers(first + 1, len(kept)))
    size, lows, highs = extremes.blocks(first, last, 32)
    begin = first // size * size
    blocks = [kept[start : min(start + size, last)] for start in range(begin, last, size)]
    assert lows == [min(block) for block in blocks]
    assert highs == [max(block) for block in blocks]
    assert len(blocks) <= 32 + 2


def test_that_what_was_taken_away_is_no_extreme_any_more() -> None:
    kept = array("d")
    extremes = Extremes(kept)
    for value in [*range(100), *range(900, 1000)]:
        kept.append(value)
        extremes.grown()
    del kept[100:]
    extremes.cut()
    for value in range(100, 200):
        kept.append(value)
        extremes.grown()
    assert extremes.blocks(0, 200, 32) == (8, [*range(0, 200, 8)], [*range(7, 200, 8)])


def test_that_stretches_stay_where_they_are_while_a_curve_grows() -> None:
    x, y = array("d"), array("d")
    extremes = Extremes(y)
    curve = Curve(x, y, extremes=extremes)
    before: list[float] = []
    for number in range(5000):
        x.append(number)
        y.append(number % 13)
        extremes.grown()
        if number == 4500:
            before, _ = curve.points(0, 1e9, 100)
    after, _ = curve.points(0, 1e9, 100)
    assert after[: len(before)] == before


@pytest.mark.parametrize("count", [801, 1000, 1599, 1601, 50_000])
def test_that_a_stretch_is_no_wider_than_a_pixel(count: int) -> None:
    x, y = array("d", range(count)), array("d")
    extremes = Extremes(y)
    for number in range(count):
        y.append(number % 13)
        extremes.grown()
    pixels = 400
    xs, _ = Curve(x, y, extremes=extremes).points(0, count, 2 * pixels)
    assert max(later - sooner for sooner, later in pairwise(xs)) <= count / pixels
    assert len(xs) <= 4 * pixels + 4
