"""What Zotero's answers say of papers: items with their creators, and the PDFs attached to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from embtrainer_gui.core.reference import LONGEST_NAME, Reference, one_line, person, read_reference
from embtrainer_gui.core.reference_entry import Entry, names_pdf, place_of

BY = "zotero"
PDF = "application/pdf"
MOST_CREATORS = 1000
_NO_PAPERS = frozenset({"note", "annotation"})
_KEPT = (
    "itemType", "parentItem", "linkMode", "contentType", "filename", "path", "title", "creators", "date", "DOI", "url",
    "extra",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One row of an answer: a paper, or an attachment."""

    key: str
    data: Mapping[str, Any]
    address: str  # of the file that is stored in Zotero, "" where there is none

    @staticmethod
    def of(row: Any) -> ItemRow | None:
        """None for what is neither a paper nor a PDF."""
        data = row.get("data") if isinstance(row, dict) else None
        if not isinstance(data, dict) or data.get("itemType") in _NO_PAPERS:
            return None
        key = data.get("key")
        if not is_key(key):
            return None
        links = row.get("links")
        enclosure = links.get("enclosure") if isinstance(links, dict) else None
        address = enclosure.get("href") if isinstance(enclosure, dict) else ""
        kept = {name: data[name] for name in _KEPT if name in data}
        found = ItemRow(key, kept, address if isinstance(address, str) else "")
        return found if not found.is_attachment() or found.is_pdf() else None

    def is_attachment(self) -> bool:
        return self.data.get("itemType") == "attachment"

    def is_pdf(self) -> bool:
        """A PDF with a file of its own: a mere link into the web has none."""
        return self.data.get("linkMode") != "linked_url" and (
            self.data.get("contentType") == PDF or names_pdf(self.file_name())
        )

    def wants_path(self) -> bool:
        """A linked file: Zotero tells its place only when it is asked for that one."""
        return self.is_attachment() and not self.address

    def parent(self) -> str:
        parent = self.data.get("parentItem")
        return parent if isinstance(parent, str) else ""

    def file_name(self) -> str:
        """As the user knows it."""
        for name in ("filename", "path", "title"):
            told = self.data.get(name)
            if isinstance(told, str) and told.strip():
                name = told.replace("\\", "/").rsplit("/", 1)[-1].removeprefix("attachments:")
                return one_line(name, LONGEST_NAME) or self.key
        return self.key

    def reference(self) -> Reference:
        data = self.data
        doi = data.get("DOI") or _line(data.get("extra"), "DOI:") or data.get("url")
        return read_reference(data.get("title"), _creators(data.get("creators")), data.get("date"), doi, BY)


def entries_of(rows: Iterable[ItemRow], paths: Mapping[str, str]) -> list[Entry]:
    """The papers with their PDFs, and the PDFs that belong to none.

    Args:
        paths: the places of linked files, by the key of their attachment.
    """
    by_parent: dict[str, list[ItemRow]] = defaultdict(list)
    papers: dict[str, ItemRow] = {}
    for row in rows:
        if row.is_attachment():
            by_parent[row.parent()].append(row)
        else:
            papers[row.key] = row
    found = [_entry(paper, by_parent.pop(key, []), paths) for key, paper in papers.items()]
    for others in by_parent.values():  # by themselves, or of an item that is in the trash
        found += [_entry(None, [one], paths) for one in others]
    return found


def _entry(paper: ItemRow | None, attachments: list[ItemRow], paths: Mapping[str, str]) -> Entry:
    about = paper.reference() if paper is not None else Reference(by=BY)
    files, lost = list[Path](), list[str]()
    for one in attachments:
        place = place_of(one.address or paths.get(one.key, ""))
        if place is None or not names_pdf(place.name):
            lost.append(one.file_name())
        else:
            files.append(place)
    name = about.title or (paper.key if paper is not None else attachments[0].file_name())
    return Entry(about, name, tuple(dict.fromkeys(files)), tuple(lost))


def _creators(creators: Any) -> Iterator[str]:
    """The authors; all others where there are none."""
    rows = [one for one in creators[:MOST_CREATORS] if isinstance(one, dict)] if isinstance(creators, list) else []
    authors = [one for one in rows if one.get("creatorType") in ("author", "presenter", "inventor")]
    for one in authors or rows:
        yield person(one.get("lastName") or one.get("name"), one.get("firstName"))


def _line(extra: Any, start: str) -> str:
    """What older items keep in their free field."""
    lines = extra[:5000].splitlines() if isinstance(extra, str) else []
    return next((line for line in lines if line.strip().upper().startswith(start)), "")


def is_key(value: Any) -> TypeGuard[str]:
    """It goes into addresses: eight letters and digits."""
    return isinstance(value, str) and len(value) == 8 and value.isascii() and value.isalnum()
