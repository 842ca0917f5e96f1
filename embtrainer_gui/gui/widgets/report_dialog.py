"""A fault in the program: what to copy into a report, with secrets and the home folder taken out."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from PySide6 import __version__ as qt_version
from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from embtrainer_gui import __version__
from embtrainer_gui.core.environment import KEY_VARIABLE
from embtrainer_gui.core.settings import log_folder
from embtrainer_gui.gui.report import without_secrets
from embtrainer_gui.gui.widgets.basics import button, label, row

LOG_LINES = 60


class ReportDialog(QDialog):
    """Stays open for further faults: ``add`` appends. It never stops the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Report a problem"))
        self.resize(760, 520)
        self._title = label("", "section", wrap=True)
        self._hint = label("", "secondary", wrap=True)
        self._text = QPlainTextEdit(readOnly=True)
        self._text.setObjectName("report.text")
        self._text.setAccessibleName(self.tr("Text of the report"))
        self._copy = button(self.tr("Copy the report"), "primary", "copy", "report.copy")
        self._close = button(self.tr("Close"), name="report.close")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        for part in (self._title, self._hint, self._text):
            layout.addWidget(part)
        layout.addLayout(row(None, self._close, self._copy))
        self._copy.clicked.connect(self._on_copy_clicked)
        self._close.clicked.connect(self.close)
        self.faults = 0

    def show_log(self) -> None:
        """A report without a fault: versions and the end of the log."""
        self._title.setText(self.tr("Tell us what went wrong"))
        self._hint.setText(
            self.tr(
                "Copy this text into your report and write what you did. Read it first: names of papers may be in it."
            )
        )
        self._text.setPlainText(without_secrets(f"{_head()}\n\n{_log_tail()}"))
        self.show()

    def add(self, trace: str) -> None:
        """Show a fault, below those that were shown before."""
        self.faults += 1
        self._title.setText(self.tr("Something in the program went wrong"))
        self._hint.setText(
            self.tr("Your project is safe: everything that was stored stays stored. Copy this text into a report.")
        )
        before = self._text.toPlainText() if self.faults > 1 else without_secrets(_head())
        self._text.setPlainText(f"{before}\n\n{without_secrets(trace).strip()}")
        self.show()
        self.raise_()

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
        self._copy.setText(self.tr("Copied"))


def _head() -> str:
    key = "yes" if os.environ.get(KEY_VARIABLE) else "no"
    return (
        f"embtrainer {__version__}, Python {platform.python_version()}, Qt {qt_version}\n"
        f"{platform.platform()}, {os.cpu_count()} processors, {QGuiApplication.platformName()}\n"
        f"a key in the environment: {key}"
    )


def _log_tail() -> str:
    path: Path = log_folder() / "embtrainer.log"
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "no log"
    return "\n".join(lines[-LOG_LINES:])
