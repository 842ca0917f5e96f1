"""Citation markers go, and every character can be traced back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from embtrainer_gui.generate.cleaning import clean


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Fever is common [12].", "Fever is common."),
        ("Fever is common [3, 4-6] in adults.", "Fever is common in adults."),
        ("It binds ACE2 (Smith et al., 2001) and enters.", "It binds ACE2 and enters."),
        ("It binds ACE2 (Han and Li, 2009; Wu et al., 2014) and enters.", "It binds ACE2 and enters."),
        ("Titers rose (Fig. 1A) by day 3.", "Titers rose by day 3."),
        ("Titers rose (Table 2) by day 3.", "Titers rose by day 3."),
        ("METHODS: Cells were lysed. Results: All died.", "Cells were lysed. All died."),
        ("Data are at https://example.org/x1 now.", "Data are at now."),
    ],
)
def test_that_markers_links_and_labels_are_left_out(source: str, expected: str) -> None:
    assert clean(source).text == expected


def test_that_other_parentheses_stay() -> None:
    text = "Angiotensin-converting enzyme 2 (ACE2) rose by 5 units (95% CI 2 to 8)."
    assert clean(text).text == text


def test_that_every_span_of_the_cleaned_text_maps_to_a_verbatim_slice(shared_data: Path) -> None:
    with (shared_data / "qa/covidqa/corpus.jsonl").open(encoding="utf-8") as lines:
        passages = [json.loads(line)["text"] for _, line in zip(range(60), lines, strict=False)]
    for passage in passages:
        cleaned = clean(passage)
        assert len(cleaned.text) == len(cleaned.starts)
        for start in range(0, len(cleaned.text) - 30, 97):
            piece = cleaned.original(start, start + 30)
            assert piece in passage
            for end, character in ((0, cleaned.text[start]), (-1, cleaned.text[start + 29])):
                assert piece[end] == character or piece[end].isspace()
