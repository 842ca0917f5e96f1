"""Zotero RDF and BibTeX: metadata, the files beside them, and what is broken or hostile."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.extract import bibliography
from embtrainer_gui.extract.bibliography import read_bibliography

RDF = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:z="http://www.zotero.org/namespaces/export#"
 xmlns:dcterms="http://purl.org/dc/terms/" xmlns:bib="http://purl.org/net/biblio#" xmlns:foaf="http://xmlns.com/foaf/0.1/"
 xmlns:link="http://purl.org/rss/1.0/modules/link/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/">
  <bib:Article rdf:about="http://example.org/rice">
    <z:itemType>journalArticle</z:itemType>
    <dcterms:isPartOf rdf:resource="urn:issn:1234-5678"/>
    <bib:authors><rdf:Seq>
      <rdf:li><foaf:Person><foaf:surname>Ou</foaf:surname><foaf:givenName>Shu Huang</foaf:givenName>
      </foaf:Person></rdf:li>
      <rdf:li><foaf:Person><foaf:surname>Müller</foaf:surname><foaf:givenName>A.</foaf:givenName></foaf:Person></rdf:li>
    </rdf:Seq></bib:authors>
    <link:link rdf:resource="#item_5"/><link:link rdf:resource="#item_6"/>
    <dc:title>Rice blast</dc:title><dc:date>1980-09-01</dc:date>
  </bib:Article>
  <bib:Journal rdf:about="urn:issn:1234-5678"><dc:title>Plant Disease</dc:title>
    <dc:identifier>ISSN 1234-5678</dc:identifier><dc:identifier>DOI 10.1094/PD-64-439</dc:identifier></bib:Journal>
  <z:Attachment rdf:about="#item_5"><z:itemType>attachment</z:itemType>
    <rdf:resource rdf:resource="files/5/Ou - 1980 - Rice blast.pdf"/><dc:title>PDF</dc:title>
    <link:type>application/pdf</link:type></z:Attachment>
  <z:Attachment rdf:about="#item_6"><z:itemType>attachment</z:itemType>
    <rdf:resource rdf:resource="files/6/page.html"/><link:type>text/html</link:type></z:Attachment>
  <rdf:Description rdf:about="#item_9"><z:itemType>report</z:itemType><dc:title>No file</dc:title>
    <bib:editors><rdf:Seq><rdf:li><foaf:Organization><foaf:name>FAO</foaf:name></foaf:Organization></rdf:li></rdf:Seq>
    </bib:editors><dc:identifier>DOI 10.4060/own</dc:identifier></rdf:Description>
  <bib:Memo rdf:about="#item_7"><rdf:value>&lt;p&gt;A note&lt;/p&gt;</rdf:value></bib:Memo>
  <z:Attachment rdf:about="#item_8"><z:itemType>attachment</z:itemType><z:path rdf:resource="files/8/alone%20one.pdf"/>
    <dc:title>alone.pdf</dc:title></z:Attachment>
  <z:Collection rdf:about="#collection_1"><dc:title>Thesis</dc:title><dcterms:hasPart rdf:resource="#item_9"/>
  </z:Collection>
</rdf:RDF>
"""

