"""Files that name papers: Zotero RDF and BibTeX, with the PDFs beside them. No PDF is opened here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.reference import LONGEST_NAME, one_line
from embtrainer_gui.core.reference_entry import BIBLIOGRAPHIES, Entry, names_pdf, place_of
from embtrainer_gui.core.translate import mark

LARGEST_MB = 32  # a library of 10,000 papers takes some 15 MB; a tree takes ten times its file
MOST_ENTRIES = 100_000
MOST_FILES = 50  # PDFs of one entry


@dataclass(slots=True)
class Bibliography:
    """``left_out``: a sentence for each part of the file that could not be read."""

    entries: list[Entry] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_bibliography(path: Path) -> Bibliography:
    """Read a file that was exported from a reference manager.

    Raises:
        UserError: it is not there, too large, broken as a whole, of another kind, or names no paper.
    """
    _check(path)
    if path.suffix.lower() == ".bib":
        from embtrainer_gui.extract.bibtex import read_bibtex

        found = read_bibtex(path)
    else:
        from embtrainer_gui.extract.zotero_rdf import read_rdf

        found = read_rdf(path)
    if not found.entries:
        why = f" {found.left_out[0]}" if found.left_out else ""
        raise UserError(
            mark("{path} names no paper.{why}"),
            mark("Export the library again, as Zotero RDF or as BibTeX, with its files."),
            path=path.name,
            why=why,
        )
    return found


def places_of(named: Iterable[str], folder: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Where the PDFs among ``named`` are, and the names of those whose place leads nowhere on this machine."""
    places, lost = list[Path](), list[str]()
    for name in [name for name in named if names_pdf(name)][:MOST_FILES]:
        place = place_of(name, folder)
        if place is None:
            lost.append(one_line(name.replace("\\", "/").rsplit("/", 1)[-1], LONGEST_NAME))
        else:
            places.append(place)
    return tuple(dict.fromkeys(places)), tuple(lost)


def _check(path: Path) -> None:
    if path.suffix.lower() not in BIBLIOGRAPHIES:
        raise UserError(
            mark("{path} is no bibliography that this program reads."),
            mark("Export the library as Zotero RDF (.rdf) or as BibTeX (.bib), with its files."),
            path=path.name,
        )
    if not path.is_file():  # opening a pipe would block
        raise UserError(mark("{path} is not there, or is no file."), mark("Look at its name."), path=path)
    if path.stat().st_size > LARGEST_MB * 2**20:
        raise UserError(
            mark("{path} is larger than {number} MB."),
            mark("Export the collections one by one, without notes."),
            path=path.name,
            number=LARGEST_MB,
        )
