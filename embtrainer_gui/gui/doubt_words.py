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
_SENTENCE = QT_TRANSLATE_NOOP(
    "DoubtWords", "By the model that found it, it scores {times} times as much for this question as the right passage."
)
SAME = 0.005  # shares nearer to 1 than this read 100 %
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


def turned_short(turned: Turned) -> str:
    """For a button: "wrong #12"."""
    return f"{answer_words(turned.answer).lower()} #{turned.pair_id}"


def score_words(share: float) -> str:
    """How a doubtful passage scores beside the right one: a share of its score, never of more than the whole."""
    if abs(share - 1) < SAME:
        return QCoreApplication.translate("DoubtWords", "Scores the same as the right one")
    if share > 1:
        return QCoreApplication.translate("DoubtWords", "Scores higher than the right one")
    return QCoreApplication.translate("DoubtWords", "{share:.0%} of the right one's score").format(share=share)


def score_sentence(share: float) -> str:
    return _words(_SENTENCE).format(times=f"{share:.2f}")


def rival_words(share: float) -> str:
    """On a card, for the door to both passages side by side."""
    if abs(share - 1) < SAME:
        return QCoreApplication.translate("DoubtWords", "See the other passage (scores the same)")
    if share > 1:
        return QCoreApplication.translate("DoubtWords", "See the other passage (scores higher)")
    return QCoreApplication.translate("DoubtWords", "See the other passage (scores {share:.0%})").format(share=share)
