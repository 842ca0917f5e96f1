"""What a paper itself tells of its authors, year and DOI: plainly said, or unknown."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pymupdf
import pytest

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.reference import Reference
from embtrainer_gui.extract.pdf_reference import own_reference
from embtrainer_gui.extract.tei import read_tei

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize(
    ("page", "year"),
    [
        ("Received: 11 November 2015 Accepted: 2 January 2016 Published online: 8 March 2016", 2016),
        ("Published: March 12, 2018", 2018),
        ("Copyright © 2017 A. Author", 2017),
        ("(c) 2014 The Authors", 2014),
        ("arXiv:1706.03762v5 [cs.CL] 6 Dec 2017", 2017),
        ("The Open Dentistry Journal, 2016, 10, 214-226", 2016),
        ("Proceedings of NAACL-HLT 2018, pages 84-91. c⃝2017 ACL", 2018),
        ("Proceedings of the 58th Meeting, pages 1877–1901 July 5, 2020. c⃝2020 ACL", 2020),
        ("as shown before (Smith, 2009), in 2011 and 2012 there were 1999 plants", None),
        ("© 9999", None),
    ],
)
def test_that_the_year_is_the_one_that_the_page_prints_as_its_own(page: str, year: int | None) -> None:
    assert own_reference({"creationDate": "D:20051231"}, page).year == year


def test_that_a_hostile_page_takes_no_time() -> None:
    began = time.process_time()
    for part in ("arXiv:", "proceedings of ", "published x ", "© ", "2016 , ", "10.1234/((("):
        own_reference({"author": part * 9000}, part * 9000)
    assert time.process_time() - began < 2


def test_that_authors_are_taken_from_the_file_only_where_the_page_names_them_too() -> None:
    page = "Ada Lovelace and Mark A. van de Wiel. We show"
    assert own_reference({"author": "Ada Lovelace; Mark A. van de Wiel"}, page).authors == (
        "Lovelace, Ada; van de Wiel, Mark A."
    )
    for told in ("Sony", "Ada Lovelace", "Ada Lovelace, Somebody Else", None, "\x00;;;"):
        assert own_reference({"author": told}, page).authors == ""


def test_that_real_papers_tell_their_doi_and_year() -> None:
    """The truth is what the journal says (JATS)."""
    papers = [path for path in (DATA / "truth").glob("*.jats.xml") if "PMC" in path.name]
    if not papers:
        pytest.skip("the papers with a truth are not here")
    right = 0
    for truth in papers:
        front = truth.read_text(encoding="utf-8").split("</front>")[0]
        doi = re.search(r'pub-id-type="doi"[^>]*>([^<]+)', front)
        years = re.findall(r"<pub-date[^>]*>.*?<year[^>]*>(\d{4})", front, re.DOTALL)
        with pymupdf.open(DATA / "papers" / f"{truth.name.split('.')[0]}.pdf") as document:
            found = own_reference(document.metadata or {}, document[0].get_text())
        assert found.doi == (doi.group(1) if doi else "")
        right += str(found.year) in years
    assert right == len(papers)


def test_that_grobid_tells_authors_year_and_doi_of_the_paper_and_not_of_its_references() -> None:
    if not (DATA / "tei").is_dir():
        pytest.skip("the TEI files are not here")
    told = read_tei(DATA / "tei" / "springer-0046d83a.tei.xml", ImportConfig()).reference
    assert told.authors.startswith("De Marchis, Cristiano; Santos Monteiro, Thiago; Simon-Martinez, Cristina; ")
    assert (told.year, told.doi) == (2016, "10.1186/s12984-016-0129-6")
    bare = read_tei(DATA / "tei" / "arxiv-2602.19930.tei.xml", ImportConfig()).reference
    assert bare.authors.endswith("Rodrigues, Odinaldo")
    assert (bare.year, bare.doi) == (None, "")
    assert own_reference({}, "") == Reference()
