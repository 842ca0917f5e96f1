"""Why a passage was found: how near each of its sentences is to the question, and which words they share."""

from __future__ import annotations

import re

from embtrainer_gui.core.messages import Explanation
from embtrainer_gui.stages.passage_table import searchable
from embtrainer_gui.stages.retrieval import DenseEncoder
from embtrainer_gui.text.bm25 import Bm25Index, stems
from embtrainer_gui.text.sentences import sentence_spans

MOST_SENTENCES = 64  # of a passage; what follows is explained with the last
_WORD = re.compile(r"\w\w+")  # as bm25s has them


def explanation(
    question: str, title: str, passage: str, row: int, lexical: Bm25Index, encoder: DenseEncoder | None
) -> Explanation:
    """``row`` is that of the passage in ``lexical``; ``encoder`` is that of the model that ranked it, if it was one.

    Each sentence is read behind the title of its paper, as its passage was.
    """
    spans = sentence_spans(passage)
    if len(spans) > MOST_SENTENCES:
        spans = [*spans[: MOST_SENTENCES - 1], (spans[MOST_SENTENCES - 1][0], spans[-1][1])]
    scores: list[float] = []
    if encoder is not None and spans:
        vectors = encoder.encode_passages([searchable(title, passage[start:end]) for start, end in spans])
        scores = (vectors @ encoder.encode_queries([question])[0]).round(4).tolist()
    words = {word: round(score, 3) for word, score in lexical.parts(question, row)}
    found = list(_WORD.finditer(passage))
    stemmed = stems([word.group() for word in found])
    shared = [word.span() for word, forms in zip(found, stemmed, strict=True) if words.keys() & forms]
    return Explanation(ticket=0, sentences=spans, scores=scores, words=list(words.items()), spans=shared)
