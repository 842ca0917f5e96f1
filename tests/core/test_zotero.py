"""Zotero's local API over real HTTP: what is asked, what each answer means, and what its data may not do."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fake_zotero import FakeZotero, serve

from embtrainer_gui.core import zotero
from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.reference_entry import Entry
from embtrainer_gui.core.zotero import (
    NoZotero,
    ZoteroAway,
    ZoteroClient,
    ZoteroClosed,
    ZoteroCollection,
    collection_named,
    path_of,
    with_inner,
)


def collections_of(fake: FakeZotero) -> list[ZoteroCollection]:
    async def ask() -> list[ZoteroCollection]:
        async with ZoteroClient(fake.address) as client:
            return await client.collections()

    return asyncio.run(ask())


def entries_of(fake: FakeZotero, wanted: list[ZoteroCollection] | None = None) -> list[Entry]:
    async def ask() -> list[Entry]:
        async with ZoteroClient(fake.address) as client:
            return await client.entries(wanted, lambda *far: None)

    return asyncio.run(ask())


def library(fake: FakeZotero, folder: Path) -> FakeZotero:
    """Thesis with two papers, and a third in its sub-collection."""
    fake.collection("COLTHES1", "Thesis")
    fake.collection("COLCHAP1", "Chapter 1", "COLTHES1")
    fake.collection("COLOTHER", "Other")
    for number, inside in ((1, "COLTHES1"), (2, "COLTHES1"), (3, "COLCHAP1")):
        key = fake.paper(f"PAPER00{number}", f"Paper {number}", inside)
        fake.attachment(f"ATTACH0{number}", key, folder / f"paper {number}.pdf")
    return fake


def test_that_collections_come_with_their_place_and_their_counts(tmp_path: Path) -> None:
    with serve(FakeZotero()) as fake:
        found = collections_of(library(fake, tmp_path))
    assert [(each.name, each.parent, each.items) for each in found] == [
        ("Chapter 1", "COLTHES1", 1),
        ("Other", "", 0),
        ("Thesis", "", 2),
    ]
    assert path_of(found[0], found) == "Thesis/Chapter 1"
    assert [each.name for each in with_inner(["COLTHES1"], found)] == ["Chapter 1", "Thesis"]


def test_that_items_come_with_their_metadata_and_the_places_of_their_pdfs(tmp_path: Path) -> None:
    with serve(FakeZotero()) as fake:
        found = collections_of(library(fake, tmp_path))
        entries = entries_of(fake, with_inner(["COLCHAP1"], found))
        assert len(entries_of(fake)) == 3
    (entry,) = entries
    assert entry.files == (tmp_path / "paper 3.pdf",)
    about = entry.reference
    assert (about.title, about.authors, about.year) == ("Paper 3", "Lovelace, Ada", 2019)
    assert (about.doi, about.by) == ("10.1234/abc", "zotero")


def test_that_a_library_of_many_pages_comes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zotero, "PAGE", 7)
    with serve(FakeZotero()) as fake:
        for number in range(25):
            fake.paper(f"KEY{number:05}", f"Paper {number}")
        assert len(entries_of(fake)) == 25
        assert len(fake.routes) == 4


def test_that_a_linked_file_is_found_and_other_attachments_are_left(tmp_path: Path) -> None:
    with serve(FakeZotero()) as fake:
        key = fake.paper("PAPER001", "Linked")
        fake.attachment("LINKED01", key, tmp_path / "far" / "linked.pdf", mode="linked_file")
        fake.attachment("LINKED02", key, None, mode="linked_file", path="attachments:Smith.pdf", filename="")
        fake.attachment("WEBLINK1", key, None, mode="linked_url")
        fake.attachment("SNAPSHOT", key, tmp_path / "page.html", contentType="text/html")
        fake.items.append({"data": {"key": "NOTE0001", "itemType": "note", "note": "<p>x</p>", "parentItem": key}})
        (entry,) = entries_of(fake)
    assert entry.files == (tmp_path / "far" / "linked.pdf",)
    assert entry.lost == ("Smith.pdf",)


def test_that_a_pdf_without_an_item_is_taken_and_one_in_two_collections_once(tmp_path: Path) -> None:
    with serve(FakeZotero()) as fake:
        fake.collection("COLAAAAA", "A")
        fake.collection("COLBBBBB", "B")
        fake.attachment("ALONE001", "", tmp_path / "alone.pdf", collections=["COLAAAAA"])
        fake.paper("PAPER001", "Twice", "COLAAAAA", "COLBBBBB")
        found = entries_of(fake, collections_of(fake))
    assert sorted(entry.name for entry in found) == ["Twice", "alone.pdf"]


@pytest.mark.parametrize(
    ("act", "kind", "words", "cure"),
    [
        ("off", ZoteroClosed, "does not let other programs", "Settings > Advanced"),
        ("html", NoZotero, "is no Zotero", "Zotero 7"),
        ("old", NoZotero, "status 404", "Zotero 7"),
        ("redirect", NoZotero, "status 302", "Zotero 7"),
        ("huge", NoZotero, "is no Zotero", "Zotero 7"),
    ],
)
def test_that_a_zotero_that_refuses_and_what_is_none_are_told_with_the_cure(
    act: str, kind: type[AppError], words: str, cure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zotero.ZoteroClient._get, "__defaults__", (1_000_000, ()))
    with serve(FakeZotero()) as other, serve(FakeZotero(act=act, redirect_to=other.address)) as fake:
        with pytest.raises(kind, match=words) as problem:
            collections_of(fake)
        assert cure in problem.value.hint
        assert not other.routes


def test_that_a_closed_zotero_is_told_and_no_wait_is_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZoteroAway, match=r"does not answer at 127\.0\.0\.1:9") as problem:
        collections_of(FakeZotero(address="http://127.0.0.1:9"))
    assert "Start Zotero" in problem.value.hint
    assert isinstance(problem.value, EnvironmentProblem)
    monkeypatch.setattr(zotero, "SECONDS", 0.3)
    with serve(FakeZotero(act="hang")) as fake, pytest.raises(ZoteroAway):
        collections_of(fake)


@pytest.mark.parametrize(
    "address", ["", "http://example.org:23119", "https://localhost:23119", "http://localhost", "http://10.0.0.1:23119"]
)
def test_that_no_other_machine_is_asked(address: str) -> None:
    with pytest.raises(UserError, match="is no address of a Zotero on this computer"):
        ZoteroClient(address)


def test_that_a_proxy_gets_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with serve(FakeZotero()) as proxy, serve(FakeZotero()) as fake:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        assert len(collections_of(library(fake, tmp_path))) == 3
        assert not proxy.routes


BAD_ROWS: list[Any] = [
    5,
    None,
    [],
    {"data": 3},
    {"data": {"key": "../../etc", "itemType": "book"}},
    {"data": {"key": "PAPER009", "itemType": "book", "title": {"a": 1}, "creators": "x", "date": [], "DOI": 7}},
    {
        "data": {"key": "ATTACH09", "itemType": "attachment", "contentType": "application/pdf"},
        "links": {"enclosure": 1},
    },
]


def test_that_rows_of_no_known_form_do_no_harm() -> None:
    with serve(FakeZotero()) as fake:
        fake.items += BAD_ROWS
        fake.collections += [row for row in BAD_ROWS if isinstance(row, dict) and "key" in str(row)]
        entries = entries_of(fake)
        found = collections_of(fake)
    assert all(len(each.key) == 8 for each in found)
    assert [entry.name for entry in entries] == ["PAPER009", "ATTACH09"]
    assert entries[0].reference.authors == ""
    assert not any("etc" in route for route in fake.routes)


@pytest.mark.parametrize(
    "place",
    ["file://evil.example/share/a.pdf", "file:////evil/share/a.pdf", "http://x/a.pdf", "\\\\evil\\a.pdf", "a.pdf"],
)
def test_that_a_place_on_another_machine_is_never_looked_at(place: str) -> None:
    with serve(FakeZotero()) as fake:
        key = fake.paper("PAPER001", "Far")
        fake.attachment("ATTACH01", key, None)
        fake.items[-1]["links"]["enclosure"] = {"href": place, "type": "application/pdf"}
        (entry,) = entries_of(fake)
    assert entry.files == ()
    assert entry.lost == ("paper.pdf",)


def test_that_a_collection_is_found_by_name_path_or_key_and_never_guessed() -> None:
    made = [("AAAAAAAA", "Rice", ""), ("BBBBBBBB", "Methods", "AAAAAAAA"), ("CCCCCCCC", "Methods", "")]
    found = [ZoteroCollection(key, name, parent, 0) for key, name, parent in made]
    assert collection_named("rice", found).key == "AAAAAAAA"
    assert collection_named("Rice/methods", found).key == "BBBBBBBB"
    assert collection_named("cccccccc", found).key == "CCCCCCCC"
    assert collection_named("Methods", found).key == "CCCCCCCC"  # the path of the one at the top
    both = [
        *found[:2],
        ZoteroCollection("DDDDDDDD", "Methods", "EEEEEEEE", 0),
        ZoteroCollection("EEEEEEEE", "X", "", 0),
    ]
    with pytest.raises(UserError, match="Several collections of Zotero are called Methods: Rice/Methods, X/Methods"):
        collection_named("Methods", both)
    with pytest.raises(UserError, match="no collection called Wheat") as problem:
        collection_named("Wheat", found)
    assert "Rice/Methods" in problem.value.hint


def test_that_collections_that_lie_in_each_other_end() -> None:
    ring = [ZoteroCollection("AAAAAAAA", "A", "BBBBBBBB", 0), ZoteroCollection("BBBBBBBB", "B", "AAAAAAAA", 0)]
    assert path_of(ring[0], ring) == "B/A"
    assert len(with_inner(["AAAAAAAA"], ring)) == 2
