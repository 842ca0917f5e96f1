"""A coroutine in the background of a stage: its results in order, its faults, and its end."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from embtrainer_gui.stages.background import Background, Put


def test_that_results_come_as_they_are_made_and_the_end_is_told() -> None:
    async def work(put: Put[int]) -> None:
        for number in range(3):
            put(number)
            await asyncio.sleep(0.01)

    found = []
    with Background(work) as background:
        while not background.ended:
            found += background.items(0.1)
    assert found == [0, 1, 2]
    assert background.items() == []


def test_that_a_bug_is_raised_where_the_results_are_taken() -> None:
    async def work(put: Put[int]) -> None:
        put(1)
        raise ValueError("bug")

    with Background(work) as background:
        time.sleep(0.05)
        with pytest.raises(ValueError, match="bug"):
            background.items(1)
        assert background.ended


def test_that_leaving_cancels_it_at_once_and_leaves_no_thread() -> None:
    cleaned = threading.Event()

    async def work(put: Put[int]) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.set()

    before, start = threading.active_count(), time.monotonic()
    with Background(work):
        time.sleep(0.05)
    assert time.monotonic() - start < 1
    assert cleaned.is_set()
    assert threading.active_count() == before
