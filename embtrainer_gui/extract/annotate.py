"""What passages are besides their text: their language, and whether they are formulas or tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from embtrainer_gui.core.records import SEARCHED_KINDS, BlockKind, PassageDraft
from embtrainer_gui.text.languages import languages
from embtrainer_gui.text.marks import MATHS, TABLE, mark_of

_BY_KIND = {BlockKind.TABLE: TABLE, BlockKind.FORMULA: MATHS}


def language_and_marks(passages: Sequence[PassageDraft]) -> list[tuple[str, str]]:
    """``(language, marks)`` of the passages of one paper; captions and the like are in the paper's language."""
    running = [passage.text for passage in passages if passage.kind in SEARCHED_KINDS]
    found = languages(running)
    sizes = Counter(found)
    main = max(sizes, key=sizes.__getitem__, default="")
    told = zip(found, map(mark_of, running), strict=True)
    return [
        next(told) if passage.kind in SEARCHED_KINDS else (main, _BY_KIND.get(passage.kind, "")) for passage in passages
    ]
