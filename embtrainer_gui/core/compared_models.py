"""What can stand in a comparison, by name: the untrained model, that of a run, BM25, and a model merged with BM25."""

from __future__ import annotations

import re
from collections.abc import Mapping

from embtrainer_gui.core.translate import mark

BASE, TUNED, BM25, HYBRID = "base", "tuned", "bm25", "hybrid"
RUN = "run:"  # before the name of a run
HYBRID_OF = "hybrid:"  # before ``base`` or the name of a run; ``hybrid`` alone is that of the newest run
USUAL = (BASE, TUNED, BM25, HYBRID)
MOST = 12  # in one comparison
_NAME = re.compile(rf"({BASE}|{TUNED}|{BM25}|{HYBRID}|({RUN}|{HYBRID_OF})\S.*)", re.DOTALL)


def checked_models(names: tuple[str, ...]) -> tuple[str, ...]:
    """Raises ValueError for a name that means nothing, for one given twice, and for a single one."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(
                mark("{name} is none of base, tuned, bm25, hybrid, run:NAME, hybrid:NAME").format(name=name)
            )
    if len(set(names)) < len(names):
        raise ValueError(mark("a model stands there twice"))
    if len(names) < 2:
        raise ValueError(mark("there must be two models or more"))
    return names


def is_hybrid(name: str) -> bool:
    return name == HYBRID or name.startswith(HYBRID_OF)


def dense_part(name: str) -> str:
    """The model whose vectors rank, as a name without BM25; "" for BM25 itself."""
    if name == HYBRID:
        return TUNED
    if name.startswith(HYBRID_OF):
        part = name.removeprefix(HYBRID_OF)
        return part if part in (BASE, TUNED) else RUN + part
    return "" if name == BM25 else name


def run_of(name: str) -> str:
    """The name of the run that is asked for by name; "" where none is."""
    dense = dense_part(name)
    return dense.removeprefix(RUN) if dense.startswith(RUN) else ""


def hybrid_of(name: str) -> str:
    """The name of a dense model merged with BM25."""
    return HYBRID if name == TUNED else HYBRID_OF + name.removeprefix(RUN)


def called(name: str, titles: Mapping[str, str]) -> str:
    """For people. ``titles``: the user's own names of runs, by their names."""
    words = {BASE: mark("Untrained"), TUNED: mark("Tuned"), BM25: mark("BM25"), HYBRID: mark("Hybrid")}
    if name in words:
        return words[name]
    run = run_of(name)
    text = titles.get(run, run) if run else called(dense_part(name), titles)
    return mark("{model} + BM25").format(model=text) if is_hybrid(name) else text
