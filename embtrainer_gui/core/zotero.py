"""Asks a running Zotero on this machine for its collections and items, by its local API (version 3 of the web API).

What it answers is what others wrote into web pages and PDFs: every value is checked, cut and shown as plain text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.reference import one_line
from embtrainer_gui.core.reference_entry import LONGEST_PATH, Entry
from embtrainer_gui.core.server_address import host_of, is_this_machine
from embtrainer_gui.core.server_http import HttpAnswer, ServerHttp
from embtrainer_gui.core.server_problems import BadReply, PlaceRefused, ServerAway
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.zotero_items import ItemRow, entries_of, is_key

ADDRESS = "http://localhost:23119"
LIBRARY = "/api/users/0"
SECONDS = 60.0  # for one answer; it waits until its library is loaded
PAGE = 500  # items of one answer
MOST_PAGE_BYTES, MOST_PATH_BYTES = 40_000_000, 4 * LONGEST_PATH
MOST_BYTES = 1_000_000_000  # of all pages together; 100,000 items take a third of it
MOST_COLLECTIONS, MOST_ITEMS = 5_000, 200_000
_OFF = mark("Zotero does not let other programs read its library.")
_SWITCH_ON = mark(
    "In Zotero, open Settings > Advanced, tick “Allow other applications on this computer to communicate with Zotero”,"
    " and try again."
)

Row = TypeVar("Row")
OnProgress = Callable[[int, int, str], None]
"""Called with how many items have come, how many there are (0: not known yet), and the collection."""


class NoZotero(UserError):
    """Something answers at the address, but not as Zotero does."""


class ZoteroClosed(UserError):
    """It refuses, and says how to let us in."""


class ZoteroAway(EnvironmentProblem):
    """Zotero is not running, or does not answer."""


@dataclass(frozen=True, slots=True)
class ZoteroCollection:
    """``parent`` is the key of the collection that it lies in, "" at the top; ``items`` are its own, without those of
    its sub-collections."""

    key: str
    name: str
    parent: str
    items: int


class ZoteroClient:
    """An async context manager. No redirect is followed, no proxy used, no other machine asked."""

    def __init__(self, address: str = ADDRESS) -> None:
        self.address = address.strip().rstrip("/").removesuffix("/api")
        if not self.address.startswith("http://") or not is_this_machine(self.address) or not _has_port(self.address):
            raise UserError(
                mark("{address!r} is no address of a Zotero on this computer."),
                mark("It looks like {usual}."),
                address=address,
                usual=ADDRESS,
            )
        self._http = ServerHttp(self.address, "", SECONDS)

    async def __aenter__(self) -> ZoteroClient:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._http.__aexit__(*problem)

    async def collections(self) -> list[ZoteroCollection]:
        """All of them in the order of their names, in every depth.

        Raises:
            ZoteroAway, ZoteroClosed, NoZotero: see there.
        """
        rows = await self._all(f"{LIBRARY}/collections", MOST_COLLECTIONS, _collection, lambda done, total: None)
        found = {row.key: row for row in rows}
        return sorted(found.values(), key=lambda each: (each.name.casefold(), each.key))

    async def count(self) -> int:
        """Items of the whole library, without their attachments."""
        answer = await self._get(f"{LIBRARY}/items/top?v=3&limit=1&start=0")
        return _total(answer, len(self._rows(answer)))

    async def entries(self, collections: Sequence[ZoteroCollection] | None, on_progress: OnProgress) -> list[Entry]:
        """The items of some collections, of the whole library where that is None, each once.

        Raises: as ``collections``.
        """
        rows: dict[str, ItemRow] = {}
        routes = [(f"{LIBRARY}/items", "")] if collections is None else []
        routes += [(f"{LIBRARY}/collections/{each.key}/items", each.name) for each in collections or ()]
        for route, name in routes:

            def told(done: int, total: int, name: str = name) -> None:
                on_progress(len(rows) + done, len(rows) + total, name)

            for row in await self._all(route, MOST_ITEMS, ItemRow.of, told):
                rows.setdefault(row.key, row)
        linked = [row.key for row in rows.values() if row.wants_path()]
        paths = {}
        for number, key in enumerate(linked, 1):
            paths[key] = await self._path(key)
            on_progress(number, len(linked), "")
        return entries_of(rows.values(), paths)

    async def _path(self, key: str) -> str:
        """The address of an attachment's file; "" where Zotero knows none."""
        answer = await self._get(f"{LIBRARY}/items/{key}/file/view/url", MOST_PATH_BYTES, refused=(400, 404, 500))
        return answer.body.decode("utf-8", "replace").strip() if answer.status == 200 else ""

    async def _all(
        self, route: str, most: int, take: Callable[[Any], Row | None], on_progress: Callable[[int, int], None]
    ) -> list[Row]:
        """What ``take`` makes of the rows of all pages, without those that it gives None for."""
        found: list[Row] = []
        come = size = 0
        while come < most:
            answer = await self._get(f"{route}?v=3&limit={PAGE}&start={come}")
            page, size = self._rows(answer), size + len(answer.body)
            if size > MOST_BYTES:
                raise self._no_zotero(answer.status)
            found += [row for one in page if (row := take(one)) is not None]
            come += len(page)
            total = min(_total(answer, come), most)
            on_progress(come, total)
            if not page or come >= total:
                break
        return found

    def _rows(self, answer: HttpAnswer) -> list[Any]:
        try:
            found = json.loads(answer.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, list):
            raise self._no_zotero(answer.status)
        return found

    async def _get(self, route: str, most: int = MOST_PAGE_BYTES, refused: Iterable[int] = ()) -> HttpAnswer:
        try:
            answer = await self._http.send("GET", self.address + route, None, most)
        except ServerAway as problem:
            raise ZoteroAway(
                mark("Zotero does not answer at {host}."),
                mark("Start Zotero on this computer, and try again."),
                host=host_of(self.address),
            ) from problem
        except (BadReply, PlaceRefused) as problem:
            raise self._no_zotero(200) from problem
        if answer.status == 403:
            raise ZoteroClosed(_OFF, _SWITCH_ON)
        if answer.status != 200 and answer.status not in refused:
            raise self._no_zotero(answer.status)
        return answer

    def _no_zotero(self, status: int) -> NoZotero:
        return NoZotero(
            mark("What answers at {host} is no Zotero that this program can read (status {status})."),
            mark("Zotero 7 or newer is needed; look at its version and at the address."),
            host=host_of(self.address),
            status=status,
        )


