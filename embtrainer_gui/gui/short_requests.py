"""Short requests on the window's own loop: tasks that are owned, cancelled and gathered before the loop stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from embtrainer_gui.core.errors import AppError

Result = TypeVar("Result")


class ShortRequests:
    """Every coroutine of the window goes through here, so that none is lost and none outlives the loop.

    An exception that is no error of ours goes to the loop's exception handler, as those of its callbacks do.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        return len(self._tasks)

    def start(
        self,
        coroutine: Coroutine[Any, Any, Result],
        on_done: Callable[[Result], None],
        on_problem: Callable[[AppError], None],
    ) -> asyncio.Task[None]:
        """Run ``coroutine`` on the window's loop; one callback comes on the GUI thread, none after ``cancel()`` of the
        task that is returned."""
        loop = asyncio.get_event_loop()
        task = loop.create_task(self._run(coroutine, on_done, on_problem))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(
        self,
        coroutine: Coroutine[Any, Any, Result],
        on_done: Callable[[Result], None],
        on_problem: Callable[[AppError], None],
    ) -> None:
        try:
            on_done(await coroutine)
        except AppError as problem:
            on_problem(problem)
        except Exception as bug:  # noqa: BLE001 - a task that fails unseen helps nobody
            context = {"message": "A short request failed", "exception": bug}
            asyncio.get_running_loop().call_exception_handler(context)

    async def end(self) -> None:
        """Cancel all and wait for them; before the loop stops."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


requests = ShortRequests()
"""Those of the window."""
