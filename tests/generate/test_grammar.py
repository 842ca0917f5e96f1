"""The rules on a question's form."""

from __future__ import annotations

import pytest

from embtrainer_gui.generate.grammar import is_grammatical


@pytest.mark.parametrize(
    "question",
    [
        "What is asthma?",
        "How does hepcidin affect iron release from macrophages?",
        "What percentage of patients with severe pneumonia died?",
        "Are obesity and infections more common in women than in men?",
        "What does MTCT stand for?",
        "How was a one-step assay performed?",
        "Does influenza A infection cause pneumonia?",
    ],
)
def test_that_sound_questions_pass(question: str) -> None:
    assert is_grammatical(question)


@pytest.mark.parametrize(
    "question",
    [
        "what is asthma?",
        "What is asthma",
        "Hepcidin regulates iron?",
        "What does it cause in mice?",
        "What does hepcidin is regulated by?",
        "What does hepcidin causes in mice?",
        "What is regulated by hepcidin and?",
        "What is the the role of hepcidin?",
        "What does hepcidin lower lower in mice?",
        "What is the role of [12] hepcidin?",
        'What does "hepcidin regulate?',
        "What does hepcidin (a hormone regulate?",
        "What was shown for hepcidin (Smith et al., 2001)?",
        "How do a receptor bind ACE2?",
        "What is an receptor of the virus?",
        "Why is iron toxic, ?",
        "What does " + "very " * 22 + "long text ask?",
    ],
)
def test_that_faulty_questions_are_refused(question: str) -> None:
    assert not is_grammatical(question)
