"""Which passages a search looks at."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from embtrainer_gui.core.reference import FIRST_YEAR as FIRST_YEAR
from embtrainer_gui.core.reference import LAST_YEAR as LAST_YEAR

MOST_PAPERS = 10_000  # that a filter may name


class SearchFilters(BaseModel):
    """Nothing set lets everything through. ``section`` is part of a heading, in whatever case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    papers: Annotated[tuple[int, ...], Field(max_length=MOST_PAPERS)] = ()  # ids of documents
    section: Annotated[str, Field(max_length=200)] = ""
    year_from: int | None = None
    year_to: int | None = None

    def __bool__(self) -> bool:
        return bool(self.papers or self.section or self.names_years())

    def names_years(self) -> bool:
        return self.year_from is not None or self.year_to is not None
