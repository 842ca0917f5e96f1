"""How the next papers are read: a form of the import's config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.extractors import is_installed
from embtrainer_gui.core.translate import mark
from embtrainer_gui.gui.widgets.basics import button, label, row
from embtrainer_gui.gui.widgets.config_form import ConfigForm
from embtrainer_gui.gui.widgets.server_probe import ServerProbe
from embtrainer_gui.gui.widgets.steady_scroll import SteadyScroll

SIZE = (560, 600)
ADVANCED = {
    "max_tokens", "page_seconds", "memory_mb", "max_characters", "recognition_seconds", "workers", "file_seconds",
    "vision_dpi", "vision_quality", "vision_retries",
}  # fmt: skip
_TIMES = ("workers", "file_seconds", "page_seconds", "recognition_seconds", "memory_mb")
_ONLY_GROBID = mark("Only where GROBID reads the PDFs.")
_ONLY_VISION = mark("Only where a vision model reads the PDFs.")
_NO_RECOGNITION = mark("Only where pages are recognised, or read by a vision model.")
_FOR_SERVERS = {
    "grobid_url": ("grobid", _ONLY_GROBID),
    "vision_url": ("vision", _ONLY_VISION),
    "vision_model": ("vision", _ONLY_VISION),
    "vision_dpi": ("vision", _ONLY_VISION),
    "vision_quality": ("vision", _ONLY_VISION),
    "vision_retries": ("vision", _ONLY_VISION),
}


class ImportDialog(QDialog):
    """Signals: ``saved`` (ImportConfig) when the user is done with it."""

    saved = Signal(object)

    def __init__(self, config: ImportConfig, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("papers.import-settings")
        self.setWindowTitle(self.tr("Import settings"))
        self.resize(*SIZE)
        self.form = ConfigForm(ImportConfig, self._groups(), ADVANCED, check=_faults, idle=_idle)
        for probe in (ServerProbe("grobid", self.form), ServerProbe("vision", self.form)):
            self.form.add_beside(f"{probe.extractor}_url", probe.test)
            self.form.add_below(f"{probe.extractor}_url", probe)
        self.form.set_values(config.model_dump())
        self._save = button(self.tr("Save"), "primary", name="import.save")
        self._save.setDefault(True)
        self._defaults = button(self.tr("Defaults"), "plain", name="import.defaults")
        cancel = button(self.tr("Cancel"), name="import.cancel")
        hint = label(self.tr("For papers that you add from now on, and for files that you try again."), wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(hint)
        layout.addWidget(SteadyScroll(self.form), 1)
        layout.addLayout(row(self._defaults, None, cancel, self._save))
        self.form.changed.connect(self._on_form_changed)
        self._defaults.clicked.connect(self._on_defaults_clicked)
        self._save.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self._on_form_changed()

    def accept(self) -> None:
        if not self.form.errors():
            super().accept()
            self.saved.emit(ImportConfig.model_validate(self.form.values()))

    def _groups(self) -> list[tuple[str, list[str]]]:
        return [
            (self.tr("Reading"), ["extractor", "pages"]),
            (self.tr("Servers"), list(_FOR_SERVERS)),
            (self.tr("Passages"), ["include", "passage_tokens", "max_tokens"]),
            (self.tr("Limits"), ["max_pages", "max_file_mb", "max_characters", *_TIMES]),
        ]

    @Slot()
    def _on_form_changed(self) -> None:
        self._save.setEnabled(not self.form.errors())
        self._defaults.setEnabled(not self.form.is_default())

    @Slot()
    def _on_defaults_clicked(self) -> None:
        self.form.set_values(ImportConfig().model_dump())


def _idle(values: Mapping[str, Any]) -> dict[str, str]:
    """The fields of servers that are not asked, and of recognition where there is none."""
    extractor = values["extractor"]
    idle = {name: why for name, (needed, why) in _FOR_SERVERS.items() if extractor != needed}
    if extractor in ("text", "layout", "grobid"):
        idle["recognition_seconds"] = _NO_RECOGNITION
    return idle


def _faults(values: Mapping[str, Any]) -> dict[str, str]:
    if not is_installed(values["extractor"]):
        return {"extractor": QCoreApplication.translate("ImportDialog", "It is not installed on this computer.")}
    if values["passage_tokens"] <= values["max_tokens"]:
        return {}
    text = QCoreApplication.translate("ImportDialog", "It must not be more than the longest passage, {most}.")
    return {"passage_tokens": text.format(most=values["max_tokens"])}
