"""Figures as people read them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from embtrainer_gui.gui import format as fmt


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0.0 s"),
        (0.42, "0.4 s"),
        (42, "42 s"),
        (59.6, "1 min"),
        (190, "3 min 10 s"),
        (7500, "2 h 5 min"),
        (7199.9, "2 h"),
    ],
)
def test_that_seconds_are_said_in_the_largest_two_units(value: float, shown: str) -> None:
    assert fmt.seconds(value) == shown


def test_that_counts_have_thin_spaces_and_metrics_three_decimals() -> None:
    assert fmt.count(1234567) == "1\u202f234\u202f567"
    assert (fmt.metric(0.6118), fmt.metric(None)) == ("0.612", "–")
    assert (fmt.change(0.113), fmt.change(-0.0304), fmt.change(None)) == ("+0.113", "\u22120.030", "–")


@pytest.mark.parametrize(
    ("number", "shown"),
    [(512, "512 bytes"), (9_200, "9 kB"), (2_710_000, "2.7 MB"), (12e6, "12 MB"), (6.1e9, "6.1 GB")],
)
def test_that_sizes_are_short(number: float, shown: str) -> None:
    assert fmt.size(number) == shown


def test_that_dates_are_those_of_the_place_and_rubbish_is_nothing(in_utc: None) -> None:
    year = time.localtime().tm_year
    assert fmt.date(f"{year}-11-24T21:40:00.000000Z") == "24 Nov, 21:40"
    assert fmt.date("2019-03-02T09:00:00Z") == "2 Mar 2019"
    assert fmt.date("yesterday") == ""
