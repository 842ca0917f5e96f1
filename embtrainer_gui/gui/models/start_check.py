"""What stands between the user and a training run, as the words of the Start button."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.training_plan import FEWEST_PAPERS, FEWEST_PASSAGES, TrainingFacts, TrainingPlan
from embtrainer_gui.core.workflow import FEWEST_TRAINING_PAIRS, Step
from embtrainer_gui.gui.format import count, size


@dataclass(frozen=True, slots=True)
class Missing:
    """``text`` is what to do, ``why`` the reason, ``step`` the page where it is done, None for this one."""

    text: str
    why: str
    step: Step | None = None


def what_is_missing(
    facts: TrainingFacts, plan: TrainingPlan, errors: Mapping[str, str], busy: str, read_only: bool
) -> Missing | None:
    """The first thing to do, or None where training can start. ``busy`` is the title of a job that runs."""
    if read_only:
        return Missing(
            _tr("This project can only be read"), _tr("Copy it to a folder that you may write, and open that.")
        )
    return _papers(facts) or _questions(facts) or _here(plan, errors, busy)


def _papers(facts: TrainingFacts) -> Missing | None:
    lacking = FEWEST_PAPERS - facts.unlike_papers
    if lacking <= 0:
        return None
    why = _tr("Three unlike papers are needed: one to train on, one to choose the best model by, one to test it.")
    if not facts.unlike_papers:
        return Missing(_tr("Add papers first"), why, Step.PAPERS)
    text = _tr("Add {number} more papers") if lacking > 1 else _tr("Add one more paper")
    return Missing(text.format(number=lacking), why, Step.PAPERS)


def _questions(facts: TrainingFacts) -> Missing | None:
    if facts.lacking:
        why = _tr("Training needs {fewest} accepted questions on training papers; there are {pairs}.").format(
            fewest=FEWEST_TRAINING_PAIRS, pairs=count(facts.pairs)
        )
        if facts.waiting < facts.lacking:
            return Missing(
                _tr("Make questions first") if not facts.pairs else _tr("Make more questions"), why, Step.QUESTIONS
            )
        text = _tr("Accept {number} more questions") if facts.lacking > 1 else _tr("Accept one more question")
        return Missing(text.format(number=facts.lacking), why, Step.REVIEW)
    if facts.passages < FEWEST_PASSAGES:
        why = _tr("All accepted questions are on one passage: there is nothing to tell it from.")
        return Missing(_tr("Accept questions on other passages"), why, Step.REVIEW)
    return None


def _here(plan: TrainingPlan, errors: Mapping[str, str], busy: str) -> Missing | None:
    if errors:
        text = _tr("Correct {number} settings") if len(errors) > 1 else _tr("Correct one setting")
        return Missing(
            text.format(number=len(errors)),
            _tr("It is marked on the left: {fault}").format(fault=next(iter(errors.values()))),
        )
    if not plan.fits_disk:
        why = _tr("The checkpoints need {need}; {free} are free.").format(need=size(plan.disk), free=size(plan.free))
        return Missing(_tr("Free {size} of disk first").format(size=size(plan.disk - plan.free)), why)
    if busy:
        return Missing(_tr("Wait for: {title}").format(title=busy), _tr("One job at a time runs in a project."))
    return None


def _tr(text: str) -> str:
    return QCoreApplication.translate("start_check", text)
