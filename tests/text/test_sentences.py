"""Sentences of scientific text, in several languages, and on hostile text in linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embtrainer_gui.text.sentences import sentence_spans, split_span


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["Smith et al. (2019) showed it in Fig. 2.", "We used E. coli K-12, e.g. strain MG1655, i.e. the wild type."],
        ["The p-value was 0.05.", "It was first seen in 2019.", "The pH was 7.4.", "pH matters here."],
        ["Bacillus subtilis sp. nov. was described.", "A new Bacillus sp. XY was found."],
        ["It was grown on Bacillus sp.", "The cells grew well.", "Apples, pears etc.", "And so on."],
        ["Results differ [12].", "This was shown before.[3,4]", "However, J. A. Smith and A. B. Jones disagreed."],
        ["We saw it before.12,13", "The end."],
        ['"Is it so?" he asked.', "Yes!", "(It is.)", "The rest follows."],
        ["It is open (see Jones et al. 2018. It matters) to doubt.", "We do not."],
        ["2. Methods are described below.", "We list vol. 3, pp. 12 and No. 5."],
        [
            "It was proposed by Smith et al.",
            "We show more.",
            "C. elegans is small.",
            "They wait for vitamin C.",
            "The rest.",
        ],
        ["Cells divide...", "Then they grow."],
        ["The mRNA was measured.", "mRNA levels rose.", "α-Synuclein was not seen.", "24 patients died."],
    ],
)
def test_that_scientific_english_is_split_at_its_sentences(parts: list[str]) -> None:
    assert sentences(" ".join(parts)) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("我们研究了水稻。结果如下！真的吗？是的。", ["我们研究了水稻。", "结果如下！", "真的吗？", "是的。"]),
        ("他说：“好。”然后走了。", ["他说：“好。”", "然后走了。"]),
        ("هذا نص قصير. ماذا تريد؟ نعم أريد.", ["هذا نص قصير.", "ماذا تريد؟", "نعم أريد."]),
        (
            "¿Qué es esto? ¡Es un gen! Según la pág. 3 es así. Fin.",
            ["¿Qué es esto?", "¡Es un gen!", "Según la pág. 3 es así.", "Fin."],
        ),
        ("यह एक वाक्य है। यह दूसरा है।", ["यह एक वाक्य है।", "यह दूसरा है।"]),
    ],
)
def test_that_other_scripts_are_split_at_their_own_marks(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_that_an_empty_line_ends_a_sentence() -> None:
    assert sentences("Item one\n\nitem two") == ["Item one", "item two"]
    assert sentences("no full stop at\nthe end of a line") == ["no full stop at\nthe end of a line"]
    assert sentences("") == sentences(" \n\n ") == []


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("aB1 .!?。[](),;\n\"'é中"), max_size=80))
def test_that_spans_hold_every_character_in_order(text: str) -> None:
    spans = sentence_spans(text)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(first[1] <= second[0] for first, second in zip(spans, spans[1:], strict=False))
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)


@pytest.mark.parametrize("unit", [".", "a. ", "(a. B ", "\n", ".[1 ", '."', ". ", "A. (B ", "\n \n", "1 2 3. "])
def test_that_hostile_text_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    sentence_spans(unit * (400_000 // len(unit)))
    assert time.process_time() - started < 4


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("ab ,;"), min_size=2, max_size=60), st.integers(2, 9))
def test_that_a_split_span_loses_nothing_and_gets_smaller(text: str, parts: int) -> None:
    text = f"x{text}x"
    spans = split_span(text, 0, len(text), parts)
    assert len(spans) >= 2
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())


def test_that_a_long_sentence_is_split_at_a_clause_near_the_middle() -> None:
    text = "one two three four five; six seven eight nine ten"
    assert [text[start:end] for start, end in split_span(text, 0, len(text), 2)] == [text[:24], text[25:]]
