"""Acts on many pairs at once, from their buttons to what is said when they have ended; each is one undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store.decisions import Act
from embtrainer_gui.core.store.review_queue import clean_pending
from embtrainer_gui.gui import format as figures
from embtrainer_gui.gui.feedback import Action, Feedback, Tone
from embtrainer_gui.gui.models.bulk_run import Bulk
from embtrainer_gui.gui.models.review_flow import ReviewFlow
from embtrainer_gui.gui.pair_words import batch_words
from embtrainer_gui.gui.widgets.review_strip import ReviewStrip

if TYPE_CHECKING:
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.session import Session


class BulkActs(QObject):
    """``undo`` is what the notice after an act offers."""

    def __init__(
        self,
        strip: ReviewStrip,
        flow: ReviewFlow,
        session: Session,
        jobs: JobManager,
        feedback: Feedback,
        undo: Callable[[], None],
    ) -> None:
        super().__init__(flow)
        self._strip, self._flow, self._session, self._jobs = strip, flow, session, jobs
        self._feedback, self._undo = feedback, undo
        self._check_job: Job | None = None
        strip.accept_shown.connect(lambda: self._decide_shown(PairState.ACCEPTED, Act.ACCEPT_SHOWN))
        strip.reject_shown.connect(lambda: self._decide_shown(PairState.REJECTED, Act.REJECT_SHOWN))
        strip.keep_first.connect(self._keep_first)
        strip.accept_clean.connect(self._accept_clean)
        strip.stop.connect(flow.bulk.stop)
        flow.bulk.moved.connect(strip.show_progress)
        flow.bulk_ended.connect(self._on_flow_bulk_ended)
        jobs.job_ended.connect(self._on_jobs_job_ended)

    def _decide_shown(self, state: PairState, act: Act) -> None:
        self._flow.start_bulk(self._flow.shown_ids(), state, act)

    def _keep_first(self) -> None:
        similar = self._flow.queue.filter.similar if self._flow.queue else None
        if similar is not None:
            others = self._session.project.pair_groups.others(similar)
            self._flow.start_bulk(others, PairState.REJECTED, Act.KEEP_FIRST)

    def _accept_clean(self) -> None:
        """Accept what no check flags; what was not checked yet is checked first."""
        project = self._session.project
        if project.pairs.any_pending_unchecked():
            self._check_job = self._jobs.start("check", {})
            return
        clean = clean_pending(project.database)
        clean.finish()
        if clean.ids:
            self._flow.start_bulk(clean.ids, PairState.ACCEPTED, Act.ACCEPT_CLEAN)
        else:
            self._feedback.say(self.tr("Each pair to review has a reason to look at it."), tone=Tone.INFO)

    def _on_jobs_job_ended(self, job: Job) -> None:
        if job is self._check_job:
            self._check_job = None
            if job.ended_well and self._flow.queue is not None:
                self._accept_clean()

    def _on_flow_bulk_ended(self, bulk: Bulk, changed: int) -> None:
        self._strip.show_progress(0, 0)
        if bulk.batch:
            self._feedback.say(self.tr("Done: {what}").format(what=batch_words(bulk.batch)), tone=Tone.INFO)
            return
        accepted = bulk.state is PairState.ACCEPTED
        text = self.tr("{number} pairs accepted.") if accepted else self.tr("{number} pairs rejected.")
        undo = Action(self.tr("Undo"), self._undo)
        self._feedback.say(text.format(number=figures.count(changed)), action=undo)
