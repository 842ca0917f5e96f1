"""An item of a reference manager or of a bibliography, with the PDFs that it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import unquote, urlsplit

from embtrainer_gui.core.reference import Reference

LONGEST_PATH = 4096
BIBLIOGRAPHIES = (".bib", ".rdf")
"""Endings of the files that name papers and hold none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """``name`` is what the user knows it by; ``files`` are the places of PDFs, there or not; ``lost`` are the names of
    PDFs whose place cannot be told."""

    reference: Reference
    name: str
    files: tuple[Path, ...] = ()
    lost: tuple[str, ...] = ()


def holds_references(path: Path) -> bool:
    return path.suffix.lower() in BIBLIOGRAPHIES


def names_pdf(path: str) -> bool:
    return path.lower().endswith(".pdf")


def place_of(named: str, folder: Path | None = None) -> Path | None:
    """Where a file is that a library names, as a path or as a ``file:`` address, beside ``folder`` where it is no
    absolute one. Nothing is opened.

    None for what leads to another machine (to look whether it is there would sign in to that), for characters that no
    path has, and for what is no place.
    """
    named = named.strip()
    if not named or len(named) > LONGEST_PATH or "\x00" in named:
        return None
    if named.lower().startswith("file:"):
        return _of_address(named)
    if _leads_away(named) or "://" in named:
        return None
    path = Path(named)
    if path.is_absolute():
        return path
    if PureWindowsPath(named).is_absolute() or PurePosixPath(named).is_absolute() or folder is None:
        return None  # of another system
    return folder / path


def _leads_away(path: str) -> bool:
    """To another machine, in whichever strokes Windows takes it."""
    return path.replace("\\", "/").startswith("//")


def _of_address(address: str) -> Path | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.netloc.lower() not in ("", "localhost"):
        return None
    path = unquote(parts.path)
    if "\x00" in path or _leads_away(path):
        return None
    is_drive = len(path) > 2 and path[0] == "/" and path[2] == ":"
    found = Path(path[1:] if is_drive else path)
    return found if found.is_absolute() else None