def with_inner(chosen: Iterable[str], all_: Sequence[ZoteroCollection]) -> list[ZoteroCollection]:
    """The collections with these keys and all that lie in them, each once."""
    wanted = set(chosen)
    grown = True
    while grown:
        inner = {each.key for each in all_ if each.parent in wanted} - wanted
        wanted |= inner
        grown = bool(inner)
    return [each for each in all_ if each.key in wanted]


def path_of(collection: ZoteroCollection, all_: Sequence[ZoteroCollection]) -> str:
    """``Thesis/Chapter 2``."""
    by_key = {each.key: each for each in all_}
    names, seen = [collection.name], {collection.key}
    while (parent := by_key.get(collection.parent)) is not None and parent.key not in seen:
        names.append(parent.name)
        seen.add(parent.key)
        collection = parent
    return "/".join(reversed(names))


def collection_named(name: str, all_: Sequence[ZoteroCollection]) -> ZoteroCollection:
    """By its key, its path or its name, in whatever case.

    Raises:
        UserError: there is none, or several.
    """
    wanted = name.strip().strip("/").casefold()
    ways: tuple[Callable[[ZoteroCollection], str], ...] = (
        lambda each: each.key,
        lambda each: path_of(each, all_),
        lambda each: each.name,
    )
    for way in ways:
        found = [each for each in all_ if way(each).casefold() == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            raise UserError(
                mark("Several collections of Zotero are called {name}: {paths}."),
                mark("Name it with those that it lies in, such as {first}, or by its key, {key}."),
                name=name,
                paths=", ".join(path_of(each, all_) for each in found[:10]),
                first=path_of(found[0], all_),
                key=found[0].key,
            )
    raise UserError(
        mark("Zotero has no collection called {name}."),
        mark("It has: {names}."),
        name=name,
        names=", ".join(path_of(each, all_) for each in all_[:20]) or "-",
    )


def _collection(row: Any) -> ZoteroCollection | None:
    data = row.get("data") if isinstance(row, dict) else None
    if not isinstance(data, dict) or not is_key(data.get("key")):
        return None
    parent, meta = data.get("parentCollection"), row.get("meta")
    items = meta.get("numItems") if isinstance(meta, dict) else 0
    return ZoteroCollection(
        key=data["key"],
        name=one_line(data.get("name"), 200) or data["key"],
        parent=parent if is_key(parent) else "",
        items=items if isinstance(items, int) and 0 <= items <= MOST_ITEMS else 0,
    )


def _total(answer: HttpAnswer, least: int) -> int:
    told = answer.headers.get("total-results", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else least


def _has_port(address: str) -> bool:
    try:
        return urlsplit(address).port is not None
    except ValueError:
        return False
