"""What is known about a paper: how years, DOIs and names are read, and whose word counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import small_project

from embtrainer_gui.core.reference import Reference, doi_in, one_line, person, read_reference, settled, year_in
from embtrainer_gui.core.reference_entry import place_of

MANAGER = Reference("On Bees", "Kant, Immanuel", 1790, "10.1234/bees", "zotero")


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("2019-05-03", 2019),
        ("May 3, 2019", 2019),
        ("2019", 2019),
        (2019, 2019),
        ("03/05/1998", 1998),
        ("n.d.", None),
        ("12019", None),
        (True, None),
        (99999, None),
        ({"a": 1}, None),
    ],
)
def test_that_a_year_is_read_from_dates_of_any_form(date: object, year: int | None) -> None:
    assert year_in(date) == year


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.1234/abc-(1).x.", "10.1234/abc-(1).x"),
        ("(doi:10.1234/abc).", "10.1234/abc"),
        ("DOI 10.14202/vetworld.2017.1529-1532", "10.14202/vetworld.2017.1529-1532"),
        ('<a href="10.1234/x">', "10.1234/x"),
        ("10.12/too-short", ""),
        (7, ""),
    ],
)
def test_that_a_doi_is_read_without_what_stands_around_it(text: object, doi: str) -> None:
    assert doi_in(text) == doi


def test_that_text_of_others_is_one_printable_line_of_limited_length() -> None:
    assert one_line("A\x1b[31m\n<b>title</b>‮", 1000) == "A [31m <b>title</b>"
    assert len(one_line("x" * 10**6, 50)) == 50
    assert person("Doe; Roe", "J.") == "Doe, Roe, J."
    assert read_reference(None, [], None, None) == Reference()
    assert read_reference("T", ["A"] * 5000).authors.count(";") == 299


def test_that_a_manager_counts_more_than_the_paper_which_fills_gaps_only() -> None:
    own = Reference("bees.doc", "", 1791, "10.1234/own")
    assert settled(own, MANAGER) == MANAGER
    assert settled(MANAGER, own) == MANAGER
    assert settled(Reference("T"), own).year == 1791
    newer = Reference("", "", 1793, "", "bibtex")
    assert settled(MANAGER, newer) == Reference("On Bees", "Kant, Immanuel", 1793, "10.1234/bees", "bibtex")


def test_that_a_paper_in_the_project_learns_all_but_the_title_that_it_has(tmp_path: Path) -> None:
    with small_project(tmp_path / "project") as project:
        stamp = project.passages.searched_stamp()
        assert project.references.fill([1], MANAGER) == 1
        assert project.references.fill([1], MANAGER) == 0
        assert project.references.of(1) == Reference("Title of paper0.pdf", *("Kant, Immanuel", 1790, "10.1234/bees"))
        assert project.references.of(2) == Reference("Title of paper1.pdf")
        assert project.search_scope.years() == (1790, 1790)
        assert project.passages.searched_stamp() == stamp


def test_that_a_paper_called_after_its_file_gets_its_title_and_is_searched_by_it(tmp_path: Path) -> None:
    with small_project(tmp_path / "project") as project:
        with project.database.transaction() as connection:
            connection.execute("UPDATE documents SET title = 'paper0' WHERE id = 1")
        stamp = project.passages.searched_stamp()
        project.references.fill([1], MANAGER)
        assert project.references.of(1) == MANAGER
        assert project.passages.searched_stamp() != stamp


@pytest.mark.parametrize(
    ("named", "place"),
    [
        ("files/1/a b.pdf", "/home/me/files/1/a b.pdf"),
        ("/data/a.pdf", "/data/a.pdf"),
        ("file:///data/a%20b.pdf", "/data/a b.pdf"),
        ("file://localhost/data/a.pdf", "/data/a.pdf"),
        ("file://server/share/a.pdf", None),
        ("file:////server/share/a.pdf", None),
        ("//server/share/a.pdf", None),
        ("\\\\server\\share\\a.pdf", None),
        ("https://example.org/a.pdf", None),
        ("C:\\papers\\a.pdf", None),
        ("a\x00.pdf", None),
        ("x" * 5000, None),
        ("", None),
    ],
)
def test_that_only_places_on_this_machine_are_places(named: str, place: str | None) -> None:
    assert place_of(named, Path("/home/me")) == (Path(place) if place else None)


def test_that_markup_of_a_reference_manager_does_not_stay_in_titles() -> None:
    title = 'Growth of <i>E. coli</i> in <span class="nocase">LB</span>: p < 0.05 and a<b'
    assert read_reference(title, by="zotero").title == "Growth of E. coli in LB: p < 0.05 and a<b"


@pytest.mark.parametrize(
    "named", ["//host/s/x.pdf", "\\\\host\\s\\x.pdf", "\\/host/s/x.pdf", "/\\host/s/x.pdf", "file:%5C/host/s/x.pdf"]
)
def test_that_no_way_of_writing_leads_to_another_machine(named: str) -> None:
    assert place_of(named, Path("/library")) is None
