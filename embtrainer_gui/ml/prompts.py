"""The prompts of a loaded model: set once after loading, so that all that tokenises with it puts the same words first,
and saved with it, so that ``encode_query`` and ``encode_document`` of sentence-transformers do so too."""

from __future__ import annotations

from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.prompts import Prompts, named_prompts


def set_prompts(model: SentenceTransformer, prompts: Prompts) -> None:
    """Prompts that a model keeps under "passage" or "corpus" count as those of documents: sentence-transformers 6
    looks for "document" first and finds the empty one that it put there itself."""
    chosen = prompts.over(named_prompts(model.prompts))
    model.prompts["query"], model.prompts["document"] = chosen.query, chosen.passage
