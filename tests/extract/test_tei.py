"""GROBID TEI: real files of several versions, whole paragraphs, and hostile XML."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import Block, BlockKind, ExtractedDocument, FileState
from embtrainer_gui.extract.reading import Unreadable
from embtrainer_gui.extract.tei import read_tei

HEAD = (
    '<TEI xmlns="http://www.tei-c.org/ns/1.0">'
    '<teiHeader><titleStmt><title type="main">T</title></titleStmt></teiHeader>'
)


def read(tmp_path: Path, content: str | bytes) -> ExtractedDocument:
    path = tmp_path / "paper.tei.xml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_tei(path, ImportConfig())


def body(tmp_path: Path, inner: str) -> tuple[Block, ...]:
    return read(tmp_path, f"{HEAD}<text><body>{inner}</body></text></TEI>").blocks


@pytest.mark.parametrize(
    ("name", "title", "paragraphs", "references"),
    [
        ("2020.acl-main.207", "SPECTER: Document-level Representation", 57, 57),
        ("N18-3011", "Construction of the Literature Graph", 66, 27),
        ("springer-0046d83a", "Multi-contact functional electrical", 39, 49),
        ("arxiv-2602.19930", "Beyond Mimicry", 28, 24),
    ],
)
def test_that_real_files_give_every_paragraph_whole(
    name: str, title: str, paragraphs: int, references: int, shared_data: Path
) -> None:
    source = shared_data / "tei" / f"{name}.tei.xml"
    document = read_tei(source, ImportConfig())
    assert document.title.startswith(title)
    kinds = [block.kind for block in document.blocks]
    assert kinds.count(BlockKind.REFERENCE) == references
    assert kinds.count(BlockKind.ABSTRACT) >= 1
    assert paragraphs <= kinds.count(BlockKind.BODY) + kinds.count(BlockKind.ACKNOWLEDGEMENT) <= paragraphs + 4
    texts = {re.sub(r"\s", "", block.text) for block in document.blocks}
    tree = ElementTree.parse(source)
    for paragraph in tree.iterfind(".//{*}body//{*}p"):
        assert re.sub(r"\s", "", "".join(paragraph.itertext())) in texts


def test_that_inline_elements_and_sections_are_kept(tmp_path: Path) -> None:
    blocks = body(
        tmp_path,
        '<div><head n="2.1">Methods</head><p>As shown in <ref>Figure 1</ref>, H<hi>2</hi>O is wet.</p></div>'
        "<div><p>It goes on.</p><formula>E = mc2</formula><list><item>one</item></list></div>"
        '<figure><head>Figure 1</head><figDesc>A drop.</figDesc></figure><note place="foot">See there.</note>'
        '<figure type="table"><head>Table 1</head><table><row><cell>a</cell><cell>b</cell></row></table></figure>'
        "<div><head>Funding</head><p>Paid by nobody.</p></div>",
    )
    assert [(b.kind.value, b.section, b.text) for b in blocks] == [
        ("heading", "2.1 Methods", "2.1 Methods"),
        ("body", "2.1 Methods", "As shown in Figure 1, H2O is wet."),
        ("body", "2.1 Methods", "It goes on."),
        ("formula", "2.1 Methods", "E = mc2"),
        ("list", "2.1 Methods", "one"),
        ("caption", "", "Figure 1 A drop."),
        ("footnote", "", "See there."),
        ("caption", "", "Table 1"),
        ("table", "", "a b"),
        ("heading", "Funding", "Funding"),
        ("acknowledgement", "Funding", "Paid by nobody."),
    ]


def test_that_coordinates_become_lines_of_their_sentence(tmp_path: Path) -> None:
    blocks = body(
        tmp_path,
        '<div><p><s coords="2,10,20,30,8;2,10,30,15,8">One two.</s><s coords="3,5.5,6,7,8">Three.</s></p>'
        '<p>No place of its own.</p><p coords="nan,1,2,3,4;x;4,1,1,1,1">Odd.</p></div>',
    )
    first, second, third = blocks
    assert first.text == "One two. Three."
    assert [(line.start, line.end, line.box) for line in first.lines] == [
        (0, 8, (2, 10, 20, 40, 28)), (0, 8, (2, 10, 30, 25, 38)), (9, 15, (3, 5.5, 6, 12.5, 14)),
    ]  # fmt: skip
    assert [block.page for block in blocks] == [2, 2, 4]
    assert second.lines == ()
    assert [line.box for line in third.lines] == [(4, 1, 1, 2, 2)]


def _lol() -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE TEI [<!ENTITY l0 "lol">{entities}]>{HEAD}<text><body><p>&l9;</p></body></text></TEI>'


@pytest.mark.parametrize(
    "content",
    [
        f'<!DOCTYPE TEI [<!ENTITY x SYSTEM "file:///etc/passwd">]>{HEAD}<text><body><p>&x;</p></body></text></TEI>',
        _lol(),
        f'<!DOCTYPE TEI [<!ENTITY a "{"a" * 50_000}">]>{HEAD}<text><body><p>{"&a;" * 50_000}</p></body></text></TEI>',
        HEAD + "<div>" * 200_000 + "</div>" * 200_000 + "</TEI>",
        HEAD + "<text><body><p>cut sho",
        f'<?xml version="1.0" encoding="UTF-8"?>{HEAD}<text><body><p>caf\xe9</p></body></text></TEI>'.encode("latin-1"),
        f'<?xml version="1.0" encoding="no-such"?>{HEAD}</TEI>',
        "<html><body><p>no TEI</p></body></html>",
    ],
    ids=["xxe", "billion-laughs", "quadratic", "deep", "truncated", "wrong-encoding", "unknown-encoding", "html"],
)
def test_that_hostile_xml_is_refused_in_one_sentence(content: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as problem:
        read(tmp_path, content)
    assert problem.value.state is FileState.FAILED
    assert 10 < len(problem.value.message) < 160
    assert problem.value.message.endswith(".")
    assert "root:" not in problem.value.message


def test_that_a_huge_file_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "big.tei.xml"
    with path.open("wb") as file:
        file.truncate(500 * 2**20)
    with pytest.raises(Unreadable) as problem:
        read_tei(path, ImportConfig(max_file_mb=4096))
    assert problem.value.state is FileState.STOPPED


def test_that_a_file_without_text_is_empty(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as problem:
        body(tmp_path, "<div><p/></div>")
    assert problem.value.state is FileState.EMPTY
