"""Says for how long nothing has come from the servers that an import asks."""

from __future__ import annotations

import time
from collections.abc import Sequence

from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark

FIRST_SAID = 5.0  # seconds; then after twice as long, and so on
LONGEST_PAUSE = 60.0  # seconds between two of its lines


class ServerWait:
    def __init__(self, reporter: Reporter, hosts: Sequence[str]) -> None:
        self._reporter, self._hosts = reporter, ", ".join(hosts)
        self.came()

    def came(self) -> None:
        """Something came."""
        self._since = time.monotonic()
        self._next = FIRST_SAID

    def look(self) -> None:
        """Say it where it is time to."""
        seconds = time.monotonic() - self._since
        if seconds < self._next:
            return
        self._next = seconds + min(seconds, LONGEST_PAUSE)
        text = mark("Waiting for {host}: nothing has come for {seconds} s.")
        self._reporter.status(text.format(host=self._hosts, seconds=round(seconds)))
