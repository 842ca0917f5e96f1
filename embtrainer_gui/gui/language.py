"""The window in the language that the user chose: its own texts from our catalogue, Qt's buttons from Qt's."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from embtrainer_gui.core.settings import resource_path
from embtrainer_gui.core.translate import ENGLISH, LANGUAGE_VARIABLE, catalogue


class Catalogue(QTranslator):
    """Looks a text up whatever its context: one English text has one translation."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._texts = catalogue(language)

    def isEmpty(self) -> bool:  # noqa: N802
        return not self._texts

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        return self._texts.get(text)  # None leaves it to the next one, and in the end as it is


def set_up(app: QCoreApplication, language: str) -> list[QTranslator]:
    """Have ``app`` and the children that it starts speak ``language``; the translators work while they are kept."""
    os.environ[LANGUAGE_VARIABLE] = language
    if language == ENGLISH:
        return []
    of_qt, ours = QTranslator(), Catalogue(language)
    of_qt.load(QLocale(language), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    for translator in (of_qt, ours):
        app.installTranslator(translator)
    return [of_qt, ours]


def own_language_file(topic: str) -> Path:
    """Where the text of the manual on ``topic`` lies, if somebody has written it in the window's language."""
    language = os.environ.get(LANGUAGE_VARIABLE, ENGLISH)
    return resource_path("help") / ("" if language == ENGLISH else language) / f"{topic}.md"


def help_file(topic: str) -> Path:
    """The text of the manual on ``topic``, in the window's language where there is one, else in English."""
    own = own_language_file(topic)
    return own if own.is_file() else resource_path("help", f"{topic}.md")
