"""What the review calls the answers on doubtful passages."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from embtrainer_gui.core.store.doubts import DoubtAnswer, Turned
from embtrainer_gui.gui import format as figures

_ANSWERS = {
    DoubtAnswer.OPEN: QT_TRANSLATE_NOOP("DoubtWords", "Not answered"),
    DoubtAnswer.RIGHT: QT_TRANSLATE_NOOP("DoubtWords", "Right as well"),
    DoubtAnswer.WRONG: QT_TRANSLATE_NOOP("DoubtWords", "Wrong"),
    DoubtAnswer.UNSURE: QT_TRANSLATE_NOOP("DoubtWords", "Unsure"),
}
_COUNTS = {
    DoubtAnswer.RIGHT: QT_TRANSLATE_NOOP("DoubtWords", "{number} right"),
    DoubtAnswer.WRONG: QT_TRANSLATE_NOOP("DoubtWords", "{number} wrong"),
    DoubtAnswer.UNSURE: QT_TRANSLATE_NOOP("DoubtWords", "{number} unsure"),
    DoubtAnswer.OPEN: QT_TRANSLATE_NOOP("DoubtWords", "{number} left"),
}
ANSWER_TONES = {
    DoubtAnswer.OPEN: "info",
    DoubtAnswer.RIGHT: "good",
    DoubtAnswer.WRONG: "bad",
    DoubtAnswer.UNSURE: "warn",
}


def _words(marked: object) -> str:
    return QCoreApplication.translate("DoubtWords", str(marked))


def answer_words(answer: DoubtAnswer) -> str:
    return _words(_ANSWERS[answer])


def counts_words(counts: Mapping[DoubtAnswer, int]) -> str:
    """ "2 right · 5 wrong · 0 unsure · 33 left"."""
    return " · ".join(_words(text).format(number=figures.count(counts[answer])) for answer, text in _COUNTS.items())


def turned_words(turned: Turned) -> str:
    """What an answer was that is taken back or given again: "wrong, for question #12"."""
    text = QCoreApplication.translate("DoubtWords", "{answer}, for question #{number}")
    return text.format(answer=answer_words(turned.answer).lower(), number=turned.pair_id)
