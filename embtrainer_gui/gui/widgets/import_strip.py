"""How far the reading of papers is, with the name of the file."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from embtrainer_gui.gui import format as words
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.widgets.basics import ElidedLabel, button, label, row


class ImportStrip(QFrame):
    """``stop_wanted`` when Stop is pressed."""

    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("papers.progress")
        self.setProperty("role", "card")
        self._count = label("")
        self._name = ElidedLabel("", "secondary")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(180)
        self._bar.setAccessibleName(self.tr("Progress of the import"))
        self._stop = button(self.tr("Stop"), "", "stop", "papers.stop")
        self._stop.clicked.connect(self.stop_wanted)
        layout = row(self._count, self._name, self._bar, self._stop, spacing=12)
        layout.setContentsMargins(16, 8, 8, 8)
        self.setLayout(layout)

    def show_job(self, job: Job) -> None:
        done, total, item = job.progress
        self._stop.setEnabled(job.state != "stopping")
        if job.state == "stopping" or not total:
            self._count.setText(job.status_text or self.tr("Reading papers"))
            self._name.setText("")
            self._bar.setRange(0, 0)
            return
        text = self.tr("{done} of {total} read")
        self._count.setText(text.format(done=words.count(done), total=words.count(total)))
        self._name.setText(item)
        self._bar.setRange(0, total)
        self._bar.setValue(done)
