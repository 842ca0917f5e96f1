"""Why a hit was found: its sentences with their scores by the model that ranked it, and the words it shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import metric
from embtrainer_gui.gui.widgets.basics import label, line, row

if TYPE_CHECKING:
    from embtrainer_gui.core.messages import Explanation

MOST_SENTENCES = 4
MOST_WORDS = 8
LONGEST = 140  # characters of a sentence
BAR_WIDTH = 36


class HitWhy(QWidget):
    """``say`` while it is awaited or cannot be told, ``show_explanation`` when it is there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search.why")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 4, 0, 0)
        self._layout.setSpacing(4)
        self.say(self.tr("Looking..."))

    def say(self, text: str) -> None:
        self._clear()
        self._layout.addWidget(label(text, "hint", wrap=True))

    def show_explanation(self, explanation: Explanation, text: str) -> None:
        self._clear()
        self._layout.addWidget(line())
        ranked = sorted(range(len(explanation.scores)), key=lambda place: -explanation.scores[place])[:MOST_SENTENCES]
        for place in sorted(ranked):
            start, end = explanation.sentences[place]
            self._layout.addLayout(self._sentence(text[start:end], explanation.scores[place], place == ranked[0]))
        words = ", ".join(f"{word} {score:.1f}" for word, score in explanation.words[:MOST_WORDS])
        shared = label(
            self.tr("Words (BM25): {words}").format(words=words) if words else self.tr("No word in common (BM25: 0)"),
            "hint",
            wrap=True,
        )
        shared.setObjectName("search.why-words")
        shared.setToolTip(self.tr("Stems that question and passage share, with their part of the BM25 score"))
        self._layout.addWidget(shared)

    def _sentence(self, text: str, score: float, best: bool) -> QHBoxLayout:
        flat = " ".join(text.split())
        shown = flat if len(flat) <= LONGEST else flat[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
        words = label(shown, "" if best else "secondary", wrap=True)
        words.setToolTip(flat)
        figure = label(metric(score), "hint")
        figure.setToolTip(self.tr("Cosine of this sentence to the question, by the model of this column"))
        figure.setAlignment(Qt.AlignmentFlag.AlignTop)
        bar = _Bar(score)
        inside = row(bar, figure, words)
        inside.setStretch(2, 1)
        inside.setAlignment(bar, Qt.AlignmentFlag.AlignTop)
        return inside

    def _clear(self) -> None:
        _empty(self._layout)


def _empty(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (inner := item.layout()) is not None:
            _empty(inner)
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


class _Bar(QWidget):
    def __init__(self, score: float) -> None:
        super().__init__()
        self._share = min(1.0, max(0.0, score))
        self.setFixedSize(BAR_WIDTH, 16)
        theme.changes().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for share, token in ((1.0, "line"), (self._share, "accent")):
            painter.setBrush(theme.color(token))
            painter.drawRoundedRect(QRectF(0, 6, self.width() * share, 5), 2, 2)
