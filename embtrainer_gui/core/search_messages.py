"""What the search child is asked and what it answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from embtrainer_gui.core.message import Message
from embtrainer_gui.core.records import Box
from embtrainer_gui.core.search_config import DenseModel, SearchedTexts
from embtrainer_gui.core.search_filters import SearchFilters

MOST_TEXTS = 60  # that are compared with each other
LONGEST_TEXT = 20_000  # characters

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


class Query(Message):
    """Asks the search child; ``models`` are ``base``, ``tuned``, ``bm25``, ``hybrid`` or ``run:NAME``."""

    type: Literal["query"] = "query"
    ticket: int = 0
    slot: str = ""
    text: str
    models: tuple[str, ...]
    top: int = Field(10, ge=1, le=1000)
    filters: SearchFilters = SearchFilters()
    over: SearchedTexts = "passages"


class HitRow(Message):
    rank: int
    score: float
    passage: int
    document: int
    file_name: str
    title: str
    page: int
    section: str
    text: str
    boxes: list[Box]
    sentence: tuple[int, int]  # ``text[start:end]`` answers best
    question: str = ""  # of the accepted pair, where answers are searched


class QueryHits(Message):
    """``ms`` is the time that each ranking took, without loading; ``problems`` names those that could not be made.

    ``how`` says which index answered for a model, "exact" or "approximate"; ``due`` that the job "index" would make
    searches quicker, or must come first: then the passages of a model are not encoded.
    """

    type: Literal["query-hits"] = "query-hits"
    ticket: int
    ms: dict[str, float]
    hits: dict[str, list[HitRow]]
    problems: dict[str, str] = {}
    how: dict[str, str] = {}
    due: bool = False


class Explain(Message):
    """Asks why a ranking (as in ``Query``) found a passage for a question."""

    type: Literal["explain"] = "explain"
    ticket: int = 0
    slot: str = ""
    text: str
    model: str
    passage: int


class Explanation(Message):
    """``sentences[n]`` is the span of a sentence of the passage; ``scores[n]`` is its cosine to the question by the
    model that ranked it, and empty for BM25. ``words`` are the stems that passage and question share, each with its
    part of the BM25 score, and ``spans`` where they stand in the passage."""

    type: Literal["explanation"] = "explanation"
    ticket: int
    sentences: list[tuple[int, int]]
    scores: list[float] = []
    words: list[tuple[str, float]] = []
    spans: list[tuple[int, int]] = []


class CompareTexts(Message):
    """Asks how alike texts are to a dense model."""

    type: Literal["compare-texts"] = "compare-texts"
    ticket: int = 0
    slot: str = ""
    texts: Annotated[tuple[Text, ...], Field(min_length=2, max_length=MOST_TEXTS)]
    model: DenseModel


class TextSimilarity(Message):
    """``cosines[i][j]`` of text i and text j."""

    type: Literal["text-similarity"] = "text-similarity"
    ticket: int
    cosines: list[list[float]]
