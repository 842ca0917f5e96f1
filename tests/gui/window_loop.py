"""The window's own event loop in tests: it runs only while a test waits on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import qasync

SECONDS = 20


def run_until(loop: qasync.QEventLoop, is_so: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Let the window work until ``is_so``; TimeoutError after ``seconds``."""

    async def wait() -> None:
        async with asyncio.timeout(seconds):
            while not is_so():
                await asyncio.sleep(0.01)

    loop.run_until_complete(wait())
