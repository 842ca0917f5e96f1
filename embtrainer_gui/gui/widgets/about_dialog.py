"""Versions and licences of the program and of what it stands on."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from dataclasses import dataclass

from PySide6.QtWidgets import QDialog, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from embtrainer_gui import __version__
from embtrainer_gui.gui.widgets.basics import button, label, row
from embtrainer_gui.gui.widgets.plain_table import plain_table

PROGRAM = "embtrainer"
LONGEST_LICENCE = 60


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    version: str
    licence: str


def parts() -> list[Part]:
    """Every package that the program needs, as its metadata names it; reading them takes some 100 ms."""
    try:
        requirements = importlib.metadata.requires(PROGRAM) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    names = [
        re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        for requirement in requirements
        if "extra ==" not in requirement
    ]
    found = []
    for name in sorted(names, key=str.lower):
        try:
            metadata = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found.append(Part(name, metadata["Version"], _licence(metadata)))
    return found


def _licence(metadata: importlib.metadata.PackageMetadata) -> str:
    expression = _field(metadata, "License-Expression")
    if expression:
        return expression
    classifiers = [
        line.rsplit(" :: ", 1)[-1] for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    if classifiers:
        return ", ".join(classifiers)
    lines = _field(metadata, "License").strip().splitlines()
    return lines[0][:LONGEST_LICENCE] if lines else "–"


def _field(metadata: importlib.metadata.PackageMetadata, name: str) -> str:
    return str(metadata[name]) if name in metadata else ""


class AboutDialog(QDialog):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Embedding Trainer"))
        self.resize(640, 520)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label("Embedding Trainer", "page-title"))
        versions = self.tr("Version {version}, Python {python}. Licence: AGPL-3.0-or-later.")
        layout.addWidget(label(versions.format(version=__version__, python=platform.python_version()), "secondary"))
        layout.addWidget(label(self.tr("It stands on the work of others:"), wrap=True))
        layout.addWidget(self._table(parts()))
        close = button(self.tr("Close"), name="about.close")
        close.clicked.connect(self.close)
        layout.addLayout(row(None, close))

    def _table(self, rows: list[Part]) -> QTableWidget:
        table = plain_table(QTableWidget(len(rows), 3), "about.parts", row=28)
        table.setSelectionMode(QTableWidget.SelectionMode.ExtendedSelection)
        table.setHorizontalHeaderLabels([self.tr("Package"), self.tr("Version"), self.tr("Licence")])
        for number, part in enumerate(rows):
            for place, text in enumerate((part.name, part.version, part.licence)):
                table.setItem(number, place, QTableWidgetItem(text))
        table.setColumnWidth(0, 220)
        table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        return table
