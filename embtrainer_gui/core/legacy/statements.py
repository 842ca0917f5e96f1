"""The predecessor's input folder: text files of which each line is one statement to ask about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.legacy.progress import is_done
from embtrainer_gui.core.translate import mark

FEWEST_WORDS = 10  # also leaves out empty lines and the "[Page 7 - Not yet processed]" of an unfinished extraction
SPELLINGS = ("grobid_proccessed_pdf", "grobid_processed_pdf")  # the scripts' spelling and the guide's
_SKIPPED_STARTS = (
    "acknowledgments:",
    "acknowledgements:",
    "funding:",
    "data availability statement:",
    "author contributions:",
    "references:",
    "declarations:",
)


@dataclass(frozen=True, slots=True)
class Statement:
    file_name: str
    line_number: int  # from 1
    text: str


def input_folder(folder: Path) -> Path:
    """``folder``, or the same with the other spelling of its name where only that one exists."""
    if not folder.is_dir() and folder.name in SPELLINGS:
        for spelling in SPELLINGS:
            if folder.with_name(spelling).is_dir():
                return folder.with_name(spelling)
    return folder


def read_statements(folder: Path, done: Mapping[str, Mapping[str, Any]] | None = None) -> Iterator[Statement]:
    """The statements of all ``*.txt`` in ``folder``, by name and line; ``done`` (progress.json) is left out.

    Bytes that are not UTF-8 become U+FFFD, since one bad byte must not cost a paper.

    Raises:
        UserError: no such folder.
        EnvironmentProblem: a file cannot be read.
    """
    folder = input_folder(folder)
    if not folder.is_dir():
        raise UserError(
            mark("There is no folder {path}."),
            mark("Check input_dir; it is relative to the current folder."),
            path=folder,
        )
    for file in sorted(path for path in folder.glob("*.txt") if path.is_file()):
        for number, line in enumerate(_lines(file), 1):
            text = line.strip()
            if not _is_skipped(text) and not is_done(done or {}, file.name, number):
                yield Statement(file.name, number, text)


def _lines(file: Path) -> list[str]:
    try:
        content = file.read_bytes()
    except OSError as problem:
        raise EnvironmentProblem(
            mark("{path} cannot be read: {reason}."),
            mark("Check that you may read it."),
            path=file,
            reason=problem.strerror or problem,
        ) from problem
    # Not splitlines: it also cuts at characters that stand inside a paragraph (U+2028, form feeds).
    return content.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")


def _is_skipped(text: str) -> bool:
    return len(text.split()) < FEWEST_WORDS or text.casefold().startswith(_SKIPPED_STARTS)
