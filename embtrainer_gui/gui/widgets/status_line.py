"""The lowest line of the window: what computes, the memory in use, and where the project is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QFrame, QWidget

from embtrainer_gui.core.hardware import graphics_card
from embtrainer_gui.gui import format as fmt
from embtrainer_gui.gui.widgets.basics import ElidedLabel, label, row

if TYPE_CHECKING:
    from embtrainer_gui.gui.session import Session

EVERY_MS = 3000


class StatusLine(QFrame):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("role", "bar")
        self.setObjectName("shell.status")
        self._device, self._memory = label("", "hint"), label("", "hint")
        self._project = ElidedLabel("", "hint")
        self._memory.hide()  # until it was looked at
        layout = row(self._device, self._memory, self._project, spacing=24)
        layout.setContentsMargins(24, 4, 24, 4)
        layout.setStretch(2, 1)
        self.setLayout(layout)
        session.project_changed.connect(self.show_project)
        session.settings_changed.connect(self.show_device)
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.show_memory)
        self._timer.start()
        self.show_device()
        self.show_project()

    @Slot()
    def show_device(self) -> None:
        settings = self._session.settings
        threads = settings.threads or max(1, (os.cpu_count() or 2) - 1)
        many = self.tr("1 processor") if threads == 1 else self.tr("{n} processors").format(n=threads)
        card = graphics_card() if settings.device == "auto" else ""
        self._device.setText(self.tr("Computes on: {device}").format(device=f"{card}, {many}" if card else many))

    @Slot()
    def show_memory(self) -> None:
        import psutil

        memory = psutil.virtual_memory()
        used, total = fmt.size(memory.total - memory.available), fmt.size(memory.total)
        self._memory.setText(self.tr("Memory: {used} of {total}").format(used=used, total=total))
        self._memory.show()

    @Slot()
    def show_project(self) -> None:
        if not self._session.is_open:
            self._project.setText(self.tr("No project is open"))
            return
        project = self._session.project
        folder = str(project.folder.resolve())
        self._project.setText(self.tr("{folder} (read only)").format(folder=folder) if project.read_only else folder)
