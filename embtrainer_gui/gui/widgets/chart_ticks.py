"""Where the numbers of a chart's axis stand, and how they read."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from embtrainer_gui.gui.format import count, seconds

Tick = tuple[float, str]
"""``(value, text)``."""
MINUTE, HOUR = 60, 3600
TIME_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(MINUTE * number for number in (1, 2, 5, 10, 15, 30)),
    *(HOUR * number for number in (1, 2, 3, 6, 12, 24)),
)
SMALLEST_PLAIN = 1e-3  # smaller steps are written as 5e-05
LOG_MARKS = (1, 2, 5)


def number_ticks(low: float, high: float, most: int) -> list[Tick]:
    """At most ``most`` round values between ``low`` and ``high``, all with as many digits as their step has."""
    step = _round_step((high - low) / max(1, most))
    return [(value, _plain(value, step)) for value in _multiples(low, high, step)]


def whole_ticks(low: float, high: float, most: int) -> list[Tick]:
    """The same for what is counted."""
    step = max(1.0, _round_step((high - low) / max(1, most)))
    return [(value, count(round(value))) for value in _multiples(low, high, step)]


def time_ticks(low: float, high: float, most: int) -> list[Tick]:
    """The same for seconds: whole ones, minutes or hours."""
    wanted = (high - low) / max(1, most)
    days = 24 * HOUR * _round_step(wanted / (24 * HOUR))
    step = next((step for step in TIME_STEPS if step >= wanted), max(days, 24 * HOUR))
    return [(value, seconds(value) if value else "0") for value in _multiples(low, high, step)]


def log_ticks(low: float, high: float, most: int) -> list[Tick]:
    """For an axis of powers of ten, whose ends and values are exponents: 1, 2, 5, 10 ..., or powers of ten only."""
    for marks in (LOG_MARKS, LOG_MARKS[:1]):
        values = [mark * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for mark in marks]
        inside = [value for value in values if low <= math.log10(value) <= high]
        if len(inside) <= most:
            break
    every = -(-len(inside) // max(1, most)) or 1
    return [(math.log10(value), f"{value:g}") for value in inside[::every]]


TickMaker = Callable[[float, float, int], Sequence[Tick]]


def _round_step(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is at least ``least``."""
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def _plain(value: float, step: float) -> str:
    if step < SMALLEST_PLAIN:
        return f"{value:.0e}" if abs(value) > step / 2 else "0"
    return f"{value:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"
