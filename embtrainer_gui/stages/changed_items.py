"""Tells the window that rows of a table changed, once a second at most: it reads them again each time."""

from __future__ import annotations

import time

from embtrainer_gui.stages.context import JobContext

SECONDS = 1.0


class ChangedItems:
    def __init__(self, ctx: JobContext, table: str) -> None:
        self._ctx, self._table = ctx, table
        self._count, self._last = 0, time.monotonic()

    def add(self, count: int) -> None:
        self._count += count
        if time.monotonic() - self._last >= SECONDS:
            self.tell()

    def tell(self) -> None:
        """Now, where there is anything to tell."""
        if self._count:
            self._ctx.items_changed(self._table, self._count)
        self._count, self._last = 0, time.monotonic()
