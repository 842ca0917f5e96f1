"""What is said about a passage beside its place: its language, and why no questions are made of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.language_names import language_name
from embtrainer_gui.core.question_passages import in_another_language
from embtrainer_gui.core.records import Passage


def remarks(passage: Passage, *, searched: bool) -> list[str]:
    """A few words each; none about English text that is searched."""
    marks = {
        "maths": _tr("formulas, no questions"),
        "table": _tr("table, no questions"),
        "test": _tr("test set, no questions"),
    }
    language = passage.language if passage.language != "en" else ""
    return [
        *([] if searched else [_tr("not searched")]),
        *([QCoreApplication.translate("core", language_name(language))] if language else []),
        *([marks[passage.marks]] if searched and passage.marks in marks else []),
    ]


def remarks_explained(passage: Passage, *, searched: bool) -> str:
    """Sentences on the remarks, for a hint."""
    marks = {
        "maths": _tr("Mostly formulas: it is searched, but no questions are made of it."),
        "table": _tr("A table or list that came through as text: it is searched, but no questions are made of it."),
        "test": _tr("It came with a labelled test set: it is searched, but never trained on."),
    }
    sentences = [
        "" if searched else _tr("The import settings (further parts to search) can add passages of this kind."),
        _tr("The built-in generator makes questions of English text only; a server can make questions of it.")
        if in_another_language([passage])
        else "",
        marks.get(passage.marks, "") if searched else "",
    ]
    return " ".join(filter(None, sentences))


def _tr(text: str) -> str:
    return QCoreApplication.translate("PassageList", text)
