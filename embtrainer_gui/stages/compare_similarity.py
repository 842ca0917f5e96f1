"""Similarity of sentences: how well each model's cosines order pairs that people have scored (Spearman)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.compared_models import called, dense_part, is_hybrid
from embtrainer_gui.core.comparison import titles_of
from embtrainer_gui.core.config import CompareConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.evaluate import verdict
from embtrainer_gui.ml.rank_correlation import midranks, resampled_spearman, spearman
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.figures import DIGITS
from embtrainer_gui.stages.retrieval import ModelChoice
from embtrainer_gui.stages.sentence_pairs import SentencePairs

METRIC = "spearman"
FloatArray = NDArray[np.float64]


def of_vectors(models: Sequence[str]) -> tuple[str, ...]:
    """Those that give a similarity of two sentences, not only a ranking."""
    return tuple(model for model in models if dense_part(model) and not is_hybrid(model))


def compare_similarity(
    ctx: Context,
    pairs: SentencePairs,
    models: Sequence[str],
    choices: Mapping[str, ModelChoice],
    config: CompareConfig,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The result, and a row for each pair. Models that only rank (BM25, hybrids) are left out, with a warning.

    Raises:
        UserError: fewer than two models are left, or one gives the same cosine throughout.
    """
    vectors = of_vectors(models)
    if len(vectors) < 2:
        raise UserError(
            mark("Pairs of sentences take two models of vectors; BM25 and hybrids only rank passages."),
            mark("Name two or more of base, tuned and run:NAME."),
        )
    if len(vectors) < len(models):
        ctx.warn(mark("BM25 and hybrids give no similarity of two sentences: they are left out here."))
    cosines = _cosines(ctx, pairs, {model: choices[model] for model in vectors})
    gold = np.array(pairs.scores)
    values = {model: spearman(column, gold) for model, column in cosines.items()}
    if any(np.isnan(value) for value in values.values()):
        raise UserError(
            mark("A model gives each pair of {name} the same similarity."),
            mark("Are the two columns sentence1 and sentence2 the same?"),
            name=pairs.name,
        )
    ctx.status(mark("Working out the intervals..."))
    means = resampled_spearman(list(cosines.values()), gold, config.resamples, config.seed)
    return _result(pairs, values, means), _rows(pairs, cosines, gold)


def _cosines(ctx: Context, pairs: SentencePairs, choices: Mapping[str, ModelChoice]) -> dict[str, FloatArray]:
    titles = titles_of(ctx.project)
    found: dict[str, FloatArray] = {}
    for number, (model, choice) in enumerate(choices.items(), 1):
        text = mark("Encoding with {name} ({number} of {total} models)...")
        ctx.status(text.format(name=called(model, titles), number=number, total=len(choices)))
        encoder = choice.encoder()  # both sides alike: neither is the question of the other
        first, second = (encoder.encode_passages(side, ctx) for side in (pairs.first, pairs.second))
        found[model] = np.einsum("nd,nd->n", first, second).astype(float)
    return found


def _result(pairs: SentencePairs, values: dict[str, float], means: FloatArray) -> dict[str, Any]:
    models = list(values)
    bounds = {model: _bounds(means[:, place]) for place, model in enumerate(models)}
    compared: list[dict[str, Any]] = []
    for a, b in combinations(range(len(models)), 2):
        delta = round(values[models[b]] - values[models[a]], DIGITS)
        low, high = _bounds(means[:, b] - means[:, a])
        told = {METRIC: {"delta": delta, "ci95": [low, high]}}
        compared.append({"from": models[a], "to": models[b], "metrics": told, "verdict": verdict(delta, low, high)})
    return {
        "set": pairs.name,
        "queries": len(pairs.scores),
        "passages": len({*pairs.first, *pairs.second}),
        "papers": 0,
        "models": {model: {METRIC: round(value, DIGITS)} for model, value in values.items()},
        **compared[0]["metrics"][METRIC],
        "verdict": compared[0]["verdict"],
        "intervals": bounds,
        "bounds": {model: {METRIC: each} for model, each in bounds.items()},
        "pairs": compared,
    }


def _rows(pairs: SentencePairs, cosines: dict[str, FloatArray], gold: FloatArray) -> list[dict[str, Any]]:
    """``agreement``: 1 minus how far a pair's place is from the right one, as a share of all pairs."""
    right, most = midranks(gold), max(1, len(gold) - 1)
    agreement = {model: 1 - np.abs(midranks(column) - right) / most for model, column in cosines.items()}
    return [
        {
            "question": f"{first} ↔ {second}",
            "document": number,
            "agreement": {model: round(float(values[number]), DIGITS) for model, values in agreement.items()},
            "cosine": {model: round(float(values[number]), DIGITS) for model, values in cosines.items()},
            "score": pairs.scores[number],
        }
        for number, (first, second) in enumerate(zip(pairs.first, pairs.second, strict=True))
    ]


def _bounds(values: FloatArray) -> list[float]:
    low, high = np.nanpercentile(values, [2.5, 97.5])  # a draw of one value alone has no correlation
    return [round(float(low), DIGITS), round(float(high), DIGITS)]
