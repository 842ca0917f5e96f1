"""What is said of a run beside its curves: how it stands, and what ``core.watch`` found wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.messages import Noticed
from embtrainer_gui.core.watch import LEAKED
from embtrainer_gui.gui.format import change
from embtrainer_gui.gui.models.run_history import SCORE, RunHistory

FELL = 0.01  # nDCG@10 below the best that is more than noise


@dataclass(frozen=True, slots=True)
class Remark:
    """``notice`` has a cure, which becomes a button."""

    tone: str  # good, info, warn
    text: str
    notice: Noticed | None = None


def faults(history: RunHistory) -> list[Remark]:
    """What was wrong with the run, each once."""
    found = {notice.fault: notice for notice in history.notices}
    return [Remark("warn", notice.text, notice if notice.cure else None) for notice in found.values()]


def standing(history: RunHistory) -> Remark | None:
    """How the newest checks are beside the untrained model; None before the first, and where they cannot tell."""
    untrained, best, latest = history.untrained, history.best, history.latest
    if untrained is None or best is None or untrained >= LEAKED:
        return None
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


def _tr(text: str) -> str:
    return QCoreApplication.translate("run_watch", text)
