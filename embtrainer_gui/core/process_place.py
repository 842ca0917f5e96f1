"""Where this process stands among those that train one run together, as torchrun tells it in the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass

VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")


@dataclass(frozen=True, slots=True)
class Place:
    """Process ``rank`` of ``size``; on this machine it is ``local_rank`` of ``local_size``."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that writes the run's files and tells how it goes."""
        return self.rank == 0


def process_place() -> Place:
    """A process that torchrun did not start trains alone."""
    try:
        return Place(*(int(os.environ[name]) for name in VARIABLES))
    except (KeyError, ValueError):
        return Place()


def shared_threads(threads: int) -> int:
    """The part of ``threads`` (0: all processors but one) that is for this process; 0 where it trains alone and the
    libraries may choose."""
    place = process_place()
    if place.local_size == 1:
        return threads
    return max(1, (threads or (os.cpu_count() or 2) - 1) // place.local_size)
