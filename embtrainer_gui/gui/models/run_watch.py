"""What an experienced eye would say of a run's curves, in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.gui.format import change
from embtrainer_gui.gui.models.run_history import LOSS, SCORE, RunHistory

LEAKED = 0.995  # nDCG@10 of a model that has nothing left to learn
FELL = 0.01  # nDCG@10 below the best that is more than noise
ROSE = 1.5  # times the lowest smoothed loss
ENOUGH_STEPS = 40


@dataclass(frozen=True, slots=True)
class Remark:
    tone: str  # good, info, warn
    text: str


def remarks(history: RunHistory) -> list[Remark]:
    """The sentences that fit."""
    found = [_on_score(history), _on_loss(history)]
    return [remark for remark in found if remark is not None]


def _on_score(history: RunHistory) -> Remark | None:
    untrained, best, latest = history.untrained, history.best, history.latest
    if untrained is None or best is None:
        return None
    if untrained >= LEAKED:
        text = _tr("The untrained model already finds nearly every passage: nothing can get better on these questions.")
        return Remark("warn", text)
    if latest is None:
        return Remark("info", _tr("The untrained model was measured. The first check of the trained one comes soon."))
    step, score = best
    if step == 0:
        text = _tr("Not better than the untrained model yet ({change}). If it stays so, the untrained one is kept.")
        return Remark("warn", text.format(change=change(latest - untrained)))
    if score - latest > FELL and len(history.series[SCORE]) > 2:
        text = _tr("It was better at step {step} and falls since: the model of step {step} is the one that is kept.")
        return Remark("info", text.format(step=step))
    text = _tr("Better than the untrained model by {change} at step {step}.")
    return Remark("good", text.format(change=change(score - untrained), step=step))


def _on_loss(history: RunHistory) -> Remark | None:
    smooth = history.series[LOSS].smooth
    if len(smooth) < ENOUGH_STEPS:
        return None
    lowest = min(smooth[len(smooth) // 10 :])
    if smooth[-1] > ROSE * lowest + 0.05:
        return Remark("warn", _tr("The loss rises again. A lower learning rate is calmer."))
    return None


def _tr(text: str) -> str:
    return QCoreApplication.translate("run_watch", text)
