"""Titles of training papers, each with its abstract: what ``title_weight`` trains on."""

from __future__ import annotations

from collections.abc import Collection

from embtrainer_gui.core.records import BlockKind, Passage, Split
from embtrainer_gui.stages.retrieval import Library
from embtrainer_gui.text.near_duplicate import groups, near_pairs, sketch


def title_texts(library: Library, alike: float, held: Collection[int] = ()) -> list[tuple[str, str, int]]:
    """``(title, abstract or first passage, near-duplicate group of it)`` of each training paper that has a title,
    each title once; texts with at least the Jaccard ``alike`` share a group. A paper whose text is among the passages
    ``held`` is left out."""
    first: dict[int, Passage] = {}
    for passage in library.passages:
        known = first.get(passage.document_id)
        if known is None or (passage.kind is BlockKind.ABSTRACT and known.kind is not BlockKind.ABSTRACT):
            first[passage.document_id] = passage
    texts: dict[str, tuple[str, str]] = {}
    for id_, passage in first.items():
        document = library.document_of[id_]
        title = " ".join(document.title.split())
        if title and document.split is Split.TRAIN and passage.id not in held:
            texts.setdefault(title.casefold(), (title, passage.text))
    found = list(texts.values())
    group = groups(len(found), near_pairs([sketch(text) for _, text in found], alike))
    return [(title, text, number) for (title, text), number in zip(found, group, strict=True)]
