"""What passages are besides their text: their language, and whether they are formulas or tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from embtrainer_gui.core.records import SEARCHED_KINDS, BlockKind, PassageDraft
from embtrainer_gui.text.languages import languages
from embtrainer_gui.text.marks import MATHS, TABLE, mark_of

_BY_KIND = {BlockKind.TABLE: TABLE, BlockKind.FORMULA: MATHS}


def annotated(passages: Sequence[PassageDraft]) -> list[PassageDraft]:
    """The passages of one paper with ``language`` and ``marks``; captions and the like are in the paper's language."""
    running = [passage for passage in passages if passage.kind in SEARCHED_KINDS]
    found = languages([passage.text for passage in running])
    told = iter(found)
    sizes = Counter(found)
    main = max(sizes, key=sizes.__getitem__, default="")
    return [
        replace(passage, language=next(told), marks=mark_of(passage.text))
        if passage.kind in SEARCHED_KINDS
        else replace(passage, language=main, marks=_BY_KIND.get(passage.kind, ""))
        for passage in passages
    ]
