"""Short requests on the window's loop: owned, cancelled, gathered."""

from __future__ import annotations

import asyncio
from typing import Any

import qasync
from PySide6.QtWidgets import QApplication

from embtrainer_gui.core.errors import AppError, EnvironmentProblem
from embtrainer_gui.gui.async_tasks import AsyncTasks


def test_that_results_problems_and_bugs_go_where_they_belong(qapp: QApplication) -> None:
    done: list[Any] = []
    problems: list[AppError] = []
    bugs: list[BaseException] = []
    refused = EnvironmentProblem("refused")

    async def answer() -> int:
        await asyncio.sleep(0)
        return 4

    async def refuse() -> int:
        raise refused

    async def fail() -> int:
        raise ValueError("bug")

    async def main() -> None:
        tasks = AsyncTasks(bugs.append)
        for work in (answer(), refuse(), fail()):
            tasks.start(work, done.append, problems.append)
        while tasks.count:
            await asyncio.sleep(0.01)

    loop = qasync.QEventLoop(qapp)
    with loop:
        loop.run_until_complete(main())
    assert (done, problems) == ([4], [refused])
    assert [str(bug) for bug in bugs] == ["bug"]


def test_that_closing_cancels_all_and_lets_nothing_begin(qapp: QApplication) -> None:
    ended: list[str] = []
    done: list[Any] = []

    async def wait() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return "late"

    async def main() -> int:
        tasks = AsyncTasks(lambda bug: None)
        tasks.start(wait(), done.append)
        taken_back = tasks.start(wait(), done.append)
        await asyncio.sleep(0.01)
        assert taken_back is not None
        taken_back.cancel()
        await tasks.close()
        assert tasks.start(wait(), done.append) is None
        return tasks.count

    loop = qasync.QEventLoop(qapp)
    with loop:
        assert loop.run_until_complete(main()) == 0
    assert (ended, done) == (["cancelled", "cancelled"], [])
