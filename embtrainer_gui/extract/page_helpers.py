"""A long scan for several children: an idle one recognises its last pages while another one does the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.extract.page_range import pages_of
from embtrainer_gui.extract.pool_child import PoolChild, Task


class PageHelpers:
    """Chooses the pages; each is given away once."""

    def __init__(self, config: ImportConfig) -> None:
        self._config = config
        self._given: dict[Path, set[int]] = defaultdict(set)

    def next_task(self, children: Iterable[PoolChild]) -> Task | None:
        """A page of a file of which a page was recognised already, from its end; None where nothing is worth it."""
        for child in children:
            task = child.tasks[0] if child.tasks else None
            if task is None or task.helps or not child.recognised:
                continue
            given = self._given[task.path]
            known = {read.page for read in task.order.known} | given
            wanted = pages_of(task.order.pages or self._config.pages, child.pages)
            last = wanted[: task.last_page or self._config.max_pages]
            page = next((number for number in reversed(last) if number > child.page + 1 and number not in known), None)
            if page is not None:
                given.add(page)
                return replace(task, helps=True, order=replace(task.order, pages=str(page), known=()))
        return None
