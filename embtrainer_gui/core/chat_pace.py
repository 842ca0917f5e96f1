"""How many requests a server gets at once: tried out while the work goes on.

Additive and multiplicative steps as in congestion control (Jacobson 1988, Chiu and Jain 1989), steered by throughput:
by Little's law ``n`` requests in flight that take ``L`` seconds each are ``n / L`` a second. More are sent as long as
that grows; a step that brings nothing is taken back; a server that says "too many" gets half.
"""

from __future__ import annotations

import math
from typing import Literal

RAMP = 4.0  # the factor of a step while throughput grows with what is in flight
FIRST_RAMP = 8.0
PROBE = 1.5  # the factor of a step later on
LINEAR = 0.7  # of the growth of what is in flight: so much growth of throughput is "all of it"
WORTH = 0.5  # so much makes a probe worth keeping
FREE = 0.97  # of the throughput that must be left with fewer in flight: those waited in vain
LONGEST_HOLD = 32  # generations between two probes that brought nothing


class Pace:
    """``limit`` is how many may be in flight now: ``fixed``, or between 1 and ``most`` as the server takes them.

    ``patience`` is the deadline of one request in seconds: a step is not taken where a server that only queues what
    it gets would use up half of it.
    """

    def __init__(self, fixed: int = 0, most: int = 64, start: int = 2, patience: float = math.inf) -> None:
        self.patience = patience
        self._fixed, self._most = fixed, most
        self._limit = fixed or min(start, most)
        self._level = 0  # what was sent before the last change of the limit tells nothing about it
        self._samples: list[tuple[float, float]] = []  # (seconds, work) of this level's replies, as they came
        self._kept: tuple[int, float] | None = None  # the limit before the step that is tried out, its throughput
        self._ramp = FIRST_RAMP
        self._hold, self._held = 1, 0  # generations to wait before the next probe, and waited so far
        self._way: Literal["only up", "up", "down"] = "only up"  # of the next probe
        self._ceiling = most  # where the server refused; climbed to by small steps

    @property
    def limit(self) -> int:
        return self._limit

    def sent(self) -> int:
        """A request goes out: its level, to be given back with its end."""
        return self._level

    def took(self, level: int, seconds: float, tokens: int | None) -> None:
        """A reply came. ``tokens`` of it measure the work, where they are known: long answers take longer."""
        if self._fixed or level != self._level:
            return
        self._samples.append((max(seconds, 1e-6), float(tokens or 1)))
        if len(self._samples) >= max(self._limit, 2):
            self._judge()

    def too_many(self, level: int) -> None:
        """The server refused or lost a request because it has too much to do: half of it, once for what it had."""
        if self._fixed or level != self._level:
            return
        self._ceiling = max(1, self._limit - 1)
        self._ramp, self._kept, self._hold = 0.0, None, min(self._hold * 2, LONGEST_HOLD)
        self._go_to(max(1, self._limit // 2))

    def _judge(self) -> None:
        """A generation is complete: keep or take back the last step, then take the next."""
        late = self._samples[min(len(self._samples) // 2, len(self._samples) - 2) :]
        seconds = sum(sample[0] for sample in late) / len(late)
        throughput = self._limit * sum(work / seconds for seconds, work in late) / len(late)
        self._samples.clear()
        if self._kept is None or self._keeps_step(*self._kept, throughput):
            self._step(throughput, seconds)

    def _keeps_step(self, before: int, old: float, throughput: float) -> bool:
        """Whether the step from ``before``, with its throughput ``old``, is kept; else it was taken back here."""
        self._kept = None
        step, growth = self._limit / before, throughput / old
        if self._ramp:
            if growth >= LINEAR * step:
                return True
            self._ramp, self._way = 0.0, "down"
            self._go_to(min(self._limit, max(before, math.ceil(1.5 * before * growth))))  # the knee lies between
            return False
        if growth >= (1 + WORTH * (step - 1) if step > 1 else FREE):
            self._hold = 1
            return True
        self._hold = min(self._hold * 2, LONGEST_HOLD)
        if self._way != "only up":
            self._way = "down" if self._way == "up" else "up"
        self._go_to(before)
        return False

    def _step(self, throughput: float, seconds: float) -> None:
        """Try out more, or fewer where some were seen to wait in vain."""
        if not self._ramp and self._limit < self._ceiling < self._most:
            self._go_to(min(self._ceiling, self._limit + max(1, self._limit // 8)))
            return
        self._held += 1
        wanted = self._limit
        if self._ramp:
            wanted = math.ceil(self._limit * self._ramp)
            self._ramp = RAMP
        elif self._held >= self._hold:
            wanted = max(1, int(self._limit / PROBE)) if self._way == "down" else math.ceil(self._limit * PROBE)
        bearable = self._limit * self.patience / 2 / seconds
        wanted = min(wanted, self._most, max(self._limit, int(min(bearable, self._most))))
        if wanted != self._limit:
            self._kept = (self._limit, throughput)
            self._go_to(wanted)

    def _go_to(self, limit: int) -> None:
        self._held = 0
        if limit != self._limit:
            self._limit = limit
            self._level += 1
        self._samples.clear()
