"""The words of the shell: names of the steps and of their states, and which step cures a blocked one."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step, StepReport, StepState

_NAMES = {
    Step.PAPERS: mark("Papers"),
    Step.QUESTIONS: mark("Questions"),
    Step.REVIEW: mark("Review"),
    Step.TRAIN: mark("Train"),
    Step.COMPARE: mark("Compare"),
    Step.SEARCH: mark("Search"),
    Step.EXPORT: mark("Export"),
}
_STATES = {
    StepState.READY: mark("Ready"),
    StepState.BLOCKED: mark("Not yet"),
    StepState.RUNNING: mark("Running"),
    StepState.DONE: mark("Done"),
    StepState.STALE: mark("Out of date"),
    StepState.FAILED: mark("Failed"),
}
STATE_TONES = {
    StepState.READY: "",
    StepState.BLOCKED: "",
    StepState.RUNNING: "info",
    StepState.DONE: "good",
    StepState.STALE: "warn",
    StepState.FAILED: "bad",
}
_CURES = {
    Step.QUESTIONS: Step.PAPERS,
    Step.REVIEW: Step.QUESTIONS,
    Step.TRAIN: Step.REVIEW,
    Step.COMPARE: Step.TRAIN,
    Step.SEARCH: Step.PAPERS,
    Step.EXPORT: Step.PAPERS,
}
_STEP_OF_STAGE = {
    "import": Step.PAPERS,
    "generate": Step.QUESTIONS,
    "preview": Step.QUESTIONS,
    "check": Step.QUESTIONS,
    "question-table": Step.QUESTIONS,
    "pairs-import": Step.QUESTIONS,
    "marks-to-pairs": Step.QUESTIONS,
    "doubts": Step.REVIEW,
    "regenerate": Step.REVIEW,
    "train": Step.TRAIN,
    "compare": Step.COMPARE,
    "compare-report": Step.COMPARE,
    "export": Step.EXPORT,
    "bundle": Step.EXPORT,
    "import-run": Step.EXPORT,
    "push": Step.EXPORT,
    "pairs-export": Step.EXPORT,
}
_STEP_OF_TABLE = {
    "documents": Step.PAPERS,
    "pairs": Step.QUESTIONS,
    "runs": Step.TRAIN,
    "evaluations": Step.COMPARE,
}


def name_of(step: Step) -> str:
    return QCoreApplication.translate("core", _NAMES[step])


def state_word(state: StepState) -> str:
    return QCoreApplication.translate("core", _STATES[state])


def reason_of(report: StepReport) -> str:
    """Reasons are marked in core, or are what a reader said of a file."""
    return QCoreApplication.translate("core", report.reason) if report.reason else ""


def cure_of(step: Step, reports: Mapping[Step, StepReport]) -> Step:
    """The first step before ``step`` that can be worked on now."""
    cure = _CURES.get(step, Step.PAPERS)
    while reports[cure].state == StepState.BLOCKED and cure in _CURES:
        cure = _CURES[cure]
    return cure


def next_to_do(reports: Mapping[Step, StepReport]) -> Step:
    """Where a project goes on: the first step that is neither done nor blocked."""
    open_steps = [step for step, report in reports.items() if report.state not in (StepState.DONE, StepState.BLOCKED)]
    return open_steps[0] if open_steps else Step.SEARCH


def step_of_stage(stage: str) -> Step | None:
    return _STEP_OF_STAGE.get(stage)


def step_of_table(table: str) -> Step | None:
    """Where a whole job is that has just changed rows of ``table``."""
    return _STEP_OF_TABLE.get(table)
