"""What the summary of a finished run says besides its scores, in sentences."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.estimate import error
from embtrainer_gui.core.general_report import report_of
from embtrainer_gui.core.negatives_report import NegativesReport
from embtrainer_gui.core.run_words import further_lines, leak_warning
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.gui.format import MINUS, seconds
from embtrainer_gui.gui.models.run_watch import Remark


def on_run(run: Run) -> list[Remark]:
    return [*_on_general(run), *_on_negatives(run), *_further(run), *_on_place(run), *_on_time(run)]


def _on_negatives(run: Run) -> list[Remark]:
    told = run.summary.get("hard_negatives")
    if not told:
        return []
    report = NegativesReport(**told)
    return [Remark("info" if report.kept else "warn", report.sentence())]


def _on_general(run: Run) -> list[Remark]:
    report = report_of(run.summary)
    return [Remark("warn" if report.lost else "info", report.sentence())] if report else []


def _on_place(run: Run) -> list[Remark]:
    device = run.summary.get("device")
    return (
        [Remark("info", _tr("It was trained on another computer: {device}.").format(device=device))] if device else []
    )


def _further(run: Run) -> list[Remark]:
    warning = leak_warning(run.summary)
    warnings = [Remark("warn", warning)] if warning else []
    return [*(Remark("info", line) for line in further_lines(run.summary)), *warnings]


def _on_time(run: Run) -> list[Remark]:
    """How far the check before the run was off; nothing where there was none."""
    off = error(run.summary, "cpu")
    if off is None:
        return []
    text = _tr("It took {spent} of processor time; the check before it had told {told} ({off}).")
    told, spent = run.summary["estimate"]["told"]["cpu"], run.summary["spent"]["cpu"]
    share = f"{100 * off:+.0f} %".replace("-", MINUS)
    return [Remark("info", text.format(spent=seconds(spent), told=seconds(told), off=share))]


def _tr(text: str) -> str:
    return QCoreApplication.translate("run_summary", text)
