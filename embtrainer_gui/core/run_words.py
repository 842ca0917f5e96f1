"""What the summary of a run says besides its main score, as sentences: where it came from, and shorter vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from embtrainer_gui.core.lineage import descent_sentence
from embtrainer_gui.core.translate import mark

SCORE = "ndcg@10"


def further_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """Nothing for a run without lineage and without Matryoshka dimensions."""
    lineage = summary.get("lineage")
    if lineage:
        yield descent_sentence(lineage)
        original = summary.get("dev_original", {}).get(SCORE)
        if original is not None:
            yield mark("The untrained model scores {score:.3f} on the dev questions.").format(score=original)
    cut = summary.get("dimensions")
    if cut:
        found = [
            mark("{score:.3f} with {size} dimensions").format(size=size, score=metrics[SCORE])
            for size, metrics in sorted(cut.items(), key=lambda item: -int(item[0]))
        ]
        yield mark("Dev nDCG@10 of shorter vectors: {scores}.").format(scores=", ".join(found))


def leak_warning(summary: Mapping[str, Any]) -> str:
    """A sentence where the model that a run went on from had learned from dev or test papers; else ""."""
    leaked = int(summary.get("lineage", {}).get("leaked", 0))
    if not leaked:
        return ""
    return mark(
        "{count} dev or test papers were training papers of the model that this run went on from: its scores look"
        " better than they are."
    ).format(count=leaked)
