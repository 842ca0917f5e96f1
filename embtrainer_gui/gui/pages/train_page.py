"""Train: settings with what they would really do, the live run, and the runs of before."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.hardware import hardware
from embtrainer_gui.core.messages import Event, Metric, Noticed, Status
from embtrainer_gui.core.store.runs import Run, RunStore
from embtrainer_gui.core.training_plan import TrainingFacts, training_facts
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.background import Background
from embtrainer_gui.gui.feedback import Action
from embtrainer_gui.gui.models.live_run import LiveRun
from embtrainer_gui.gui.models.plotted_run import PlottedRun, run_token
from embtrainer_gui.gui.models.run_history import RunHistory, read_history
from embtrainer_gui.gui.models.start_check import Missing
from embtrainer_gui.gui.models.train_reading import read_facts, read_sizes
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.widgets.basics import column
from embtrainer_gui.gui.widgets.check_dialog import show_check
from embtrainer_gui.gui.widgets.list_and_detail import ListAndDetail
from embtrainer_gui.gui.widgets.model_chooser import open_chooser
from embtrainer_gui.gui.widgets.runs_list import RunsList
from embtrainer_gui.gui.widgets.train_setup import TrainSetup

if TYPE_CHECKING:
    from pathlib import Path

    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.widgets.run_view import RunView

KEPT = "train"
WHOLE_JOBS = ("sample", "run")  # which train among other steps


class TrainPage(Page):
    step = Step.TRAIN
    title = mark("Train")
    subtitle = mark("Teach the model your papers, and watch whether it gets better.")
    icon = "train"
    handles_blocked: ClassVar[bool] = True

    def _build(self) -> None:
        self.setup, self.list = TrainSetup(), RunsList()
        self.live = LiveRun(self)
        self._background = Background(self)
        self._view: RunView | None = None  # made when there is a run to look at: it brings pyqtgraph
        self._histories: dict[str, RunHistory] = {}  # of runs that are over, by name
        self._runs: list[Run] = []
        self._sizes: dict[int, int] = {}
        self._live_run: Run | None = None
        self._known_runs: set[int] = set()  # before the run that trains now
        self._of_project: Path | None = None
        self._stack = QStackedWidget()
        self._stack.addWidget(self.setup)
        self._panes = ListAndDetail(self.list, self._stack, self.tr("Runs"), "train.runs")
        self.setLayout(column(self._panes))

    def _connect(self) -> None:
        self.setup.start_wanted.connect(self.start)
        self.setup.check_wanted.connect(self.check)
        self.setup.cure_wanted.connect(self._on_setup_cure_wanted)
        self.setup.models_wanted.connect(lambda: open_chooser(self.jobs, self.setup.form, self.window()))
        self.list.new_wanted.connect(self._show_setup)
        self.list.chosen.connect(self._on_list_chosen)
        self.list.ticked_changed.connect(self._on_list_ticked_changed)
        self.list.renamed.connect(lambda run, title: self._change(lambda: self._store.rename(run.id, title)))
        self.list.noted.connect(lambda run, note: self._change(lambda: self._store.annotate(run.id, note)))
        self.list.pinned.connect(lambda run, pinned: self._change(lambda: self._store.pin(run.id, pinned)))
        self.list.delete_wanted.connect(self._on_list_delete_wanted)
        self.live.grew.connect(self._on_live_grew)
        self.live.told.connect(self._show_live)
        self.jobs.job_started.connect(self._on_jobs_job_started)
        self.jobs.job_event.connect(self._on_jobs_job_event)
        self.jobs.job_ended.connect(self._on_jobs_job_ended)
        self.session.table_changed.connect(self._on_session_table_changed)
        self.session.project_changed.connect(self._on_session_project_changed)
        self._background.failed.connect(self.feedback.problem)

    @property
    def view(self) -> RunView:
        if self._view is None:
            from embtrainer_gui.gui.widgets.run_view import RunView

            self._view = RunView()
            self._view.stop_wanted.connect(self._on_view_stop_wanted)
            self._view.resume_wanted.connect(self._on_view_resume_wanted)
            self._view.settings_wanted.connect(lambda run: self._use(run.config))
            self._view.train_on_wanted.connect(lambda run: self._use(run.config | {"base_model": run.name}))
            self._view.cure_wanted.connect(self._on_view_cure_wanted)
            self._view.compare_wanted.connect(lambda: self.go_to.emit(Step.COMPARE))
            self._stack.addWidget(self._view)
        return self._view

    @property
    def _store(self) -> RunStore:
        return self.session.project.runs

    def enter(self) -> None:
        if not self.session.is_open:
            return
        first = self._of_project != self.session.project.folder
        if first:
            self._take_project()
        self._read_project()
        job = self.jobs.current
        if job is not None and self.live.job is not job and self._trains(job):
            self._follow(job)
        elif first and self._runs and self._runs[-1].state != "done":
            self.look_at(self._runs[-1])
        self.setup.show_busy(job.title if job else "")

    def leave(self) -> None:
        self.list.save_note()
        if self.session.is_open and self.setup.is_touched:
            self.session.keep(KEPT, form=self.setup.values())

    def start(self) -> None:
        """Start a run with the settings of the form."""
        self.leave()
        self.jobs.start("train", self.setup.config, **self.setup.launch_options)

    def check(self) -> None:
        self.leave()
        self.jobs.start("preflight", self.setup.config, **self.setup.launch_options)

    def look_at(self, run: Run) -> None:
        """Show a run, with the ticked ones over it."""
        self.list.select(run.id)
        self._stack.setCurrentWidget(self.view)
        self._panes.show_detail()
        self._draw()

    def _take_project(self) -> None:
        self._of_project = self.session.project.folder
        self._histories.clear()
        self._sizes.clear()
        self.setup.forget()
        self._stack.setCurrentWidget(self.setup)
        kept = self.session.kept(KEPT)
        if "form" in kept:
            self.setup.set_values(kept["form"])
        if not self.session.project.read_only:
            self._store.purge(self._remove)  # what earlier windows deleted

    def _read_project(self) -> None:
        """Runs at once; what takes longer (counting pairs, sizes on disk) comes later."""
        self._read_runs()
        project, store, runs = self.session.project, self._store, list(self._runs)
        if project.read_only:  # perhaps a copy in memory of what cannot be opened twice
            self._on_facts_read(training_facts(project))
        else:
            folder = project.folder
            self._background.run("facts", lambda: read_facts(folder), self._on_facts_read)
        self._background.run("sizes", lambda: read_sizes(store, runs), self._on_sizes_read)

    def _remove(self, folder: Path) -> None:
        remove = partial(shutil.rmtree, folder, ignore_errors=True)
        self._background.run(f"remove {folder.name}", remove, lambda _: None)

    def _read_runs(self) -> None:
        self._runs = self._store.all()
        self._find_live_run()
        self.list.show_runs(self._runs, self._live_run.id if self._live_run else None)
        self._panes.set_used(bool(self._runs))

    def _on_facts_read(self, facts: TrainingFacts) -> None:
        if self.session.is_open:
            project = self.session.project
            machine = hardware(self.session.settings.device, self.jobs.threads())
            self.setup.show_project(facts, self._runs, project.folder, read_only=project.read_only, machine=machine)

    def _on_sizes_read(self, sizes: dict[int, int]) -> None:
        self._sizes = sizes
        self.list.table.set_sizes(sizes)
        self._show_past()

    @property
    def _is_live(self) -> bool:
        """Until its end was shown; the manager says that its rows changed before it says that it ended."""
        return self.live.job is not None

    def _trains(self, job: Job) -> bool:
        """Whether a job is at training now: a whole job is while its run is not over."""
        if job.stage in WHOLE_JOBS:
            return bool(self._runs) and self._runs[-1].state == "running"
        return job.stage == "train"

    def _looks_at_live(self) -> bool:
        if not self._is_live or self._stack.currentWidget() is self.setup:
            return False
        current = self.list.current
        return current is None or (self._live_run is not None and current.id == self._live_run.id)

    def _follow(self, job: Job) -> None:
        """A training job began, or goes on since before this page was built."""
        resumed = bool(job.options.get("resume")) or job.attached or job.stage in WHOLE_JOBS
        self._live_run = None
        self._known_runs = {run.id for run in self._runs[: -1 if resumed and self._runs else None]}
        self.live.follow(job)
        self._read_runs()
        self.list.select(self._live_run.id if self._live_run else None)
        self._stack.setCurrentWidget(self.view)
        self._draw()
        self._show_live()

    def _find_live_run(self) -> None:
        """The row of the run that trains now: the newest one that was not there before it."""
        if not self._is_live:
            self._live_run = None
            return
        fresh = [run for run in self._runs if run.id not in self._known_runs]
        self._live_run = fresh[-1] if fresh else None
        if self._live_run is not None:
            self.live.folder = self._store.folder(self._live_run)
            self.live.epochs = int(self._live_run.config.get("epochs", 0) * self._live_run.config["soup"])

    def _shown_runs(self) -> list[Run]:
        """The one that is looked at, then the ticked ones."""
        current = self.list.current
        if current is None and self._looks_at_live():
            current = self._live_run
        ticked = [run for run in self.list.table.runs if run.id in self.list.table.ticked]
        return [*([current] if current else []), *(run for run in ticked if run is not current)]

    def _draw(self) -> None:
        """Curves, differences and colours of the runs that are shown."""
        if self._stack.currentWidget() is self.setup:
            return
        runs = self._shown_runs()
        plotted = [PlottedRun(run.called, self._history(run), run_token(place)) for place, run in enumerate(runs)]
        if self._looks_at_live() and self._live_run is None:
            plotted.insert(0, PlottedRun("", self.live.history))
        self.view.show_plots(plotted)
        self.view.show_differences(runs)
        self.list.table.set_colors({run.id: run_token(place) for place, run in enumerate(runs)})
        self._show_past()

    def _history(self, run: Run) -> RunHistory:
        if self._is_live and self._live_run is not None and run.id == self._live_run.id:
            return self.live.history
        if run.name not in self._histories:
            self._histories[run.name] = RunHistory()
            folder = self._store.folder(run)
            done = partial(self._on_history_read, run.name)
            self._background.run(f"history {run.name}", lambda: read_history(folder), done)
        return self._histories[run.name]

    def _on_history_read(self, name: str, history: RunHistory) -> None:
        self._histories[name] = history
        self._draw()

    def _show_past(self) -> None:
        run = self.list.current
        if run is None or self._stack.currentWidget() is self.setup or self._looks_at_live():
            return
        resumable = run is self._runs[-1] and run.state != "done" and not self._is_live
        self.view.show_past(run, self._history(run), resumable=resumable, disk=self._sizes.get(run.id))

    def _show_live(self) -> None:
        job = self.live.job
        if job is not None and self._looks_at_live():
            self.view.show_live(self._live_run, job, self.live.figures(), self.live.history)

    def _show_setup(self) -> None:
        self.list.select(None)
        self._stack.setCurrentWidget(self.setup)
        self._panes.show_detail()
        self.list.table.set_colors({})

    @Slot()
    def _on_live_grew(self) -> None:
        if self._view is not None and self._is_live:
            self._view.plots.refresh()

    def _on_jobs_job_started(self, job: Job) -> None:
        self.setup.show_busy(job.title)
        if job.stage == "train" and self._is_of_project():
            self._follow(job)

    def _on_jobs_job_event(self, job: Job, event: Event) -> None:
        if job is not self.live.job:
            if isinstance(event, Metric | Status) and job.stage in WHOLE_JOBS and self._is_of_project():
                self._read_runs()
                if self._trains(job):
                    self._follow(job)
            return
        self.live.hear(event)
        if self._live_run is None:
            self._read_runs()
            if self._live_run is not None:
                self.list.select(self._live_run.id)
                self._draw()
        self._show_live()
        if isinstance(event, Status) and job.stage in WHOLE_JOBS and self._is_of_project():
            self._read_runs()
            if not self._trains(job):  # it goes on with the comparison
                self._end_live()

    def _is_of_project(self) -> bool:
        return self.session.is_open and self._of_project == self.session.project.folder

    def _on_jobs_job_ended(self, job: Job) -> None:
        self.setup.show_busy("")
        if job is self.live.job:
            self._end_live()
        elif job.stage == "preflight" and job.summary is not None and self._is_of_project():
            self._read_project()  # with the time that was measured
            show_check(job.summary, self.window(), self.start)

    def _end_live(self) -> None:
        ended, looked_at = self._live_run, self._looks_at_live()
        self.live.end()
        if not self._is_of_project():
            return
        if ended is not None:
            self._histories.pop(ended.name, None)
        self._read_project()
        if looked_at and ended is not None:
            self.look_at(next(run for run in self._runs if run.id == ended.id))
        elif looked_at:
            self._show_setup()

    def _on_session_table_changed(self, table: str) -> None:
        if self._is_of_project() and self.isVisible():
            self._read_project()

    def _on_session_project_changed(self) -> None:
        self._of_project = None

    def _on_setup_cure_wanted(self, missing: Missing) -> None:
        if missing.step is not None:
            self.go_to.emit(missing.step)
        else:
            self.feedback.show(missing.text, missing.why)

    def _on_list_chosen(self, run: Run) -> None:
        self.look_at(run)
        self._show_live()

    def _on_list_ticked_changed(self) -> None:
        if self._stack.currentWidget() is self.setup and self.list.table.ticked:
            self.look_at(next(run for run in self.list.table.runs if run.id in self.list.table.ticked))
        else:
            self._draw()

    def _on_list_delete_wanted(self, run: Run) -> None:
        if not self._change(lambda: self._store.delete(run)):
            return
        self._histories.pop(run.name, None)
        self._show_setup()
        self.feedback.say(
            self.tr("{name} was deleted.").format(name=run.called),
            action=Action(self.tr("Undo"), lambda: self._put_back(run)),
        )

    def _put_back(self, run: Run) -> None:
        if self._change(lambda: self._store.put_back(run)):
            for found in [each for each in self._runs if each.id == run.id]:
                self.look_at(found)

    def _change(self, act: Any) -> bool:
        """Change a run, read the list again and tell everybody; False, with a banner, where it cannot be."""
        try:
            act()
        except AppError as problem:
            self.feedback.problem(problem)
            return False
        self._read_runs()
        self.session.table_changed.emit("runs")
        self._show_past()
        return True

    def _on_view_stop_wanted(self) -> None:
        if self.jobs.current is not None:
            self.jobs.cancel(self.jobs.current)
            self._show_live()

    def _on_view_resume_wanted(self, run: Run) -> None:
        self.jobs.start("train", TrainConfig.model_validate(run.config), resume=True, **self.setup.launch_options)

    def _use(self, values: dict[str, Any]) -> None:
        """Settings for a new run."""
        self.setup.set_values(values)
        self._show_setup()

    def _on_view_cure_wanted(self, run: Run | None, notice: Noticed) -> None:
        if notice.page:
            self.go_to.emit(Step(notice.page))
        else:
            self._use({**(run.config if run else {}), **notice.changes})
