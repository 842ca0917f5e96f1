"""A curve of a chart, and the few of its points that a chart of some width can show. No Qt, no numpy."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from embtrainer_gui.gui.models.extremes import Extremes


@dataclass(frozen=True, slots=True)
class Curve:
    """``x`` (rising) and ``y`` (n,) may grow between two paints. Where there are more points than pixels, the lowest
    and the highest ``y`` of each stretch are drawn if ``extremes`` knows them, else every so many-th point: enough for
    a smooth curve. ``token`` is its colour."""

    x: Sequence[float]
    y: Sequence[float]
    token: str = "accent"
    faint: bool = False
    wide: bool = False
    dashed: bool = False
    dots: bool = False
    extremes: Extremes | None = None

    def points(self, low: float, high: float, most: int) -> tuple[list[float], list[float]]:
        """x and y of what is to be drawn between ``low`` and ``high`` along x, and of the next points outside: at most
        ``most`` points and a few, or two for each of so many stretches. The stretches stay where they are while the
        curve grows, so that nothing flickers."""
        first = max(0, bisect_left(self.x, low) - 1)
        last = min(len(self.x), bisect_right(self.x, high) + 1)
        if last - first <= most:
            return list(self.x[first:last]), list(self.y[first:last])
        if self.extremes is None:
            return self._every(first, last, most)
        size, lows, highs = self.extremes.blocks(first, last, most)
        begins = self.x[first // size * size : last : size]
        xs = [x for x in begins for _ in range(2)]
        ys = [y for pair in zip(lows, highs, strict=True) for y in pair]
        return xs, ys

    def _every(self, first: int, last: int, most: int) -> tuple[list[float], list[float]]:
        stride = 1
        while stride * most < last - first:
            stride *= 2
        start = first // stride * stride
        xs, ys = list(self.x[start:last:stride]), list(self.y[start:last:stride])
        return [*xs, self.x[last - 1]], [*ys, self.y[last - 1]]
