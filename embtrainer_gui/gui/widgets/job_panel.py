"""The strip at the foot of the window while a job runs or has just ended."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QProgressBar, QSizePolicy, QWidget

from embtrainer_gui.core.messages import Event, Progress, Status
from embtrainer_gui.gui import format as fmt
from embtrainer_gui.gui.report import without_secrets
from embtrainer_gui.gui.widgets.basics import ElidedLabel, Icon, button, column, icon_button, label, row
from embtrainer_gui.gui.widgets.job_rate import JobRate
from embtrainer_gui.gui.widgets.progress_words import progress_words

if TYPE_CHECKING:
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.job_manager import JobManager

TICK_MS = 500
KILL_OFFERED_AFTER = 2.0  # seconds of "Stopping..."
LOG_HEIGHT, LOWEST_LOG = 180, 64
REST_OF_WINDOW = 540  # px of height that the page keeps when the log is open
LEAST_TITLE = 96  # px; figures and buttons are never cut, the words before them are
BAR, SHORT_BAR = 220, 96
ROOM_FOR_BAR = 1160


class JobPanel(QFrame):
    def __init__(self, jobs: JobManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._rate = jobs, JobRate()
        self._job: Job | None = None
        self._stopping_since = 0.0
        self._build()
        self._connect()
        self.hide()

    def _build(self) -> None:
        self.setProperty("role", "bar")
        self.setObjectName("job")
        self._icon = Icon("spinner", "accent")
        self._title = ElidedLabel()
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._title.setMinimumWidth(LEAST_TITLE)
        self._status = ElidedLabel("", "secondary")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setObjectName("job.progress")
        self._figures = label("", "secondary")
        self._details = button(self.tr("Details"), "plain", "down", "job.details")
        self._details.setCheckable(True)
        self._report = button(self.tr("Copy report"), "plain", "copy", "job.report")
        self._report.setToolTip(self.tr("How it ended, the last lines of its log, settings and versions; without keys"))
        self._stop = button(self.tr("Stop"), "", "stop", "job.stop")
        self._close = icon_button("close", self.tr("Close the job panel"), "job.close")
        strip = row(
            self._icon, self._title, self._status, self._bar, self._figures, self._details, self._report, self._stop,
            self._close, spacing=12,
        )  # fmt: skip
        strip.setStretch(2, 1)
        strip.setContentsMargins(24, 6, 16, 6)
        self._log = QPlainTextEdit(readOnly=True)
        self._log.setObjectName("job.log")
        self._log.setAccessibleName(self.tr("Last lines of the log"))
        self._log.hide()
        self.setLayout(column(strip, self._log, spacing=0))
        self._tick = QTimer(self, interval=TICK_MS)

    def _connect(self) -> None:
        self._jobs.job_started.connect(self._on_job_started)
        self._jobs.job_event.connect(self._on_job_event)
        self._jobs.job_ended.connect(self._on_job_ended)
        self._details.toggled.connect(self._on_details_toggled)
        self._report.clicked.connect(self._on_report_clicked)
        self._stop.clicked.connect(self._on_stop_clicked)
        self._close.clicked.connect(self.hide)
        self._tick.timeout.connect(self._on_tick)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._bar.setFixedWidth(BAR if event.size().width() >= ROOM_FOR_BAR else SHORT_BAR)
        self._fit_log()

    def _fit_log(self) -> None:
        self._log.setFixedHeight(max(LOWEST_LOG, min(LOG_HEIGHT, self.window().height() - REST_OF_WINDOW)))

    @Slot(object)
    def _on_job_started(self, job: Job) -> None:
        self._job = job
        self._rate.clear()
        self._stopping_since = 0.0
        self._title.setText(job.title)
        self.setAccessibleName(job.title)
        self._icon.set("spinner", "accent")
        self._stop.setText(self.tr("Stop"))
        self._stop.setEnabled(True)
        self._stop.show()
        self._close.hide()
        self._report.hide()
        self._log.clear()
        self._details.setChecked(False)
        self.show()
        self._tick.start()
        self._show_progress()

    @Slot(object, object)
    def _on_job_event(self, job: Job, event: Event) -> None:
        if job is not self._job:
            return
        if isinstance(event, Progress):
            self._rate.add(time.monotonic(), event.done, event.total)
        elif isinstance(event, Status):
            self._rate.clear()
        if job.state == "stopping" and not self._stopping_since:
            self._stopping_since = time.monotonic()
            self._stop.setText(self.tr("Stopping..."))
            self._stop.setEnabled(False)
        self._show_progress()

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if job is not self._job:
            return
        self._tick.stop()
        self._stop.hide()
        self._bar.hide()
        self._close.show()
        self._report.setVisible(bool(job.report))
        icon, token, words = self._outcome(job)
        self._icon.set(icon, token)
        self._status.setText(words)
        self._figures.setText(self.tr("after {time}").format(time=fmt.seconds(job.seconds)))
        self._show_log()

    @Slot()
    def on_page_changed(self) -> None:
        """Go when the job ended as it should and nobody reads the details. At no other moment: the page below grows,
        and what somebody is about to click would move away from under the pointer."""
        job = self._job
        if job is not None and job.state == "ended" and (job.ended_well or job.cancelled):
            self.setVisible(self._details.isChecked())

    def _outcome(self, job: Job) -> tuple[str, str, str]:
        if job.ended_well:
            return "check", "good", self.tr("Done")
        if job.detached:
            return "check", "good", self.tr("It goes on without this window")
        if job.cancelled:
            return "stop", "text-2", self.tr("Stopped. What was done so far is kept.")
        return "cross", "bad", job.failure.message if job.failure else self.tr("Failed")

    @Slot()
    def _on_stop_clicked(self) -> None:
        if self._job is None:
            return
        if self._job.state == "stopping":
            self._jobs.kill(self._job)
        else:
            self._jobs.cancel(self._job)

    @Slot()
    def _on_report_clicked(self) -> None:
        """The report that the supervisor wrote into the project's logs."""
        if self._job is None:
            return
        try:
            text = Path(self._job.report).read_text(encoding="utf-8")
        except OSError as problem:  # the folder may be gone
            text = f"{self._job.title}: {self._job.failure.message if self._job.failure else ''}\n{problem}"
        QGuiApplication.clipboard().setText(without_secrets(text))
        self._status.setText(self.tr("The report was copied."))

    @Slot(bool)
    def _on_details_toggled(self, shown: bool) -> None:
        self._fit_log()
        self._log.setVisible(shown)
        self._show_log()

    @Slot()
    def _on_tick(self) -> None:
        self._show_progress()
        self._show_log()
        if self._stopping_since and time.monotonic() - self._stopping_since > KILL_OFFERED_AFTER:
            self._stop.setText(self.tr("Kill now"))
            self._stop.setToolTip(self.tr("End it at once. What was stored so far is kept."))
            self._stop.setEnabled(True)

    def _show_progress(self) -> None:
        job = self._job
        if job is None or job.state == "ended":
            return
        done, total, item = job.progress
        self._bar.setVisible(True)
        self._bar.setRange(0, total)  # 0 to 0 moves to and fro: how long it takes is not known
        self._bar.setValue(done)
        self._status.setText(" · ".join(part for part in (job.status_text, item) if part))
        self._figures.setText(self._figures_of(done, total, job))

    def _figures_of(self, done: int, total: int, job: Job) -> str:
        if not total:
            return fmt.seconds(job.seconds)
        goes_on = job.state != "stopping"
        rate, left = (self._rate.per_second(), self._rate.remaining(time.monotonic())) if goes_on else (None, None)
        return progress_words(done, total, rate, left, in_bytes=job.in_bytes)

    def _show_log(self) -> None:
        if self._job is None or not self._log.isVisible():
            return
        lines = [*self._job.warnings, self._job.log_tail()]
        text = "\n".join(line for line in lines if line) or self.tr("Nothing was logged so far.")
        if text == self._log.toPlainText():
            return
        bar = self._log.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 4
        self._log.setPlainText(text)
        if at_end:
            bar.setValue(bar.maximum())
