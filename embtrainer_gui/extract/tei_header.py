"""What GROBID recognised at the head of a paper: its authors, year and DOI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embtrainer_gui.core.reference import NOTHING_KNOWN, Reference, person, read_reference
from embtrainer_gui.extract.safe_xml import name_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element


def reference_of(root: Element) -> Reference:
    """Of the paper itself: its references have headers of the same form."""
    source = _first(root, "sourceDesc")
    about = _first(source, "biblStruct") if source is not None else None
    if about is None:
        return NOTHING_KNOWN
    authors = [_author(element) for part in about if name_of(part) == "analytic" for element in _all(part, "author")]
    dates = [*_all(about, "date"), *_all(_first(root, "publicationStmt"), "date")]
    date = next((told for element in dates if (told := element.get("when", "") or text_of(element))), "")
    doi = next((text_of(element) for element in _all(about, "idno") if element.get("type", "").upper() == "DOI"), "")
    return read_reference("", authors, date, doi)


def _author(author: Element) -> str:
    name = _first(author, "persName")
    if name is None:
        return ""
    last = [text_of(element) for element in _all(name, "surname")]
    first = [text_of(element) for element in _all(name, "forename")]
    return person(" ".join(last), " ".join(first))


def _first(element: Element, name: str) -> Element | None:
    return next(_all(element, name), None)


def _all(element: Element | None, name: str) -> Iterator[Element]:
    return iter(()) if element is None else (each for each in element.iter() if name_of(each) == name)
