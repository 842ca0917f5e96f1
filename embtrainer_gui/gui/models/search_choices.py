"""What the filters of Search offer, read beside the window: among a million passages that takes a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embtrainer_gui.core.store.reader import ProjectReader
from embtrainer_gui.core.store.search_scope import PaperChoice


@dataclass(frozen=True, slots=True)
class SearchChoices:
    papers: Sequence[PaperChoice]
    sections: Sequence[str]
    years: tuple[int, int] | None


def read_choices(folder: Path) -> SearchChoices:
    with ProjectReader(folder) as project:
        scope = project.search_scope
        return SearchChoices(scope.papers(), scope.sections(), scope.years())
