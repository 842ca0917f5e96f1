"""That a local server of language models holds memory which training wants, with the button that frees it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.model_memory import HeldModel, free_models
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.gui.format import size
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.widgets.basics import Icon, button, label, row


class HeldMemory(QWidget):
    """``held`` are rows of the check's summary; nothing is shown where there is none."""

    def __init__(self, held: Sequence[Mapping[str, Any]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held = [HeldModel(str(each["address"]), str(each["model"]), int(each["bytes"]), 0) for each in held]
        self._asking: asyncio.Task[None] | None = None
        self._text = label(self._words(), "warn", wrap=True)
        self._text.setObjectName("check.held")
        self._free = button(self.tr("Free this memory"), "", "", "check.free")
        self._free.setToolTip(self.tr("Ollama puts these models out of memory; its next question loads them again."))
        self._free.clicked.connect(self._on_free_clicked)
        line = row(Icon("warning", "warn"), self._text, self._free, spacing=8)
        line.setStretch(1, 1)
        self.setLayout(line)
        self.setVisible(bool(self._held))

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        if self._asking:
            self._asking.cancel()
        super().hideEvent(event)

    def _words(self) -> str:
        if not self._held:
            return ""
        names = ", ".join(each.model for each in self._held)
        text = self.tr("The server at {host} holds {size} of the memory that training wants: {names}.")
        hosts = ", ".join(sorted({host_of(each.address) for each in self._held}))
        return text.format(host=hosts, size=size(sum(each.size for each in self._held)), names=names)

    def _on_free_clicked(self) -> None:
        self._free.setEnabled(False)
        self._asking = requests.start(free_models(self._held), self._on_freed, self._on_problem)

    def _on_freed(self, freed: int) -> None:
        self._asking = None
        done = freed == len(self._held)
        self._free.setVisible(not done)
        self._free.setEnabled(True)
        text = self.tr("The memory is free.") if done else self.tr("The server did not let go of them: stop it.")
        self._text.setText(text)

    def _on_problem(self, problem: AppError) -> None:
        self._asking = None
        self._free.setEnabled(True)
        self._text.setText(problem.message)
