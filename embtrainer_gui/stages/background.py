"""A coroutine on an event loop in a thread of its own, whose results come out one by one: a stage asks servers with it
while it reads other files itself."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Put = Callable[[Item], None]


class Background(Generic[Item]):
    """A context manager: the coroutine begins when it is entered, and is cancelled and waited for when it is left.

    Args:
        work: is given the function that takes each of its results.
    """

    def __init__(self, work: Callable[[Put[Item]], Coroutine[Any, Any, None]]) -> None:
        self._work = work
        self._items: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)
        self._begun = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._bug: BaseException | None = None
        self.ended = False

    def __enter__(self) -> Background[Item]:
        self._thread.start()
        self._begun.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._task is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()

    def items(self, seconds: float = 0.0) -> list[Item]:
        """What has come by now, after at most ``seconds`` of waiting for the first; raises what the coroutine raised.

        ``ended`` is true once nothing more will come.
        """
        found: list[Item] = []
        with contextlib.suppress(queue.Empty):
            while not self.ended:
                item = self._items.get(timeout=seconds) if seconds and not found else self._items.get_nowait()
                if item is not None:
                    found.append(item)
                    continue
                self.ended = True
                if self._bug is not None:
                    raise self._bug
        return found

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except asyncio.CancelledError:
            pass
        except BaseException as bug:  # noqa: BLE001 - raised where the items are taken
            self._bug = bug
        finally:
            self._begun.set()
            self._items.put(None)

    async def _main(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._begun.set()
        await self._work(self._items.put)
