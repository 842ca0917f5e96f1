"""Language and marks of the passages of one paper, by their kind."""

from __future__ import annotations

from embtrainer_gui.core.records import BlockKind, PassageDraft
from embtrainer_gui.extract.annotate import language_and_marks

GERMAN = "Die Patienten der ersten Gruppe wurden mit einer geringeren Dosis behandelt, und die Wirkung ist stabil."
FORMULA = "d2(c1 + c2) = d(b, c) − d(a, c) + d(a, b), wobei d(x, y) ≤ d(x, z) + d(z, y) ∀x, y, z ∈ X"


def draft(kind: BlockKind, text: str) -> PassageDraft:
    return PassageDraft(text, kind, "", 1, (), 9)


def test_that_what_is_not_running_text_is_in_the_language_of_the_paper_and_marked_by_its_kind() -> None:
    told = language_and_marks(
        [
            draft(BlockKind.BODY, GERMAN),
            draft(BlockKind.CAPTION, "Figure 1. The effect of the dose and of the time on the weight."),
            draft(BlockKind.LIST, FORMULA),
            draft(BlockKind.TABLE, "Name Dose Effect"),
            draft(BlockKind.FORMULA, "a = b"),
            draft(BlockKind.ABSTRACT, "Kurz."),
        ]
    )
    assert told == [("de", ""), ("de", ""), ("de", "maths"), ("de", "table"), ("de", "maths"), ("de", "")]
    assert language_and_marks([]) == []
    assert language_and_marks([draft(BlockKind.REFERENCE, GERMAN)]) == [("", "")]
