"""What the reading processes are told of each file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from embtrainer_gui.core.records import ReadPage
from embtrainer_gui.core.store import Project
from embtrainer_gui.extract.reading import ReadOrder
from embtrainer_gui.extract.recognition import OCR, SETTINGS
from embtrainer_gui.stages.incoming import Incoming


def orders_of(project: Project, files: Iterable[Incoming]) -> dict[Path, ReadOrder]:
    """With the pages that were recognised before, where there are any."""
    recognised = project.read_pages.files(OCR)
    found = {}
    for file in files:
        known: tuple[ReadPage, ...] = ()
        if file.hash in recognised:
            known = tuple(project.read_pages.get(file.hash, OCR, SETTINGS).values())
        found[file.path] = ReadOrder(file.name, file.extractor, file.pages, known)
    return found
