"""What stands between the user and a training run, as the words of the Start button."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from embtrainer_gui.core.training_plan import FEWEST_PAPERS, FEWEST_PASSAGES, TrainingFacts, TrainingPlan
from embtrainer_gui.core.workflow import FEWEST_TRAINING_PAIRS, Step
from embtrainer_gui.gui.format import count, size


@dataclass(frozen=True, slots=True)
class Missing:
    """``text`` is what to do, ``why`` the reason, ``step`` the page where it is done, None for this one."""

    text: str
    why: str
    step: Step | None = None


Translate = Callable[[str], str]


def what_is_missing(
    facts: TrainingFacts, plan: TrainingPlan, errors: Mapping[str, str], busy: str, read_only: bool, tr: Translate
) -> Missing | None:
    """The first thing to do, or None where training can start. ``busy`` is the title of a job that runs."""
    if read_only:
        return Missing(tr("This project can only be read"), tr("Copy it to a folder that you may write, and open that."))
    return _papers(facts, tr) or _questions(facts, tr) or _here(plan, errors, busy, tr)


def _papers(facts: TrainingFacts, tr: Translate) -> Missing | None:
    lacking = FEWEST_PAPERS - facts.unlike_papers
    if lacking <= 0:
        return None
    why = tr("Three unlike papers are needed: one to train on, one to choose the best model by, one to test it.")
    if not facts.unlike_papers:
        return Missing(tr("Add papers first"), why, Step.PAPERS)
    text = tr("Add {number} more papers") if lacking > 1 else tr("Add one more paper")
    return Missing(text.format(number=lacking), why, Step.PAPERS)


def _questions(facts: TrainingFacts, tr: Translate) -> Missing | None:
    if facts.lacking:
        why = tr("Training needs {fewest} accepted questions on training papers; there are {pairs}.").format(
            fewest=FEWEST_TRAINING_PAIRS, pairs=count(facts.pairs)
        )
        if facts.waiting < facts.lacking:
            return Missing(tr("Make questions first") if not facts.pairs else tr("Make more questions"), why, Step.QUESTIONS)
        text = tr("Accept {number} more questions") if facts.lacking > 1 else tr("Accept one more question")
        return Missing(text.format(number=facts.lacking), why, Step.REVIEW)
    if facts.passages < FEWEST_PASSAGES:
        why = tr("All accepted questions are on one passage: there is nothing to tell it from.")
        return Missing(tr("Accept questions on other passages"), why, Step.REVIEW)
    return None


def _here(plan: TrainingPlan, errors: Mapping[str, str], busy: str, tr: Translate) -> Missing | None:
    if errors:
        text = tr("Correct {number} settings") if len(errors) > 1 else tr("Correct one setting")
        return Missing(text.format(number=len(errors)), tr("It is marked on the left: {fault}").format(
            fault=next(iter(errors.values()))
        ))
    if not plan.fits_disk:
        why = tr("The checkpoints need {need}; {free} are free.").format(need=size(plan.disk), free=size(plan.free))
        return Missing(tr("Free {size} of disk first").format(size=size(plan.disk - plan.free)), why)
    if busy:
        return Missing(tr("Wait for: {title}").format(title=busy), tr("One job at a time runs in a project."))
    return None
