"""What the window calls the rankings, and what each is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from embtrainer_gui.core.compared_models import dense_part, is_hybrid, run_of

_NAMES = {
    "base": QT_TRANSLATE_NOOP("ModelWords", "Untrained"),
    "tuned": QT_TRANSLATE_NOOP("ModelWords", "Tuned"),
    "bm25": QT_TRANSLATE_NOOP("ModelWords", "BM25"),
    "hybrid": QT_TRANSLATE_NOOP("ModelWords", "Hybrid"),
}
_MEANINGS = {
    "base": QT_TRANSLATE_NOOP("ModelWords", "the model that training started from"),
    "tuned": QT_TRANSLATE_NOOP("ModelWords", "the model of the newest finished training run"),
    "bm25": QT_TRANSLATE_NOOP("ModelWords", "plain word matching, without any model"),
    "hybrid": QT_TRANSLATE_NOOP("ModelWords", "the tuned model and BM25 together: both rankings merged into one"),
}
_OF_RUN = QT_TRANSLATE_NOOP("ModelWords", "the model of the training run {run}")
_MERGED = QT_TRANSLATE_NOOP("ModelWords", "{model} + BM25")
_MERGED_MEANING = QT_TRANSLATE_NOOP("ModelWords", "{model} and BM25 together: both rankings merged into one")


def model_names() -> dict[str, str]:
    return {model: _tr(text) for model, text in _NAMES.items()}


def model_meanings() -> dict[str, str]:
    return {model: _tr(text) for model, text in _MEANINGS.items()}


def names_of(models: Iterable[str], runs: Mapping[str, str]) -> dict[str, str]:
    """Of any compared models; ``runs``: what the user calls each run, by its name."""
    return {model: _name(model, runs) for model in models}


def meanings_of(models: Iterable[str], runs: Mapping[str, str]) -> dict[str, str]:
    return {model: _meaning(model, runs) for model in models}


def _name(model: str, runs: Mapping[str, str]) -> str:
    if model in _NAMES:
        return _tr(_NAMES[model])
    run = run_of(model)
    name = runs.get(run, run) if run else _name(dense_part(model), runs)
    return _tr(_MERGED).format(model=name) if is_hybrid(model) else name


def _meaning(model: str, runs: Mapping[str, str]) -> str:
    if model in _MEANINGS:
        return _tr(_MEANINGS[model])
    if is_hybrid(model):
        return _tr(_MERGED_MEANING).format(model=_name(dense_part(model), runs))
    return _tr(_OF_RUN).format(run=_name(model, runs))


def _tr(text: object) -> str:
    return QCoreApplication.translate("ModelWords", str(text))
