"""Progress of a part told as progress of the whole."""

from __future__ import annotations

from embtrainer_gui.core.report import Reporter, Silent


class PartReporter(Silent):
    """Passes cancelling on to ``whole``, and progress from ``before`` on where a ``total`` is given; nothing else."""

    def __init__(self, whole: Reporter, before: int = 0, total: int | None = None) -> None:
        self._whole, self._before, self._total = whole, before, total

    def progress(self, done: int, total: int, item: str = "") -> None:
        if self._total is not None:
            self._whole.progress(self._before + done, self._total, item)

    def raise_if_cancelled(self) -> None:
        self._whole.raise_if_cancelled()
