"""Excerpts of passages, learned beside their questions."""

from __future__ import annotations

import json

import numpy as np

from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.request import TrainingRequest
from embtrainer_gui.ml.trainer import train
from embtrainer_gui.text.excerpt import FEWEST, MOST, excerpt


def told(request: TrainingRequest) -> list[float]:
    rows = map(json.loads, (request.out_dir / "training_metrics.jsonl").read_text().splitlines())
    return [row["excerpt_loss"] for row in rows if "excerpt_loss" in row]


def test_that_an_excerpt_is_a_run_of_words_from_anywhere_in_the_passage() -> None:
    words = [f"w{number}" for number in range(60)]
    found = [excerpt(" ".join(words), np.random.default_rng(seed)).split() for seed in range(300)]
    for run in found:
        first = words.index(run[0])
        assert run == words[first : first + len(run)]
    assert {len(run) for run in found} == set(range(FEWEST, MOST + 1))
    assert words[0] in {run[0] for run in found}
    assert words[-1] in {run[-1] for run in found}


def test_that_text_without_spaces_is_cut_by_characters() -> None:
    text = "".join(chr(0x4E00 + number) for number in range(200))
    found = [excerpt(text, np.random.default_rng(seed)) for seed in range(50)]
    assert all(len(run) < len(text) / 2 and run in text for run in found)


def test_that_a_short_text_is_its_own_excerpt() -> None:
    assert excerpt("three words only", np.random.default_rng(0)) == "three words only"
    assert excerpt("", np.random.default_rng(0)) == ""


def test_that_excerpts_are_learned_and_their_loss_told(tiny_request) -> None:
    request = tiny_request(excerpt_weight=1.0, average_from=1, evaluations=1)
    train(request, Silent())
    losses = told(request)
    assert len(losses) == 12
    assert sum(losses[-4:]) < 0.95 * sum(losses[:4])


def test_that_without_a_weight_no_excerpt_is_cut(tiny_request) -> None:
    request = tiny_request(excerpt_weight=0.0, evaluations=1)
    train(request, Silent())
    assert told(request) == []
