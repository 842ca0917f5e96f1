"""Where the numbers of a chart stand, and the lowest and highest of each stretch of a curve."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embtrainer_gui.gui.format import THIN_SPACE
from embtrainer_gui.gui.models.curve import Curve
from embtrainer_gui.gui.models.extremes import Extremes
from embtrainer_gui.gui.widgets.chart_ticks import TickMaker, log_ticks, number_ticks, time_ticks, whole_ticks


@pytest.mark.parametrize(
    ("maker", "low", "high", "said"),
    [
        (number_ticks, 0.48, 0.71, ["0.50", "0.55", "0.60", "0.65", "0.70"]),
        (number_ticks, -0.1, 3.3, ["0", "1", "2", "3"]),
        (number_ticks, 0.0, 5.2e-5, ["0", "2e-05", "4e-05"]),
        (whole_ticks, 0, 1.2, ["0", "1"]),
        (whole_ticks, -10, 10_400, ["0", f"5{THIN_SPACE}000", f"10{THIN_SPACE}000"]),
        (time_ticks, 0, 50, ["0", "10 s", "20 s", "30 s", "40 s", "50 s"]),
        (time_ticks, -5, 410, ["0", "2 min", "4 min", "6 min"]),
        (time_ticks, 0, 4 * 3600, ["0", "1 h", "2 h", "3 h", "4 h"]),
        (time_ticks, 0, 2 * 86400, ["0", "12 h", "24 h", "36 h", "48 h"]),
        (log_ticks, -1.05, 0.4, ["0.1", "0.2", "0.5", "1", "2"]),
        (log_ticks, -4.1, 0.1, ["0.0001", "0.001", "0.01", "0.1", "1"]),
    ],
)
def test_that_axes_have_round_numbers(maker: TickMaker, low: float, high: float, said: list[str]) -> None:
    assert [text for _, text in maker(low, high, 5)] == said


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(2, 12))
def test_that_ticks_lie_inside_and_are_few(low: float, span: float, most: int) -> None:
    for maker in (number_ticks, whole_ticks, time_ticks):
        ticks = maker(low, low + span, most)
        assert len(ticks) <= most + 1
        slack = 1e-8 * max(1.0, abs(low) + span)
        assert all(low - slack <= value <= low + span + slack for value, _ in ticks)


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
    assert extremes.blocks(0, 200, 32) == (16, [*range(0, 200, 16)], [*range(15, 200, 16), 199])


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
