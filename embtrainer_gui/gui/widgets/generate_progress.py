"""How the making of questions goes: how many, how fast, how long still, and the newest ones as they come."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.core.messages import Asked, Event, ItemsChanged, Progress, Waiting
from embtrainer_gui.core.store.pair_figures import NewestPair
from embtrainer_gui.gui import format as words
from embtrainer_gui.gui.estimate_words import cost_words, short_seconds
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.pair_words import kind_words
from embtrainer_gui.gui.widgets.basics import ElidedLabel, StatFigure, button, column, label, row
from embtrainer_gui.gui.widgets.outage_line import OutageLine

NEWEST = 3
FEWEST_FOR_RATE = 3.0  # seconds, before a rate means something


class GenerateProgress(QFrame):
    """Signal: ``pause_wanted``. Time runs from the first passage: loading the generator is not counted."""

    pause_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setObjectName("questions.progress")
        self._job: Job | None = None
        self._made = 0
        self._began = 0.0
        self._first_done = self._first_made = 0
        self._place = (0, 0, "")
        self._making = True
        self._text = ElidedLabel("", "section")
        self._text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._item = ElidedLabel("", "secondary")
        self._pause = button(self.tr("Pause"), "", "pause", "questions.pause")
        self._pause.setToolTip(self.tr("Everything that was made is kept; going on starts where this stopped"))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the questions"))
        self.made = StatFigure(self.tr("made"))
        self.flagged = StatFigure(self.tr("flagged"))
        self.failed = StatFigure(self.tr("failed"))
        self.rate = StatFigure(self.tr("a minute"))
        self.left = StatFigure(self.tr("remaining"))
        self._newest = [ElidedLabel("", "secondary") for _ in range(NEWEST)]
        self.at_once = StatFigure(self.tr("in flight, at most"))
        self.sent = StatFigure(self.tr("tokens sent"))
        self.received = StatFigure(self.tr("tokens received"))
        self.cost = StatFigure(self.tr("cost so far"))
        self.pace = StatFigure(self.tr("a passage"))
        self._outage = OutageLine()
        figures = self._figures()
        newest = column(label(self.tr("Newest"), "hint"), *self._newest, spacing=2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(row(self._text, self._item, self._pause, spacing=12))
        layout.addWidget(self._bar)
        layout.addWidget(self._outage)
        bottom = row(figures, newest, spacing=40)
        bottom.setStretch(1, 1)
        layout.addLayout(bottom)
        self._pause.clicked.connect(self.pause_wanted)

    def _figures(self) -> QGridLayout:
        """Those of every generator, and under them those of servers."""
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(8)
        lines = (
            (self.made, self.flagged, self.failed, self.rate, self.left),
            (self.pace, self.at_once, self.sent, self.received, self.cost),
        )
        for line, figures in enumerate(lines):
            for place, figure in enumerate(figures):
                grid.addWidget(figure, line, place)
        grid.setRowStretch(2, 1)
        return grid

    def _of_servers(self) -> tuple[StatFigure, ...]:
        return self.pace, self.at_once, self.sent, self.received, self.cost

    def begin(self, job: Job) -> None:
        """Follow this job; the figures of one that is followed already stay."""
        if job is self._job:
            return
        self._job = job
        self._made, self._began, self._making = 0, 0.0, True
        self._pause.setEnabled(True)
        for figure in (self.flagged, self.rate, self.left):
            figure.set("–")
        self.made.set("0")
        self.failed.set("0")
        for figure in self._of_servers():
            figure.setVisible(False)
        self._outage.end()
        for shown in self._newest:
            shown.setText("")
        self.show_job(job)

    def end(self) -> None:
        """The run is over."""
        self._outage.end()

    def take(self, job: Job, event: Event) -> None:
        """Note an event of the job; the newest pairs come from ``show_newest``."""
        if isinstance(event, ItemsChanged) and event.table == "pairs" and self._making:
            self._made += event.count
            self.made.set(words.count(self._made))
        elif isinstance(event, Asked):
            self._show_asked(event)
        elif isinstance(event, Waiting):
            self._on_waiting(event)
        elif isinstance(event, Progress) and event.item:  # the checks name no file
            self._making = True
            self._tell_speed(event)
        elif isinstance(event, Progress) or (event.type == "status" and self._began):
            self._making = False
            self.left.set("–")
        self.show_job(job)

    def _show_asked(self, asked: Asked) -> None:
        self.failed.set(words.count(asked.failed), "warn" if asked.failed else "")
        self.at_once.set(words.count(asked.at_once))
        self.sent.set(words.count(asked.prompt_tokens))
        self.received.set(words.count(asked.completion_tokens))
        self.cost.set(cost_words(asked.cost))
        for figure in self._of_servers():
            figure.setVisible(figure is not self.cost or asked.cost > 0)

    def _on_waiting(self, told: Waiting) -> None:
        """The time of an outage counts for no rate: that begins anew when the server is back."""
        self._outage.take(told)
        self._began = 0.0
        for figure in (self.rate, self.left, self.pace):
            figure.set("–")

    def show_newest(self, pairs: Sequence[NewestPair]) -> None:
        for shown, pair in zip(self._newest, pairs, strict=False):
            shown.setText(f"{kind_words(pair.kind)}: {pair.question}  →  {pair.answer}")

    def show_job(self, job: Job) -> None:
        if not self._outage.is_on:  # else it stays as it was when the server went away
            self._place = job.progress
        done, total, item = self._place
        self._pause.setEnabled(job.state in ("starting", "running"))
        if job.state == "stopping":
            self._text.setText(self.tr("Pausing: what was made is kept..."))
        elif total and self._making:
            text = self.tr("{done} of {total} passages")
            self._text.setText(text.format(done=words.count(done), total=words.count(total)))
        elif job.status_text:
            self._text.setText(job.status_text)
        self._item.setText(item)
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def _tell_speed(self, event: Progress) -> None:
        now = time.monotonic()
        if not self._began:
            self._began, self._first_done, self._first_made = now, event.done, self._made
        spent, done = now - self._began, event.done - self._first_done
        if spent >= FEWEST_FOR_RATE and done > 0:
            self.rate.set(words.count(round((self._made - self._first_made) / spent * 60)))
            self.pace.set(short_seconds(spent / done))
            self.left.set(words.seconds((event.total - event.done) * spent / done))
