"""Zotero RDF: items, their creators and the attachments that they link to; as Zotero exports it with its files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.reference import LONGEST_NAME, one_line, person, read_reference
from embtrainer_gui.core.reference_entry import Entry, names_pdf, place_of
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.bibliography import MOST_ENTRIES, MOST_FILES, Bibliography, places_of
from embtrainer_gui.extract.safe_xml import BrokenXml, RefusedXml, name_of, parsed, text_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_ABOUT, _RESOURCE = f"{_RDF}about", f"{_RDF}resource"
_NO_ITEM = frozenset({"Collection", "Memo", "Attachment"})
_CREATORS = ("authors", "presenters", "inventors", "directors", "programmers", "cartographers", "editors")


def read_rdf(path: Path) -> Bibliography:
    """Raises UserError where it is broken, refused, or no Zotero RDF."""
    again = mark("Export the library again, as Zotero RDF with its files.")
    try:
        root = parsed(path)
    except RefusedXml as problem:
        text = mark("{path} holds XML entities or nesting that no export of Zotero has, and was refused.")
        raise UserError(text, again, path=path.name) from problem
    except BrokenXml as problem:
        text = mark("{path} is broken ({detail}).")
        raise UserError(text, again, path=path.name, detail=problem) from problem
    if root.tag != f"{_RDF}RDF":
        raise UserError(mark("{path} is XML, but no RDF."), again, path=path.name)
    attachments = {about: one for one in root if _is_attachment(one) and (about := one.get(_ABOUT, ""))}
    containers = {about: one for one in root if (about := one.get(_ABOUT, ""))}
    found, linked = Bibliography(), set[str]()
    for item in root:
        if not _is_item(item):
            continue
        if len(found.entries) >= MOST_ENTRIES:
            found.left_out.append(mark("Only the first {number} entries were read.").format(number=MOST_ENTRIES))
            break
        links = dict.fromkeys(link.get(_RESOURCE, "") for link in item if name_of(link) == "link")
        linked.update(links)
        names = (name for link in links if link in attachments for name in _named(attachments[link], path.parent))
        named = list(islice(names, MOST_FILES))
        found.entries.append(_entry(item, containers, named, path.parent))
    for about, one in attachments.items():  # PDFs without an item
        if about not in linked and (named := list(islice(_named(one, path.parent), MOST_FILES))):
            files, lost = places_of(named, path.parent)
            name = one_line(_of(one, "title") or named[0], LONGEST_NAME)
            found.entries.append(Entry(read_reference(by="rdf"), name, files, lost))
    return found


def _is_attachment(element: Element) -> bool:
    return name_of(element) == "Attachment" or _of(element, "itemType") == "attachment"


def _is_item(element: Element) -> bool:
    """Containers (a journal, a series) and notes have no type of their own."""
    return name_of(element) not in _NO_ITEM and _of(element, "itemType") not in ("", "attachment", "note")


def _entry(item: Element, containers: dict[str, Element], named: list[str], folder: Path) -> Entry:
    about = read_reference(_of(item, "title"), _creators(item), _of(item, "date"), _doi(item, containers), by="rdf")
    files, lost = places_of(named, folder)
    return Entry(about, about.title or one_line(item.get(_ABOUT, ""), LONGEST_NAME) or "-", files, lost)


def _creators(item: Element) -> Iterator[str]:
    """The authors; where there are none, the first others that the item has."""
    groups = {name_of(child): child for child in item if name_of(child) in _CREATORS}
    group = next((groups[name] for name in _CREATORS if name in groups), None)
    for one in () if group is None else group.iter():
        if name_of(one) in ("Person", "Organization"):
            parts = {name_of(part).lower(): text_of(part) for part in one}
            yield person(parts.get("surname") or parts.get("name", ""), parts.get("givenname", ""))


def _doi(item: Element, containers: dict[str, Element]) -> str:
    """Its own, or the only one of the journal that it is part of: older exports put it there."""
    if own := list(_identifiers(item)):
        return own[0]
    for part in item:
        if name_of(part) == "isPartOf":
            inner = [containers[where]] if (where := part.get(_RESOURCE, "")) in containers else list(part)
            found = {doi for one in inner for doi in islice(_identifiers(one), MOST_FILES)}
            if len(found) == 1:
                return found.pop()
    return ""


def _identifiers(element: Element) -> Iterator[str]:
    for child in element:
        if name_of(child) == "identifier" and (text := text_of(child)) and ("DOI" in text or "doi.org/" in text):
            yield text


def _named(attachment: Element, folder: Path) -> Iterator[str]:
    """The path of the file; in some exports its spaces are written as %20."""
    for child in attachment:
        if name_of(child) in ("resource", "path"):
            path = child.get(_RESOURCE, "") or text_of(child)
            if "%" in path and names_pdf(path) and not path.startswith("file:"):
                place = place_of(path, folder)
                path = path if place is not None and os.path.isfile(place) else unquote(path)
            if path:
                yield path


def _of(element: Element, name: str) -> str:
    return next((text_of(child) for child in element if name_of(child) == name), "")
