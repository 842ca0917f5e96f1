"""What is known about a paper besides its text: title, authors, year and DOI, and who told it.

All of it comes from files and servers of others: it is cut to lengths and shown as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

FIRST_YEAR, LAST_YEAR = 1000, 2999
LONGEST_TITLE, LONGEST_NAME, MOST_AUTHORS = 1000, 200, 300
LONGEST_TEXT = 50_000  # in which a DOI is looked for
BETWEEN = "; "
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\x00-\x1f\x7f\"<>{}|\\^`]{1,200}")
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
MARKED_UP = ("zotero", "rdf")  # whose titles hold italics and the like
_MARKUP = re.compile(r"</?(?:i|b|sub|sup|sc|span)(?:\s[^<>]{0,100})?>", re.IGNORECASE)
_AFTER_DOI = ".,;:'’”*"


@dataclass(frozen=True, slots=True)
class Reference:
    """``authors`` reads ``Last, First; Last, First``. ``by``: the reference manager or the kind of file that told it;
    "" is the paper itself."""

    title: str = ""
    authors: str = ""
    year: int | None = None
    doi: str = ""
    by: str = ""

    def __bool__(self) -> bool:
        """Whether it tells more than a title."""
        return bool(self.authors or self.year or self.doi)


NOTHING_KNOWN = Reference()


def settled(known: Reference, new: Reference) -> Reference:
    """``known`` with what ``new`` adds: a reference manager's word counts more than that of the paper itself, which
    fills gaps only. Nothing that is known gives way to nothing."""
    first, second = (new, known) if new.by else (known, new)
    return Reference(
        title=first.title or second.title,
        authors=first.authors or second.authors,
        year=first.year or second.year,
        doi=first.doi or second.doi,
        by=first.by or second.by,
    )


def read_reference(
    title: object = "", authors: Iterable[str] = (), date: object = "", doi: object = "", by: str = ""
) -> Reference:
    """From what a file or a server says, whatever it is."""
    if by in MARKED_UP and isinstance(title, str):
        title = _MARKUP.sub("", title)
    return Reference(one_line(title, LONGEST_TITLE), joined(authors), year_in(date), doi_in(doi), by)


def one_line(text: object, longest: int) -> str:
    """Printable words on one line; what is no text is none."""
    if not isinstance(text, str):
        return ""
    plain = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * longest])
    return " ".join(plain.split())[:longest].rstrip()


def person(last: object, first: object = "") -> str:
    """``Last, First``; only one of them where the other is missing."""
    names = [one_line(part, LONGEST_NAME).replace(";", ",") for part in (last, first)]
    return ", ".join(filter(None, names))


def joined(authors: Iterable[str]) -> str:
    found = [name for name in authors if name]
    return BETWEEN.join(found[:MOST_AUTHORS])


def year_in(date: object) -> int | None:
    """The first year in a date of any form: 2019-05-03, May 2019, 2019."""
    if isinstance(date, int) and not isinstance(date, bool):
        return date if FIRST_YEAR <= date <= LAST_YEAR else None
    found = _YEAR.search(one_line(date, 100))
    return int(found.group()) if found else None


def doi_in(text: object) -> str:
    """The first DOI in a text or an address, without what stands around it; "" where there is none."""
    found = _DOI.search(text[:LONGEST_TEXT]) if isinstance(text, str) else None
    if not found:
        return ""
    doi = found.group().rstrip(_AFTER_DOI)
    while doi.endswith((")", "]")) and doi.count("(") + doi.count("[") < doi.count(")") + doi.count("]"):
        doi = doi[:-1].rstrip(_AFTER_DOI)
    return doi


def is_no_title(title: str, file_name: str) -> bool:
    """Whether a paper is called after its file for want of a title."""
    return title.strip() in ("", file_name, PurePath(file_name).stem)
