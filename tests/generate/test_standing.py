"""Questions that stand by themselves, and those that want the paper in hand."""

from __future__ import annotations

import pytest

from embtrainer_gui.generate.careful.standing import stands_alone


@pytest.mark.parametrize(
    "question",
    [
        "How does hepcidin affect the release of iron from macrophages?",
        "What do DPIs stand for?",
        "What does interleukin 6 induce in hepatocytes?",
        "What is the Otsu method?",
        "Does human bocavirus 1 cause pneumonia in children?",
        "What is known to cause TB in the US?",
    ],
)
def test_that_a_question_of_all_papers_stands(question: str) -> None:
    assert stands_alone(question)


@pytest.mark.parametrize(
    "question",
    [
        "How was iron measured in the control mice?",
        "What did the treated group show?",
        "What may hepcidin reduce?",
        "What does the increased amount of ferritin cause?",
        "What was found in the observed strains?",
        "What role does ferritin play in binding?",
        "What do high b values cause?",
        "What does A421V cause?",
        "What does Te washing process remove?",
        "What are PPs?",
    ],
)
def test_that_a_question_of_one_paper_does_not(question: str) -> None:
    assert not stands_alone(question)
