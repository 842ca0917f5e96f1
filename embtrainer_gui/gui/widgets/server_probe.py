"""Under the address of a server that reads papers: what it gets, and a test whether it is there."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from embtrainer_gui.core.chat_facts import ServerFacts
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.consent import read_by
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_address import host_of, is_this_machine
from embtrainer_gui.core.server_probe import probe_grobid, probe_models
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.widgets.basics import button, column, label, set_property
from embtrainer_gui.gui.widgets.config_form import ConfigForm

MOST_NAMES = 6  # of models; then only how many more there are


class ServerProbe(QWidget):
    """For the fields of ``extractor`` in ``form``, to be put under the address, and ``test`` beside it. Both show
    themselves only where that extractor is chosen."""

    def __init__(self, extractor: Literal["grobid", "vision"], form: ConfigForm) -> None:
        super().__init__()
        self.extractor, self._form = extractor, form
        self._asking: asyncio.Task[None] | None = None
        self.test = button(self.tr("Test"), "", "", f"import.test-{extractor}")
        self.test.setToolTip(self.tr("Asks whether the server is there. No paper is sent."))
        self._gets = label("", "hint", wrap=True)
        self._gets.setObjectName(f"import.gets-{extractor}")
        self._answer = label("", "secondary", wrap=True, selectable=True)
        self._answer.setObjectName(f"import.answer-{extractor}")
        self.setLayout(column(self._gets, self._answer, spacing=4))
        self.test.clicked.connect(self._on_test_clicked)
        form.changed.connect(self._on_form_changed)
        self._on_form_changed()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        self._stop_asking()
        super().hideEvent(event)

    @Slot()
    def _on_form_changed(self) -> None:
        """What was told of another address no longer holds."""
        self._stop_asking()
        self._say("")
        values = self._form.values()
        for part in (self, self.test):
            part.setVisible(values["extractor"] == self.extractor)
        host, what = read_by(ImportConfig.model_construct(**values), self.extractor)
        near = is_this_machine(self._address())
        text = self.tr("{what} go to {host}, on this machine.")
        if not near:
            text = self.tr("{what} go to {host}, another machine; you are asked before the first time.")
        told = QCoreApplication.translate("core", what)
        self._gets.setText(text.format(what=told, host=host) if host else "")
        self.test.setEnabled(bool(host))

    def _address(self) -> str:
        values: dict[str, Any] = self._form.values()
        return str(values[f"{self.extractor}_url"]).strip()

    @Slot()
    def _on_test_clicked(self) -> None:
        if self._asking:
            self._stop_asking()
            self._say("")
            return
        address = self._address()
        self._say(self.tr("Asking {host}...").format(host=host_of(address)))
        if self.extractor == "grobid":
            self._asking = requests.start(probe_grobid(address), self._on_version, self._on_problem)
        else:
            self._asking = requests.start(probe_models(address), self._on_facts, self._on_problem)
        self.test.setText(self.tr("Stop"))

    def _stop_asking(self) -> None:
        if self._asking:
            self._asking.cancel()
        self._asking = None
        self.test.setText(self.tr("Test"))

    def _on_version(self, version: str) -> None:
        self._stop_asking()
        self._say(self.tr("It answers: GROBID {version}.").format(version=version).replace(" .", "."))

    def _on_facts(self, facts: ServerFacts) -> None:
        self._stop_asking()
        model = str(self._form.values()["vision_model"])
        shown = ", ".join(facts.models[:MOST_NAMES])
        more = len(facts.models) - MOST_NAMES
        shown += self.tr(" and {count} more").format(count=more) if more > 0 else ""
        if model and not {model, f"{model}:latest"} & set(facts.models):
            text = self.tr("It answers, but has no model {model}. It has: {models}.")
            self._say(text.format(model=model, models=shown or "-"), is_bad=True)
        elif model:
            self._say(self.tr("It answers, and has the model {model}.").format(model=model))
        else:
            self._say(self.tr("It answers. Its models: {models}.").format(models=shown or "-"))

    def _on_problem(self, problem: AppError) -> None:
        self._stop_asking()
        told = (QCoreApplication.translate("core", part) for part in (problem.template, problem.hint_template))
        self._say(" ".join(part.format(**problem.values) for part in told).strip(), is_bad=True)

    def _say(self, text: str, *, is_bad: bool = False) -> None:
        set_property(self._answer, "role", "error" if is_bad else "secondary")
        self._answer.setText(text)
        self._answer.setVisible(bool(text))
