"""Lowest and highest value of every stretch of a long column, kept while it grows: a chart asks for as many as it has
pixels, and no redraw walks over all points. No Qt, no numpy."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

SMALLEST = 2  # values of a block of the lowest level; those of each next level are twice as long


@dataclass(slots=True)
class _Level:
    size: int
    lows: array[float] = field(default_factory=lambda: array("d"))
    highs: array[float] = field(default_factory=lambda: array("d"))


class Extremes:
    """Of ``values``, which its owner changes: it calls ``grown`` after each value more, ``cut`` after some went."""

    def __init__(self, values: array[float]) -> None:
        self._values = values
        self._levels: list[_Level] = []

    def grown(self) -> None:
        count, size, number = len(self._values), SMALLEST, 0
        while count % size == 0:
            if number == len(self._levels):
                self._levels.append(_Level(size))
            self._close(number, count)
            size, number = size * 2, number + 1

    def cut(self) -> None:
        count = len(self._values)
        for level in self._levels:
            del level.lows[count // level.size :], level.highs[count // level.size :]

    def blocks(self, first: int, last: int, most: int) -> tuple[int, list[float], list[float]]:
        """``(size, lows, highs)``: at most ``most`` and a few blocks (``most`` at least ``2 * SMALLEST``) of ``size``
        values that cover those from ``first`` to before ``last``, the first of them at a multiple of ``size``.
        Where there are no more values than that, ``size`` is 1, and lows and highs are the values themselves."""
        if last - first <= most:
            values = list(self._values[first:last])
            return 1, values, values
        level = next(level for level in self._levels if (last - first) / level.size <= most)
        begin, end = first // level.size, last // level.size
        lows, highs = list(level.lows[begin:end]), list(level.highs[begin:end])
        rest = self._values[end * level.size : last]
        if rest:
            lows.append(min(rest))
            highs.append(max(rest))
        return level.size, lows, highs

    def _close(self, number: int, count: int) -> None:
        """Add the block that ends before value ``count``, from its two halves."""
        level = self._levels[number]
        if number == 0:
            block = self._values[count - level.size : count]
            low, high = min(block), max(block)
        else:
            below, place = self._levels[number - 1], 2 * (count // level.size) - 2
            low, high = min(below.lows[place : place + 2]), max(below.highs[place : place + 2])
        level.lows.append(low)
        level.highs.append(high)