BIB = r"""
% exported
@string{pd = "Plant Disease"}
@article{ou1980,
  title = {Rice {Blast} and {\"U}bung of \textit{Magnaporthe} at 50\%},
  author = {Ou, Shu Huang and M{\"u}ller, Anna and {World Health Organization} and Ludwig van Beethoven},
  journal = pd, year = 1980, doi = {10.1094/PD\_64-439},
  file = {Full Text PDF:files/5/Ou\: 1980.pdf:application/pdf;Snapshot:files/6/page.html:text/html}
}
@article{broken, title = {never closed
@online{better, title = "Better BibTeX", date = {2019-05-03}, url = {https://doi.org/10.1234/url},
  file = {/data/one\;two.pdf;files/7/three.pdf}}
@article{ou1980, title = {The same key}, file = {:JabRef.pdf:PDF}}
@misc{mendeley, title = {Mendeley}, file = {:home/me/x.pdf:pdf}}
@misc{windows, title = {Windows}, file = {PDF:C\:\\Users\\me\\paper.pdf:application/pdf}}
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_that_zotero_rdf_gives_papers_with_their_metadata_and_files(tmp_path: Path) -> None:
    found = read_bibliography(written(tmp_path, "library.rdf", RDF)).entries
    rice, report, alone = found
    about = rice.reference
    assert (about.title, about.authors, about.year) == ("Rice blast", "Ou, Shu Huang; Müller, A.", 1980)
    assert about.doi == "10.1094/PD-64-439"
    assert rice.files == (tmp_path / "files/5/Ou - 1980 - Rice blast.pdf",)
    assert (report.reference.authors, report.reference.doi, report.files) == ("FAO", "10.4060/own", ())
    assert (alone.name, alone.files) == ("alone.pdf", (tmp_path / "files/8/alone one.pdf",))


def test_that_bibtex_of_several_programs_gives_papers_and_leaves_the_broken_one_out(tmp_path: Path) -> None:
    found = read_bibliography(written(tmp_path, "library.bib", BIB))
    ou, better, same, mendeley, windows = found.entries
    about = ou.reference
    assert about.title == "Rice Blast and Übung of Magnaporthe at 50%"
    assert about.authors == "Ou, Shu Huang; Müller, Anna; World Health Organization; van Beethoven, Ludwig"
    assert (about.year, about.doi, about.by) == (1980, "10.1094/PD_64-439", "bibtex")
    assert ou.files == (tmp_path / "files/5/Ou: 1980.pdf",)
    assert (better.reference.year, better.reference.doi) == (2019, "10.1234/url")
    assert better.files == (Path("/data/one;two.pdf"), tmp_path / "files/7/three.pdf")
    assert same.files == (tmp_path / "JabRef.pdf",)
    assert mendeley.files == (Path("/home/me/x.pdf"),)
    assert windows.lost == ("paper.pdf",)
    assert found.left_out == ["line 10: the entry is broken and was left out"]


CANARY = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file://{path}">]>'
LAUGHS = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("x.rdf", CANARY + RDF.split("?>", 1)[1].replace("Rice blast", "&x;", 1), "was refused"),
        ("x.rdf", LAUGHS + RDF.split("?>", 1)[1].replace("Rice blast", "&b;"), "was refused"),
        ("x.rdf", "<rdf:RDF xmlns:rdf='a'>" + "<a>" * 100_000, "was refused"),
        ("x.rdf", RDF[:1500], "is broken"),
        ("x.rdf", "<html/>", "is XML, but no RDF"),
        ("x.rdf", "", "is broken"),
        ("x.bib", "", "names no paper"),
        ("x.bib", "%PDF-1.7 \x00\x01", "names no paper"),
        ("x.bib", "@article{a, title = {", r"names no paper\. line 1: the entry is broken"),
        ("x.ris", "TY  - JOUR", "is no bibliography"),
    ],
)
def test_that_what_cannot_be_read_is_one_sentence_with_the_cure(
    name: str, text: str, words: str, tmp_path: Path
) -> None:
    secret = written(tmp_path, "secret", "CANARY")
    with pytest.raises(UserError, match=words) as problem:
        read_bibliography(written(tmp_path, name, text.replace("{path}", str(secret))))
    assert "Export" in problem.value.hint
    assert "CANARY" not in str(problem.value)


def test_that_a_file_that_is_gone_and_a_large_one_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="is not there"):
        read_bibliography(tmp_path / "gone.bib")
    monkeypatch.setattr(bibliography, "LARGEST_MB", 0)
    with pytest.raises(UserError, match="is larger than 0 MB"):
        read_bibliography(written(tmp_path, "x.bib", BIB))


@pytest.mark.parametrize(
    "field",
    ["{" * 5000 + "x" + "}" * 5000, "\\" * 20_000, "$" * 20_001, r"\input{/etc/passwd}", "{\\a" * 3000 + "}" * 3000],
)
def test_that_a_hostile_field_takes_no_time_and_reads_no_file(field: str, tmp_path: Path) -> None:
    began = time.monotonic()
    text = f"@article{{a, title = {{{field}}}, author = {{{field}}}, file = {{{field}}}}}\n@misc{{b, title = {{Good}}}}"
    found = read_bibliography(written(tmp_path, "x.bib", text))
    assert "Good" in [entry.name for entry in found.entries] or found.left_out
    assert not any("root" in entry.name for entry in found.entries)
    assert time.monotonic() - began < 3


def test_that_a_name_too_long_for_the_system_loses_its_own_pdf_only(tmp_path: Path) -> None:
    (tmp_path / "files" / "8").mkdir(parents=True)
    long = "%D0%AF" * 43
    text = RDF.replace("files/8/", f"files/2/{long}", 1)
    assert text != RDF
    found = read_bibliography(written(tmp_path, "long.rdf", text))
    assert len(found.entries) == len(read_bibliography(written(tmp_path, "short.rdf", RDF)).entries)
