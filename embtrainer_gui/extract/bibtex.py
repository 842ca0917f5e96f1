"""BibTeX and BibLaTeX as Zotero, Better BibTeX, JabRef and Mendeley write it; an entry that is broken is left out."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import DuplicateBlockKeyBlock
from bibtexparser.model import Entry as BibEntry
from pylatexenc.latex2text import LatexNodes2Text

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.reference import LONGEST_NAME, LONGEST_TITLE, MOST_AUTHORS, one_line, person, read_reference
from embtrainer_gui.core.reference_entry import Entry
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.bibliography import MOST_ENTRIES, Bibliography, places_of

LONGEST_LATEX = 5_000  # characters; of longer ones the commands are shown as they stand
MOST_BRACES = 30
_ESCAPED = re.compile(r"\\([\\:;{}_&%$#~ ])")
_NOT_ESCAPED = r"(?<!\\)(?:\\\\)*"
_FILES = re.compile(rf"({_NOT_ESCAPED});")
_PARTS = re.compile(rf"({_NOT_ESCAPED}):")
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())  # what is broken is told in ``left_out``
logging.getLogger("bibtexparser").propagate = False


def read_bibtex(path: Path) -> Bibliography:
    """Raises UserError where nothing of it can be read."""
    try:
        library = parse_string(_text(path))
    except RecursionError as problem:
        raise UserError(
            mark("{path} cannot be read as BibTeX."), mark("Export the library again."), path=path.name
        ) from problem
    found = Bibliography()
    for block in library.blocks:
        if len(found.entries) >= MOST_ENTRIES:
            found.left_out.append(mark("Only the first {number} entries were read.").format(number=MOST_ENTRIES))
            break
        entry = block.ignore_error_block if isinstance(block, DuplicateBlockKeyBlock) else block
        if isinstance(entry, BibEntry):
            found.entries.append(_entry(entry, path.parent))
    for failed in library.failed_blocks:
        if not isinstance(failed, DuplicateBlockKeyBlock):
            line = (failed.start_line or 0) + 1
            found.left_out.append(mark("line {line}: the entry is broken and was left out").format(line=line))
    return found


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")  # BibTeX before biber


def _entry(entry: BibEntry, folder: Path) -> Entry:
    fields = {str(field.key).lower(): str(field.value) for field in entry.fields}
    title = _plain(fields.get("title", ""))
    about = read_reference(
        title,
        map(_person, _names(fields.get("author") or fields.get("editor", ""))),
        _plain(fields.get("date") or fields.get("year", "")),
        _unescaped(fields.get("doi", "")) or _in_address(fields),
        by="bibtex",
    )
    files, lost = places_of(_named_files(fields), folder)
    return Entry(about, about.title or one_line(str(entry.key), LONGEST_NAME), files, lost)


def _in_address(fields: Mapping[str, str]) -> str:
    return next((fields[name] for name in ("url", "note") if "doi.org/" in fields.get(name, "")), "")


def _names(authors: str) -> list[str]:
    try:
        found: list[str] = split_multiple_persons_names(authors)
    except (ValueError, RecursionError):
        found = authors.split(" and ")
    return found[:MOST_AUTHORS]


def _person(name: str) -> str:
    """``Last, First`` of a name in any of BibTeX's forms; an institution in braces is one name."""
    try:
        parts = parse_single_name_into_parts(name, strict=False)
    except (ValueError, RecursionError):
        return person(_plain(name))
    last = " ".join([*parts.von, *parts.last, *parts.jr])
    return person(_plain(last), _plain(" ".join(parts.first)))


def _plain(text: str) -> str:
    """Without commands and braces: ``{\\"U}ber`` is ``Über``."""
    if "\\" not in text and "{" not in text and "$" not in text:
        return text.replace("~", " ")
    if len(text) > LONGEST_LATEX or text.count("{") > MOST_BRACES * 10 or "{" * MOST_BRACES in text:
        return text.replace("{", "").replace("}", "")[: 4 * LONGEST_TITLE]
    try:
        return _decoder()(text)
    except (ValueError, IndexError, AttributeError, TypeError, RecursionError):  # its parser, on what is no LaTeX
        return text.replace("{", "").replace("}", "")


@cache
def _decoder() -> Callable[[str], str]:
    """Its tables take some milliseconds."""
    decode: Callable[[str], str] = LatexNodes2Text(math_mode="verbatim").latex_to_text
    return decode


def _named_files(fields: Mapping[str, str]) -> Iterator[str]:
    """The paths in ``file``: ``title:path:type``, or bare paths, with ``;`` between; ``pdf`` holds one alone."""
    if bare := fields.get("pdf", ""):
        yield _unescaped(bare)
    for one in _split(_FILES, fields.get("file", "")):
        parts = _split(_PARTS, one)
        if len(parts) >= 3:
            path = ":".join(parts[1:-1])  # the colon of a drive may stand there as it is
        else:
            path = one
        path = _unescaped(path).strip()
        if parts[0] == "" and path.startswith(("home/", "Users/")):
            path = f"/{path}"  # Mendeley leaves the first stroke out
        if path:
            yield path


def _split(between: re.Pattern[str], text: str) -> list[str]:
    """At what is not escaped; the strokes before it belong to the part that ends there."""
    parts, start = list[str](), 0
    for found in between.finditer(text):
        parts.append(text[start : found.end(1)])
        start = found.end()
    return [*parts, text[start:]]


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
