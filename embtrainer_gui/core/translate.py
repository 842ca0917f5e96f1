"""The marker for user-visible strings outside the window, and the catalogues of other languages than English.

The window translates marked templates before values go in; what a child process says has its values already, so there
the marker itself translates: the window names its language in the environment of its children.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

LANGUAGE_VARIABLE = "EMBTRAINER_LANGUAGE"
ENGLISH = "en"
_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def catalogue(language: str) -> dict[str, str]:
    """The translations into ``language`` (a two-letter code) by their English text; empty where there is none."""
    if language == ENGLISH or not (len(language) == 2 and language.isalpha()):
        return {}
    for folder in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        path = folder / "i18n" / f"{language}.json"
        if path.is_file():
            found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
            return {text: translation for text, translation in found.items() if translation}
    return {}


_of_this_process = catalogue(os.environ.get(LANGUAGE_VARIABLE, ENGLISH))


def mark(text: str) -> str:
    """Mark ``text`` for the translation script; gives it in the language of this process."""
    return _of_this_process.get(text, text)
