"""What the doctor says of this computer: findings with their cures, then the facts; copied without secrets."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from embtrainer_gui.core.doctor_report import as_text, facts
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.report import without_secrets
from embtrainer_gui.gui.widgets.basics import Icon, button, card, label, row

SIZE = (760, 560)


class ComputerDialog(QDialog):
    """Looks when it is shown, as a job: the strip of the window has its progress and Stop as well."""

    def __init__(self, jobs: JobManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._job: Job | None = None
        self._report = ""
        self.setWindowTitle(self.tr("This computer"))
        self.resize(*SIZE)
        self._state = label("", "section", wrap=True)
        self._state.setObjectName("computer.state")
        self._area = QScrollArea()
        self._area.setObjectName("computer.facts")
        self._area.setWidgetResizable(True)
        self._servers = QCheckBox(self.tr("Ask my servers, too"))
        self._servers.setObjectName("computer.servers")
        self._servers.setToolTip(self.tr("Asks each server of the settings whether it answers. No paper is sent."))
        self._again = button(self.tr("Look again"), "", "retry", "computer.again")
        self._copy = button(self.tr("Copy the report"), "primary", "copy", "computer.copy")
        self._close = button(self.tr("Close"), name="computer.close")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(self._state)
        layout.addWidget(self._area, 1)
        layout.addLayout(row(self._servers, self._again, None, self._close, self._copy))
        self._again.clicked.connect(self.look)
        self._copy.clicked.connect(self._on_copy_clicked)
        self._close.clicked.connect(self.close)
        jobs.job_ended.connect(self._on_job_ended)

    @Slot()
    def look(self) -> None:
        """Look at the computer; while another job runs the dialog says to wait for it."""
        running = self._jobs.current
        if running is not None and running is not self._job:
            words = self.tr("{title} is running. Look again when it has ended.")
            self._show_state(words.format(title=running.title), is_looking=False)
            return
        self._job = self._jobs.start("doctor", {}, ask_servers=self._servers.isChecked())
        if self._job is not None and self._job.state != "ended":
            self._show_state(self.tr("Looking at this computer. It takes some seconds."), is_looking=True)

    def _show_state(self, words: str, *, is_looking: bool) -> None:
        self._state.setText(words)
        self._again.setEnabled(not is_looking)
        self._copy.setEnabled(bool(self._report) and not is_looking)

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if job.stage != "doctor":
            return
        if job.summary is None:
            failed = job.failure.message if job.failure else self.tr("Stopped before it was done.")
            self._show_state(failed, is_looking=False)
            return
        self._report = without_secrets(as_text(job.summary))
        number = len(job.summary["findings"])
        self._show_state(self._verdict(number), is_looking=False)
        self._copy.setText(self.tr("Copy the report"))
        self._area.setWidget(_contents(job.summary))

    def _verdict(self, number: int) -> str:
        if number == 0:
            return self.tr("All is well on this computer.")
        return self.tr("One finding") if number == 1 else self.tr("{number} findings").format(number=number)

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self._copy.setText(self.tr("Copied"))


def _contents(summary: dict[str, Any]) -> QWidget:
    inner = QWidget()
    layout = QVBoxLayout(inner)
    layout.setContentsMargins(0, 0, 12, 0)
    layout.setSpacing(12)
    for finding in summary["findings"]:
        texts = QVBoxLayout()
        texts.addWidget(label(finding["what"], wrap=True, selectable=True))
        texts.addWidget(label(finding["cure"], "secondary", wrap=True, selectable=True))
        sign = Icon("warning", "warn")
        line = row(sign, texts)
        line.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
        line.setStretch(1, 1)
        layout.addWidget(card(line))
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    for number, (caption, value) in enumerate(facts(summary)):
        grid.addWidget(label(QCoreApplication.translate("core", caption), "secondary"), number, 0)
        shown = QCoreApplication.translate("core", value)
        grid.addWidget(label(shown, wrap=True, selectable=True), number, 1)
    layout.addLayout(grid)
    layout.addStretch(1)
    return inner
