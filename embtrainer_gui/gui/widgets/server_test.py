"""Asks one server what it is and what it can do. Nothing is sent before the button is pressed, and no text of yours."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QWidget

from embtrainer_gui.core.chat_facts import Met, ServerSpeed, meet_server, speed_of, unload
from embtrainer_gui.core.chat_types import ServerPlace
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.core.settings import Server
from embtrainer_gui.gui.server_words import context_words, met_words, speed_words
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.widgets.basics import button, column, label, row

MOST_CHOICES = 500


class ServerTest(QWidget):
    """First the server is asked for its models; the model that is chosen, or the only one, then for a few words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._server: Server | None = None
        self._place: ServerPlace | None = None  # of the last test that was answered
        self._asking: asyncio.Task[None] | None = None
        self._known = ""  # what the server said of itself, while its model is asked
        self._model = QComboBox()
        self._model.setEditable(True)
        self._model.setObjectName("settings.server-model")
        self._model.setAccessibleName(self.tr("Model to test"))
        self._model.setToolTip(self.tr("A model of the server; the test fills this list."))
        self._model.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._model.setMinimumContentsLength(12)
        self._test = button(self.tr("Test"), "", "", "settings.server-test")
        self._test.setToolTip(
            self.tr("Asks the server for its models, and the chosen model for a few words. No text of yours is sent.")
        )
        self._unload = button(self.tr("Free its memory"), "", "", "settings.server-unload")
        self._unload.setToolTip(
            self.tr("Ollama puts the chosen model out of memory: training wants the same graphics card.")
        )
        self._error = label("", "error", wrap=True, selectable=True)
        self._answer = label("", "secondary", wrap=True, selectable=True)
        self._answer.setObjectName("settings.server-answer")
        self.setLayout(column(row(self._model, self._test, self._unload), self._error, self._answer))
        self._test.clicked.connect(self._on_test_clicked)
        self._unload.clicked.connect(self._on_unload_clicked)
        self.show_server(None)

    @property
    def editor(self) -> QComboBox:
        """For the caption beside it."""
        return self._model

    @property
    def _line(self) -> QLineEdit:
        line = self._model.lineEdit()
        assert line is not None
        return line

    def show_server(self, server: Server | None) -> None:
        """Another server, or none: what was told of the last one goes."""
        self._known, self._place = "", None
        self.stop()
        self._server = server
        self._model.clear()
        self._line.setPlaceholderText(self.tr("Press Test to see its models"))
        self._say("")

    def stop(self) -> None:
        """Let a test that runs be; what is known already stays."""
        if self._asking:
            self._asking.cancel()
            self._asking = None
        self._tell(self._known)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        self.stop()
        super().hideEvent(event)

    def _tell(self, *lines: str) -> None:
        text = "\n".join(line for line in lines if line)
        self._answer.setText(text)
        self._answer.setVisible(bool(text))
        self._test.setText(self.tr("Stop") if self._asking else self.tr("Test"))
        can_unload = self._place is not None and self._place.protocol == "ollama" and bool(self._place.model)
        self._unload.setVisible(can_unload)
        self._unload.setEnabled(self._asking is None)

    def _say(self, error: str) -> None:
        self._error.setText(error)
        self._error.setVisible(bool(error))

    @Slot()
    def _on_test_clicked(self) -> None:
        if self._asking or self._server is None:
            self.stop()
            return
        self._say("")
        self._known = ""
        server, model = self._server, self._line.text().strip()
        met = meet_server(server.address, server.protocol, model)
        self._asking = requests.start(met, self._on_met, self._on_problem)
        self._tell(self.tr("Asking {host} for its models...").format(host=host_of(server.address)))

    def _on_met(self, met: Met) -> None:
        self._asking = None
        self._place = met.place
        chosen, facts = met.place.model, met.facts
        self._model.clear()
        self._model.addItems(facts.models[:MOST_CHOICES])
        self._model.setCurrentIndex(-1)
        self._line.setText(chosen)
        self._line.setPlaceholderText(self.tr("One of its models"))
        self._known = met_words(met)
        if not chosen:
            hint = self.tr("Choose one of its models and press Test again: then it is asked for a few words.")
            self._tell(self._known, hint if facts.models else "")
            return
        self._known += "\n" + context_words(facts)
        self._asking = requests.start(speed_of(met.place), self._on_measured, self._on_problem)
        self._tell(self._known, self.tr("Asking {model} for a few words...").format(model=chosen))

    def _on_measured(self, speed: ServerSpeed) -> None:
        self._asking = None
        self._tell(self._known, speed_words(speed))

    @Slot()
    def _on_unload_clicked(self) -> None:
        place = self._place
        if place is None:
            return
        self._asking = requests.start(unload(place), lambda did: self._on_unloaded(place, did), self._on_problem)
        self._tell(self._known, self.tr("Asking for the memory of {model}...").format(model=place.model))

    def _on_unloaded(self, place: ServerPlace, did: bool) -> None:
        self._asking = None
        done = self.tr("{model} is out of the server's memory. The next question loads it again.")
        left = self.tr("The server did not let go of {model}.")
        self._tell(self._known, (done if did else left).format(model=place.model))

    def _on_problem(self, problem: AppError) -> None:
        self.stop()
        told = (QCoreApplication.translate("core", part) for part in (problem.template, problem.hint_template))
        self._say(" ".join(part.format(**problem.values) for part in told))
