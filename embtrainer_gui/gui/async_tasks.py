"""Short requests on the window's own loop: tasks that are owned, cancelled and gathered before the loop stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from embtrainer_gui.core.errors import AppError

Result = TypeVar("Result")


class AsyncTasks:
    """Every coroutine of the window goes through here, so that none is lost and none outlives the loop.

    Args:
        on_bug: told about an exception that is no error of ours.
    """

    def __init__(self, on_bug: Callable[[BaseException], None]) -> None:
        self._on_bug = on_bug
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def count(self) -> int:
        return len(self._tasks)

    def start(
        self,
        coroutine: Coroutine[Any, Any, Result],
        on_done: Callable[[Result], None] | None = None,
        on_error: Callable[[AppError], None] | None = None,
    ) -> asyncio.Task[None] | None:
        """Run ``coroutine`` on the running loop; the callbacks come on the GUI thread, none after a cancel.

        ``Task.cancel()`` of what is returned takes the request back.
        """
        if self._closed:
            coroutine.close()
            return None
        task = asyncio.ensure_future(self._run(coroutine, on_done, on_error))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(
        self,
        coroutine: Coroutine[Any, Any, Result],
        on_done: Callable[[Result], None] | None,
        on_error: Callable[[AppError], None] | None,
    ) -> None:
        try:
            result = await coroutine
            if on_done is not None:
                on_done(result)
        except AppError as problem:
            if on_error is not None:
                on_error(problem)
        except Exception as bug:  # noqa: BLE001 - a task that fails unseen helps nobody
            self._on_bug(bug)

    async def close(self) -> None:
        """Cancel all and wait for them; call it before the loop stops. Nothing can be started afterwards."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
