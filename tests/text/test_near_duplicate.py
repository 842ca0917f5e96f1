"""Sketches of documents: the exact Jaccard similarity of the shingles is the judge."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from embtrainer_gui.text.near_duplicate import groups, near_pairs, similarity, sketch

WORDS = [f"word{n}" for n in range(3000)]


def text_of(words: list[str]) -> str:
    return " ".join(words)


def jaccard(first: list[str], second: list[str]) -> float:
    one, two = ({tuple(words[at : at + 5]) for at in range(len(words) - 4)} for words in (first, second))
    return len(one & two) / len(one | two)


@pytest.mark.parametrize("changed", [0.01, 0.03, 0.08, 0.2])
def test_that_similarity_estimates_the_jaccard_similarity_of_the_shingles(changed: float) -> None:
    rng = random.Random(3)
    first = rng.choices(WORDS, k=4000)
    second = [rng.choice(WORDS) if rng.random() < changed else word for word in first]
    # The standard error of 128 hashes is at most 0.044.
    assert similarity(sketch(text_of(first)), sketch(text_of(second))) == pytest.approx(
        jaccard(first, second), abs=0.12
    )


def test_that_case_punctuation_and_line_breaks_do_not_matter() -> None:
    assert sketch("The Quick, brown fox; jumps\nover it") == sketch("the quick brown fox jumps over it")
    assert sketch("我们研究了水稻的基因") == sketch("我们 研究了水稻 的基因")


def test_that_a_sketch_is_the_same_in_every_process() -> None:
    text = "a sketch must not depend on the salt of Python's own hash of strings"
    code = f"from embtrainer_gui.text.near_duplicate import sketch; print(list(sketch({text!r})))"
    for seed in "1", "2":
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        found = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True, text=True)
        assert tuple(json.loads(found.stdout)) == sketch(text)


def test_that_short_documents_match_only_as_equals() -> None:
    words = text_of(WORDS[:20])
    assert similarity(sketch(words), sketch(words)) == 1
    assert similarity(sketch(words), sketch(words + " more")) == 0
    assert sketch("") == sketch(" .,; ") == ()
    assert similarity((), ()) == 0
    assert sketch("two words") == sketch("Two words!") != sketch("two other")


def test_that_near_pairs_are_those_of_comparing_all() -> None:
    rng = random.Random(5)
    licence = rng.choices(WORDS, k=60)  # boilerplate that all share
    texts = []
    for _ in range(40):
        body = rng.choices(WORDS, k=rng.choice([30, 100, 400]))
        texts.append(text_of(body + licence))
        noisy = [word if rng.random() > 0.03 else "x" for word in body]
        texts.append(text_of([*noisy, "last", *licence]))
    sketches = [sketch(text) for text in texts]
    for threshold in (0.3, 0.5, 0.8):
        expected = [
            (i, j)
            for i in range(len(texts))
            for j in range(i + 1, len(texts))
            if similarity(sketches[i], sketches[j]) >= threshold
        ]
        assert near_pairs(sketches, threshold) == expected
        assert expected


def test_that_copies_are_chained_and_grouped() -> None:
    one, two = sketch(text_of(WORDS[:200])), sketch(text_of(WORDS[500:800]))
    near_one = sketch(text_of([*WORDS[:200], "more"]))
    sketches = [one, two, one, (), one, near_one, two, ()]
    assert groups(8, near_pairs(sketches, 0.8)) == [0, 1, 0, 3, 0, 0, 1, 7]


def test_that_twenty_thousand_documents_take_seconds() -> None:
    rng = np.random.default_rng(0)
    shared = rng.integers(0, 2**48, 40).tolist()
    sketches = [sorted({*rng.integers(0, 2**48, 88).tolist(), *shared}) for _ in range(20_000)]
    for row in range(500):
        sketches[row + 1000] = sorted([*sketches[row][:122], *rng.integers(0, 2**48, 6).tolist()])
    started = time.process_time()
    assert len(near_pairs(sketches, 0.7)) == 500
    assert time.process_time() - started < 20
