"""Why a model may have got worse: three likely causes, each with the step that cures it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.widgets.basics import button, label

if TYPE_CHECKING:
    from embtrainer_gui.core.store.runs import Run


class Causes(QFrame):
    """Signals: ``chosen`` with the step."""

    chosen = Signal(object)  # Step

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(label(self.tr("Likely causes"), "section"))
        self._texts = {}
        for step, action in (
            (Step.REVIEW, self.tr("Look at the questions")),
            (Step.QUESTIONS, self.tr("Make more questions")),
            (Step.TRAIN, self.tr("Change the training")),
        ):
            text = label("", wrap=True)
            go = button(action, name=f"compare.cause-{step.value}")
            go.clicked.connect(lambda checked=False, step=step: self.chosen.emit(step))
            line = QHBoxLayout()
            line.setSpacing(16)
            line.addWidget(text, 1)
            line.addWidget(go, 0, Qt.AlignmentFlag.AlignVCenter)
            layout.addLayout(line)
            self._texts[step] = text

    def show_run(self, run: Run | None) -> None:
        """Say them with the figures of the run that got worse."""
        config = run.config if run else {}
        pairs = int(run.summary.get("pairs", 0)) if run else 0
        self._texts[Step.REVIEW].setText(
            self.tr(
                "Questions that do not fit their passage teach the wrong thing. Look through the flagged ones first."
            )
        )
        self._texts[Step.QUESTIONS].setText(
            self.tr("There may be too little to learn from: this run had {pairs} question-passage pairs.").format(
                pairs=count(pairs)
            )
        )
        self._texts[Step.TRAIN].setText(
            self.tr(
                "Training may have gone too far: {epochs} rounds at a learning rate of {rate:g}. Halve the rate first."
            ).format(epochs=config.get("epochs", "?"), rate=config.get("learning_rate", 0.0))
        )
