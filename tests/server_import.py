"""Imports that ask servers, in the test's own process: small PDFs, the stage with its events, and what it stored."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymupdf

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.messages import Event
from embtrainer_gui.core.records import Passage
from embtrainer_gui.core.store import create_project
from embtrainer_gui.core.store.project import Project
from embtrainer_gui.stages import import_papers
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.reread import Again

SENTENCES = (
    "The spread of {topic} was counted in spring on every farm of the region, by hand and by two people.",
    "Growers who sprayed early saw less of {topic} than those who waited for the first warm rain of May.",
    "A colder winter did not change how often {topic} came back in the fields that stood near a river.",
)


def text_of(topic: str) -> str:
    return " ".join(SENTENCES).format(topic=topic)


def write_pdf(path: Path, *topics: str) -> Path:
    """A page of text for each topic; "" is a page without a text layer."""
    document = pymupdf.open()
    for topic in topics:
        page = document.new_page()
        if topic:
            page.insert_textbox(pymupdf.Rect(72, 72, 500, 400), text_of(topic), fontsize=11)
        else:
            page.draw_rect(pymupdf.Rect(72, 72, 300, 300), fill=(0.5, 0.5, 0.5))
    document.save(path)
    return path


class Importer:
    """A project and imports into it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.events: list[Event] = []
        self.cancelled = threading.Event()

    def run(
        self, sources: Sequence[Path], *, retry: bool = False, again: Again = "never", **settings: Any
    ) -> dict[str, dict[str, Any]]:
        """The line of each file of the result, by file name."""
        config = ImportConfig.model_validate({"workers": 1, **settings})
        ctx = Context(self.project, self.events.append, self.cancelled)
        summary = import_papers.run(ctx, config, sources, retry=retry, again=again)
        return {row["file"]: row for row in summary["files"]}

    def passages(self) -> list[Passage]:
        return list(self.project.passages.in_use())

    def source(self, name: str) -> Any:
        return next(source for source in self.project.documents.sources() if source.file_name == name)


@contextmanager
def importer(folder: Path) -> Iterator[Importer]:
    with create_project(folder) as project:
        yield Importer(project)
