"""A TEI and the PDF that it was made of: the text of the one is shown on the pages of the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.pool import Message
from embtrainer_gui.extract.reading import FileResult
from embtrainer_gui.stages.incoming import GOOD, Incoming
from embtrainer_gui.stages.sources import is_regular

_TEI = (".grobid.tei.xml", ".tei.xml", ".xml", ".tei")


def with_companions(project: Project, files: Sequence[Incoming]) -> list[Incoming]:
    """``files``, where each TEI knows its PDF: of the same name beside it, in the same import, or in the project."""
    if not any(_stem(file.name) for file in files):
        return list(files)
    here = {file.path.stem: file.path for file in files if file.path.suffix.lower() == ".pdf"}
    known = {
        Path(source.file_name).stem: project.papers / source.stored
        for source in project.documents.sources()
        if source.stored.endswith(".pdf")
    }
    found = []
    for file in files:
        stem = _stem(file.name)
        beside = [file.path.with_name(f"{stem}{suffix}") for suffix in (".pdf", ".PDF")] if stem else []
        places = [*beside, *(place for each in (here, known) if (place := each.get(stem)) is not None)]
        found.append(replace(file, pdf=next((place for place in places if is_regular(place)), None)))
    return found


def _stem(name: str) -> str:
    """The name of a TEI without its endings; "" where it has none of them."""
    return next((name[: -len(ending)] for ending in _TEI if name.lower().endswith(ending)), "")


def read_joined(
    files: Mapping[Path, Incoming], read: Callable[[Mapping[Path, Incoming]], Iterator[Message]]
) -> Iterator[Message]:
    """What ``read`` gives of ``files``; a PDF whose TEI is among them only where that could not be read."""
    tei_of = {file.pdf: file for file in files.values() if file.pdf is not None and file.pdf in files}
    good: set[Path] = set()
    for message in read({path: file for path, file in files.items() if path not in tei_of}):
        if isinstance(message, FileResult) and message.state in GOOD:
            good.add(message.path)
        yield message
    text = mark("Its text comes from {name}, and its pages are shown with that.")
    for pdf, tei in tei_of.items():
        if tei.path in good:
            yield FileResult(pdf, FileState.DUPLICATE, text.format(name=tei.name))
    left = {pdf: files[pdf] for pdf, tei in tei_of.items() if tei.path not in good}
    if left:
        yield from read(left)
