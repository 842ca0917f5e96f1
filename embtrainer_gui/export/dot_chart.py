"""Values with their intervals as an SVG drawing that takes its colours from the page it stands in."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape

from embtrainer_gui.export.comparison_content import Chart, Mark

WIDTH, ROW, AXIS, NAME, VALUE = 760, 30, 30, 190, 66
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
MOST_STEPS = 7
LONGEST_NAME = 28


def dot_chart(chart: Chart) -> str:
    """One ``<svg>`` element without scripts; every text is escaped."""
    low, high, step = _span([chart.reference, *(edge for mark in chart.marks for edge in _edges(mark))])
    height = ROW * len(chart.marks) + AXIS

    def x(value: float) -> float:
        return NAME + (value - low) / (high - low) * (WIDTH - NAME - VALUE)

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(_spoken(chart), quote=True)}">',
        *_axis(low, high, step, height, x),
        f'<line class="ref" x1="{x(chart.reference):.1f}" x2="{x(chart.reference):.1f}" y1="0" y2="{height - AXIS}"/>',
    ]
    for number, mark in enumerate(chart.marks):
        y = ROW * (number + 0.5)
        name = mark.name if len(mark.name) <= LONGEST_NAME else mark.name[: LONGEST_NAME - 1] + "…"
        parts.append(f'<text class="name" x="{NAME - 12}" y="{y + 4:.1f}">{escape(name)}</text>')
        if mark.bounds:
            left, right = (x(bound) for bound in mark.bounds)
            parts.append(f'<line class="bar" x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}"/>')
        parts.append(f'<circle cx="{x(mark.value):.1f}" cy="{y}" r="5"/>')
        parts.append(f'<text class="value" x="{WIDTH}" y="{y + 4:.1f}">{_figure(mark.value)}</text>')
    return "".join([*parts, "</svg>"])


def _axis(low: float, high: float, step: float, height: int, x: Callable[[float], float]) -> list[str]:
    digits = 2 if step < 0.1 else 1
    found = []
    for number in range(round((high - low) / step) + 1):
        value = low + number * step
        place = f"{x(value):.1f}"
        found.append(f'<line class="grid" x1="{place}" x2="{place}" y1="0" y2="{height - AXIS}"/>')
        found.append(f'<text class="tick" x="{place}" y="{height - 8}">{_figure(value, digits)}</text>')
    return found


def _span(values: list[float]) -> tuple[float, float, float]:
    low, high = min(values), max(values)
    wide = max(high - low, 0.02)
    step = next((step for step in STEPS if wide / step <= MOST_STEPS - 1), STEPS[-1])
    start = math.floor((low - wide * 0.04) / step) * step
    return start, max(math.ceil((high + wide * 0.04) / step) * step, start + step), step


def _edges(mark: Mark) -> tuple[float, ...]:
    return (mark.value, *(mark.bounds or ()))


def _spoken(chart: Chart) -> str:
    return f"{chart.title}. " + "; ".join(f"{mark.name} {_figure(mark.value)}" for mark in chart.marks)


def _figure(value: float, digits: int = 3) -> str:
    return f"{value + 0.0:.{digits}f}".replace("-", "−")
