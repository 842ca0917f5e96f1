"""The configs of searching, of the map and of near copies: bounds, defaults and the help text of every field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from embtrainer_gui.core.search_filters import FIRST_YEAR, LAST_YEAR
from embtrainer_gui.core.stage_config import StageConfig
from embtrainer_gui.core.translate import mark

SearchModel = Literal["base", "tuned", "bm25", "hybrid"]
DenseModel = Literal["base", "tuned"]
SearchedTexts = Literal["passages", "answers"]
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


class SearchConfig(StageConfig):
    model: Annotated[SearchModel, Field(description=mark("Which ranking to show."))] = "base"
    top: Annotated[int, Field(ge=1, le=1000, description=mark("Hits to show."))] = 10
    over: Annotated[
        SearchedTexts,
        Field(description=mark("What to search: the passages, or the answers of the accepted questions.")),
    ] = "passages"
    paper: Annotated[
        str, Field(max_length=500, description=mark("Only papers with this in their title, authors, DOI or file name."))
    ] = ""
    section: Annotated[
        str, Field(max_length=200, description=mark("Only passages under a heading with this in it."))
    ] = ""
    year_from: Annotated[
        Year | None, Field(description=mark("Only papers of this year or later; papers without a year are left out."))
    ] = None
    year_to: Annotated[
        Year | None, Field(description=mark("Only papers of this year or earlier; papers without a year are left out."))
    ] = None


class MapConfig(StageConfig):
    most: Annotated[
        int,
        Field(
            ge=50,
            le=100_000,
            description=mark("Most passages on the map; of more, that many are drawn by lot. 20,000 take a minute."),
        ),
    ] = 20_000
    clusters: Annotated[
        int, Field(ge=0, le=40, description=mark("Clusters to find; 0 chooses by the number of passages."))
    ] = 0
    seed: Annotated[
        int, Field(ge=0, lt=2**31, description=mark("Number that decides the lot, the clusters and the places."))
    ] = 42


class CopiesConfig(StageConfig):
    model: Annotated[DenseModel, Field(description=mark("The model whose scores say what is alike."))] = "base"
    least: Annotated[
        float, Field(ge=0.5, le=1.0, description=mark("Similarity from which two passages are near copies."))
    ] = 0.95
