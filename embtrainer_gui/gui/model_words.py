"""What the window calls the four rankings, and what each is."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

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


def model_names() -> dict[str, str]:
    return {model: QCoreApplication.translate("ModelWords", str(text)) for model, text in _NAMES.items()}


def model_meanings() -> dict[str, str]:
    return {model: QCoreApplication.translate("ModelWords", str(text)) for model, text in _MEANINGS.items()}
