"""The axes of a chart: those of pyqtgraph, with few lines and with numbers as this program writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pyqtgraph import AxisItem
from PySide6.QtCore import QRectF

from embtrainer_gui.gui.format import count, seconds
from embtrainer_gui.gui.models.run_history import Axis

MINUTE, HOUR, DAY = 60, 3600, 86400
TIME_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(MINUTE * number for number in (1, 2, 5, 10, 15, 30)),
    *(HOUR * number for number in (1, 2, 3, 6, 12, 24)),
)
LOG_MARKS = (1, 2, 5)
BEHIND = -1000  # the curves
ROOM_X, ROOM_Y = 16, 8  # px beyond its ends for the half of a number
OPAQUE = 255  # see-through lines take most of the time of a redraw

Levels = list[tuple[Any, list[float]]]
"""``(spacing, values)`` of one kind of ticks each; there is one kind here."""


class ChartAxis(AxisItem):  # type: ignore[misc]
    """Leaves the mouse to the chart, and to whoever scrolls it."""

    def __init__(self, side: str, density: float) -> None:
        super().__init__(side, maxTickLength=0)
        self.setStyle(maxTickLevel=0, maxTextLevel=0, tickAlpha=OPAQUE, autoExpandTextSpace=False)
        self.setTickDensity(density)
        self.enableAutoSIPrefix(False)
        self.setZValue(BEHIND)
        self._blank = False

    def set_blank(self, blank: bool) -> None:
        """A line only, where there is nothing to measure."""
        if blank != self._blank:
            self._blank = blank
            self.setTicks([] if blank else None)

    def boundingRect(self) -> QRectF:  # noqa: N802
        """pyqtgraph leaves out what does not lie inside."""
        rect: QRectF = super().boundingRect()
        return rect.adjusted(-ROOM_X, -ROOM_Y, ROOM_X, ROOM_Y)

    def wheelEvent(self, ev: Any) -> None:  # noqa: N802
        ev.ignore()

    def mouseDragEvent(self, ev: Any) -> None:  # noqa: N802
        ev.ignore()


class HeightAxis(ChartAxis):
    """Up the chart, with a line across it at each number; ``setLogMode`` for values that are powers of ten."""

    def __init__(self) -> None:
        super().__init__("left", density=1.5)
        self.setGrid(OPAQUE)

    def logTickValues(self, minVal: float, maxVal: float, size: float, stdTicks: Levels) -> Levels:  # noqa: N802, N803
        """1, 2, 5, 10 ..., or powers of ten only where there are many; less than a decade is like a plain axis.
        pyqtgraph's own 1 to 9 run into each other."""
        whole = [level for level in stdTicks if level[0] >= 1]
        if whole:
            return whole
        if maxVal - minVal >= 1:
            powers = range(math.floor(minVal), math.ceil(maxVal) + 1)
            values = [mark * 10.0**power for power in powers for mark in LOG_MARKS]
        else:
            step, _ = self.tickSpacing(10**minVal, 10**maxVal, size)[0]
            values = [step * number for number in range(1, math.floor(10**maxVal / step) + 1)]
        return [(None, [math.log10(value) for value in values if minVal <= math.log10(value) <= maxVal])]

    def logTickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        return [f"{10**value:g}" for value in values]


class LengthAxis(ChartAxis):
    """Along the chart: whole steps, passes, or seconds as minutes and hours."""

    def __init__(self) -> None:
        super().__init__("bottom", density=1.3)
        self._kind: Axis = "steps"

    def set_kind(self, kind: Axis) -> None:
        self._kind = kind
        self.picture = None
        self.update()

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:  # noqa: N802, N803
        return [(self._round(spacing), offset) for spacing, offset in super().tickSpacing(minVal, maxVal, size)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        if self._kind == "steps":
            return [count(round(value)) for value in values]
        if self._kind == "seconds":
            return [seconds(value) if value else "0" for value in values]
        strings: list[str] = super().tickStrings(values, scale, spacing)
        return strings

    def _round(self, spacing: float) -> float:
        if self._kind == "steps":
            return max(1.0, spacing)
        if self._kind == "seconds":
            return next((step for step in TIME_STEPS if step >= spacing), DAY * math.ceil(spacing / DAY))
        return spacing
