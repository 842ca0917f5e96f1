"""Page ranges: what is taken, and that a wrong one says what is wrong with it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from embtrainer_gui.core.config import ImportConfig


@pytest.mark.parametrize(
    ("written", "kept"), [("", ""), ("  ", ""), ("4", "4"), ("1 - 5 ,8", "1-5,8"), ("3-", "3-"), ("007", "7")]
)
def test_that_a_range_is_kept_without_its_spaces(written: str, kept: str) -> None:
    assert ImportConfig(pages=written).pages == kept


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("5-3", "'5-3' runs backwards: write 3-5"),
        ("1,0-4", "'0-4': pages count from 1"),
        ("1,,2", "A page is missing beside a comma"),
        ("1-2-3", "'1-2-3' names no pages: write 4, 1-5 or 3-"),
        ("-4", "'-4' names no pages"),
        ("two", "'two' names no pages"),
        ("99999999", "names no pages"),
        ("2-1000001", "no file has so many pages"),
    ],
)
def test_that_a_wrong_range_is_refused_by_name(written: str, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        ImportConfig(pages=written)
