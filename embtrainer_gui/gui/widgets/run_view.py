"""One training run, going on or over: what came of it, its figures, its curves, and how it differs from others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QPushButton, QTableView, QWidget

from embtrainer_gui.core.store.runs import Run, questions_of
from embtrainer_gui.gui.format import change, count, metric, seconds, size
from embtrainer_gui.gui.models.plotted_run import PlottedRun
from embtrainer_gui.gui.models.run_history import RunHistory
from embtrainer_gui.gui.models.run_summary import on_run
from embtrainer_gui.gui.models.run_watch import Remark, faults, standing
from embtrainer_gui.gui.models.runs_table import SettingsTable, dev_scores
from embtrainer_gui.gui.widgets.basics import Chip, ElidedLabel, Icon, StatFigure, button, column, label, row
from embtrainer_gui.gui.widgets.loss_plot import LossPlot
from embtrainer_gui.gui.widgets.steady_scroll import SteadyScroll

if TYPE_CHECKING:
    from embtrainer_gui.core.messages import Noticed
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.models.live_run import LiveFigures

TONE_ICONS = {"good": "check", "info": "info", "warn": "warning", "bad": "cross"}
ROW = 32


class RunView(QWidget):
    """``show_live`` for the run that trains now, ``show_past`` for one that is over.

    Signals: ``stop_wanted``, ``resume_wanted`` (Run), ``settings_wanted`` (Run), ``train_on_wanted`` (Run),
    ``compare_wanted``, ``cure_wanted`` (Run or None, Noticed).
    """

    stop_wanted = Signal()
    resume_wanted = Signal(object)
    settings_wanted = Signal(object)
    train_on_wanted = Signal(object)
    compare_wanted = Signal()
    cure_wanted = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._build()

    def show_plots(self, runs: Sequence[PlottedRun]) -> None:
        self.plots.show_runs(runs)

    def show_differences(self, runs: Sequence[Run]) -> None:
        """The settings in which runs differ; nothing for one run."""
        self._settings.show(runs)
        rows = self._settings.rowCount()
        self._differences.setVisible(rows > 0)
        self._table.setFixedHeight((rows + 1) * ROW + 2)

    def show_live(self, run: Run | None, job: Job, figures: LiveFigures, history: RunHistory) -> None:
        self._run = run
        self._title.setText(run.called if run else self.tr("New run"))
        stopping = job.state == "stopping"
        self._state.set(self.tr("Stopping") if stopping else self.tr("Training"), "info")
        known = figures.steps or figures.step
        self._figure("step", self._place(figures) if known else "–")
        self._figure("pace", _number(figures.pairs_per_second))
        self._figure("elapsed", seconds(figures.elapsed))
        self._figure("remaining", "–" if figures.remaining is None else seconds(figures.remaining))
        self._figure("memory", "–" if figures.memory is None else size(figures.memory))
        self._show_figures("step", "pace", "elapsed", "remaining", "memory")
        found = standing(history) if known else None
        found = found or Remark("info", job.status_text or self.tr("Starting..."))
        self._show_remarks([found, *faults(history), *(Remark("warn", text) for text in dict.fromkeys(job.warnings))])
        self._show_buttons(self.stop)
        self.stop.setEnabled(not stopping)
        self.stop.setText(self.tr("Stopping...") if stopping else self.tr("Stop and save"))

    def show_past(self, run: Run, history: RunHistory, *, resumable: bool, disk: int | None) -> None:
        self._run = run
        self._title.setText(run.called)
        words, tone = self._state_of(run)
        self._state.set(words, tone)
        summary = run.summary
        self._figure("pairs", count(questions_of(summary)) if "pairs" in summary else "–")
        self._figure("steps", count(summary.get("steps", history.last_step)))
        self._figure("best", count(summary["best_step"]) if "best_step" in summary else "–")
        self._figure("time", seconds(summary["seconds"]) if "seconds" in summary else "–")
        self._figure("disk", "–" if disk is None else size(disk))
        self._show_figures("pairs", "steps", "best", "time", "disk")
        self._show_remarks([*self._verdict(run, history, resumable), *faults(history), *on_run(run)])
        self._show_buttons(*self._buttons_of(run, resumable))

    def _build(self) -> None:
        self._title = ElidedLabel("", "section")
        self._state = Chip("")
        self.stop = button(self.tr("Stop and save"), "danger", "stop", "train.stop")
        self.resume = button(self.tr("Resume"), "primary", "play", "train.resume")
        self.compare = button(self.tr("See the comparison"), "primary", "compare", "train.compare")
        self.again = button(self.tr("Use these settings"), "", "retry", "train.again")
        self.train_on = button(self.tr("Train on from it"), "", "train", "train.on")
        self.train_on.setToolTip(self.tr("Start a new run from the model that this one made"))
        self._buttons: Sequence[QPushButton] = (self.again, self.train_on, self.stop, self.resume, self.compare)
        captions = {
            "step": self.tr("step"),
            "pace": self.tr("questions a second"),
            "elapsed": self.tr("so far"),
            "remaining": self.tr("left"),
            "memory": self.tr("memory"),
            "pairs": self.tr("questions"),
            "steps": self.tr("steps"),
            "best": self.tr("best at step"),
            "time": self.tr("took"),
            "disk": self.tr("on disk"),
        }
        self._figures: Mapping[str, StatFigure] = {name: StatFigure(text) for name, text in captions.items()}
        for name, figure in self._figures.items():
            figure.setObjectName(f"train.figure.{name}")
        self._figures["memory"].setToolTip(self.tr("Memory of the training process"))
        self._remarks = column(spacing=4)
        self.plots = LossPlot()
        self._settings = SettingsTable(self)
        self._table = self._new_table()
        self._differences = QWidget()
        self._differences.setLayout(column(label(self.tr("Where the ticked runs differ"), "section"), self._table))
        inner = QWidget()
        body = column(
            row(self._title, self._state, *self._buttons),
            row(*self._figures.values(), None, self.plots.controls, spacing=24),
            self._remarks,
            spacing=12,
        )
        body.addWidget(self.plots, 1)
        body.addWidget(self._differences)
        inner.setLayout(body)
        scroll = SteadyScroll(inner)
        self.setLayout(column(scroll))
        self.stop.clicked.connect(self.stop_wanted)
        self.compare.clicked.connect(self.compare_wanted)
        self.resume.clicked.connect(lambda: self.resume_wanted.emit(self._run))
        self.again.clicked.connect(lambda: self.settings_wanted.emit(self._run))
        self.train_on.clicked.connect(lambda: self.train_on_wanted.emit(self._run))
        self._differences.hide()

    def _new_table(self) -> QTableView:
        table = QTableView()
        table.setObjectName("train.differences")
        table.setModel(self._settings)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        table.setShowGrid(False)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setFixedHeight(ROW)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(ROW)
        return table

    def _place(self, figures: LiveFigures) -> str:
        return f"{count(figures.step)} / {count(figures.steps)}" if figures.steps else count(figures.step)

    def _figure(self, name: str, text: str) -> None:
        self._figures[name].set(text)

    def _show_figures(self, *names: str) -> None:
        for name, figure in self._figures.items():
            figure.setVisible(name in names)

    def _show_buttons(self, *shown: QPushButton) -> None:
        for each in self._buttons:
            each.setVisible(each in shown)

    def _buttons_of(self, run: Run, resumable: bool) -> list[QPushButton]:
        if run.state == "done":
            return [self.again, self.train_on, self.compare]
        return [self.again, self.resume] if resumable else [self.again]

    def _state_of(self, run: Run) -> tuple[str, str]:
        return {
            "done": (self.tr("Done"), "good"),
            "stopped": (self.tr("Stopped"), "warn"),
            "running": (self.tr("Interrupted"), "warn"),
            "failed": (self.tr("Failed"), "bad"),
        }.get(run.state, (run.state, ""))

    def _verdict(self, run: Run, history: RunHistory, resumable: bool) -> list[Remark]:
        base, best = dev_scores(run)
        if run.state == "failed":
            return [Remark("bad", str(run.summary.get("error", self.tr("The run failed."))))]
        if run.state != "done":
            text = self.tr("The run was stopped at step {step}.") if resumable else self.tr("The run was not finished.")
            going_on = self.tr("Resume goes on from its last checkpoint.") if resumable else ""
            stands = standing(history) if history.latest is not None else None
            stopped = Remark("warn", f"{text.format(step=count(history.last_step))} {going_on}".strip())
            return [stopped, *([stands] if stands else [])]
        if base is None or best is None:
            return [
                Remark("warn", self.tr("There were no dev questions to measure it by. Compare tells what it is worth."))
            ]
        figures = self.tr("nDCG@10 {before} → {after} ({change})").format(
            before=metric(base), after=metric(best), change=change(best - base)
        )
        if best > base:
            text = self.tr("Better on the dev questions: {figures}. Compare tells whether it holds on unseen papers.")
            return [Remark("good", text.format(figures=figures))]
        text = self.tr("Not better on the dev questions: {figures}. The untrained model was kept.")
        if "lineage" in run.summary:
            text = self.tr("Not better on the dev questions: {figures}. The model that it went on from was kept.")
        return [Remark("warn", text.format(figures=figures))]

    def _show_remarks(self, found: Sequence[Remark]) -> None:
        while len(self._lines()) < len(found):
            made = _RemarkLine()
            made.cure_clicked.connect(lambda notice: self.cure_wanted.emit(self._run, notice))
            self._remarks.addWidget(made)
        for number, line in enumerate(self._lines()):
            line.setVisible(number < len(found))
            if number < len(found):
                line.show_remark(found[number])

    def _lines(self) -> list[_RemarkLine]:
        items = (self._remarks.itemAt(number) for number in range(self._remarks.count()))
        return [item.widget() for item in items if item is not None]  # type: ignore[misc]


class _RemarkLine(QWidget):
    cure_clicked = Signal(object)  # Noticed

    def __init__(self) -> None:
        super().__init__()
        self._notice: Noticed | None = None
        self._cure = button("", "link", "", "train.remark-cure")
        self._cure.clicked.connect(lambda: self.cure_clicked.emit(self._notice))
        self._icon = Icon("info", "accent")
        self._text = label("", wrap=True, selectable=True)
        self._text.setObjectName("train.remark")
        self._line = row(self._icon, self._text, self._cure)
        self._line.setStretch(1, 1)
        self.setLayout(self._line)

    def show_remark(self, remark: Remark) -> None:
        self._icon.set(TONE_ICONS[remark.tone], "accent" if remark.tone == "info" else remark.tone)
        self._text.setText(remark.text)
        self._notice = remark.notice
        self._cure.setVisible(remark.notice is not None)
        beside = Qt.AlignmentFlag.AlignVCenter if remark.notice else Qt.AlignmentFlag.AlignTop
        self._line.setAlignment(self._icon, beside)
        if remark.notice is not None:
            self._cure.setText(remark.notice.cure)
            self._cure.setAccessibleName(remark.notice.cure)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f}" if value < 100 else count(round(value))
