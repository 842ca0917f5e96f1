"""Keeps a stream of events at a pace that a window can follow."""

from __future__ import annotations

import time
from collections.abc import Iterator

from embtrainer_gui.core.messages import Event, Progress, Status

REPEATED_SECONDS = 0.1  # between two events of progress, or two of status: the newest counts
MOST_PER_SECOND = 400  # of all the others; more than that come at this pace, the rest waits and slows the child


class EventPace:
    """``pass_on`` each event; ``due`` gives what was held back and is due now; ``flush`` gives all of it."""

    def __init__(self) -> None:
        self._held: dict[type[Event], Event] = {}
        self._sent: dict[type[Event], float] = {}
        self._second, self._count = 0, 0

    def pass_on(self, event: Event) -> Iterator[Event]:
        if isinstance(event, Progress | Status):
            self._held[type(event)] = event
            yield from self.due()
            return
        yield from self.flush()
        now = time.monotonic()
        if int(now) != self._second:
            self._second, self._count = int(now), 0
        self._count += 1
        if self._count > MOST_PER_SECOND:
            time.sleep(1 / MOST_PER_SECOND)
        yield event

    def due(self) -> Iterator[Event]:
        now = time.monotonic()
        for kind in list(self._held):
            if now - self._sent.get(kind, 0.0) >= REPEATED_SECONDS:
                self._sent[kind] = now
                yield self._held.pop(kind)

    def flush(self) -> Iterator[Event]:
        """What is held back, before an event that came after it."""
        for kind in list(self._held):
            self._sent[kind] = time.monotonic()
            yield self._held.pop(kind)
