"""Papers from a reference manager: imported once, with what it tells of them; what is missing never stops the rest."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
import pytest
from commandline import CommandLine, assert_plain
from fake_zotero import FakeZotero, serve
from made_pdfs import add_text_page, save

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.messages import Event, Warned
from embtrainer_gui.core.reference import Reference
from embtrainer_gui.core.store import Project, create_project, open_project
from embtrainer_gui.stages import import_papers, import_references
from embtrainer_gui.stages.context import Context

WORDS = ("bees", "clover", "lichen")
CONFIG = ImportConfig(extractor="text", workers=1)


def paper(path: Path, word: str) -> Path:
    sentences = tuple(f"The {word} of meadow {n} grow slowly where {word} number {n * n} stood." for n in range(9))
    return save(path, lambda document: add_text_page(document, sentences))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "project") as made:
        yield made


@pytest.fixture
def zotero(tmp_path: Path) -> Iterator[FakeZotero]:
    """A library of four: two with a PDF, one whose PDF is gone, one without; and a linked file."""
    store = tmp_path / "Zotero" / "storage"
    store.mkdir(parents=True)
    with serve(FakeZotero()) as fake:
        fake.collection("COLTHES1", "Thesis")
        for number, word in enumerate(WORDS[:2]):
            key = fake.paper(f"PAPER00{number}", f"On {word}", "COLTHES1", date=str(2001 + number))
            fake.attachment(f"ATTACH0{number}", key, paper(store / f"{word}.pdf", word))
        gone = fake.paper("PAPERGON", "A lost paper", "COLTHES1")
        fake.attachment("ATTACHGO", gone, store / "lost.pdf")
        fake.paper("PAPERNON", "Without a PDF", "COLTHES1")
        linked = fake.paper("PAPERLIN", "Linked", date="1999", creators=[{"creatorType": "author", "name": "FAO"}])
        fake.attachment("ATTACHLI", linked, paper(tmp_path / "linked.pdf", WORDS[2]), mode="linked_file")
        yield fake


def told_of(project: Project, name: str) -> Reference:
    """Of the paper in a file of this name: files come in as they are read."""
    return project.references.of(next(each.id for each in project.documents.all() if each.file_name == name))


def listening(project: Project, heard: list[Event], when: Callable[[Event], bool] = lambda event: False) -> Context:
    stop = threading.Event()

    def hear(event: Event) -> None:
        heard.append(event)
        if when(event):
            stop.set()

    return Context(project, hear, stop)


def test_that_a_library_comes_in_once_with_its_metadata_and_what_is_missing_is_told(
    project: Project, zotero: FakeZotero
) -> None:
    heard: list[Event] = []
    summary = import_references.from_zotero(listening(project, heard), CONFIG, ["COLTHES1"], zotero.address)
    about = summary["references"]
    assert (about["items"], about["pdfs"], about["without_pdf"]) == (4, 2, 1)
    assert about["gone"] == ["A lost paper: its PDF is not there (lost.pdf)."]
    assert [event.text for event in heard if isinstance(event, Warned)] == about["gone"]
    assert told_of(project, "bees.pdf") == Reference("On bees", "Lovelace, Ada", 2001, "10.1234/abc", "zotero")
    assert project.search_scope.years() == (2001, 2002)
    whole = import_references.from_zotero(listening(project, []), CONFIG, None, zotero.address)
    assert [row["state"] for row in whole["files"]] == ["duplicate", "duplicate", "done"]
    assert project.documents.count() == 3
    assert told_of(project, "linked.pdf").authors == "FAO"


def test_that_papers_of_the_project_and_near_copies_of_them_learn_from_zotero(
    project: Project, zotero: FakeZotero, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    shutil.copy(tmp_path / "Zotero/storage/bees.pdf", mine / "paper.pdf")
    text = " ".join(f"The clover of meadow {n} grow slowly where clover number {n * n} stood." for n in range(9))
    (mine / "copy.txt").write_text(text)
    import_papers.run(listening(project, []), CONFIG, [mine])
    before = {document.file_name: document.title for document in project.documents.all()}
    summary = import_references.from_zotero(listening(project, []), CONFIG, ["COLTHES1"], zotero.address)
    assert [row["state"] for row in summary["files"]] == ["duplicate", "duplicate"]
    assert project.documents.count() == 2
    assert {document.file_name: project.references.of(document.id).year for document in project.documents.all()} == {
        "paper.pdf": 2001,
        "copy.txt": 2002,
    }
    after = {document.file_name: document.title for document in project.documents.all()}
    assert after["copy.txt"] == before["copy.txt"]


def test_that_reading_again_keeps_the_title_of_zotero(project: Project, zotero: FakeZotero) -> None:
    import_references.from_zotero(listening(project, []), CONFIG, ["COLTHES1"], zotero.address)
    copy = project.papers / next(each.stored for each in project.documents.sources() if each.file_name == "bees.pdf")
    import_papers.run(listening(project, []), CONFIG, [copy], again="always")
    assert told_of(project, "bees.pdf") == Reference("On bees", "Lovelace, Ada", 2001, "10.1234/abc", "zotero")


def test_that_a_stop_while_zotero_answers_leaves_the_project_as_it_was(project: Project) -> None:
    with serve(FakeZotero(act="hang")) as fake, pytest.raises(Cancelled):
        import_references.from_zotero(listening(project, [], lambda event: True), CONFIG, None, fake.address)
    assert project.documents.count() == 0


def test_that_a_library_without_a_pdf_here_is_told_with_the_cure(project: Project) -> None:
    with serve(FakeZotero()) as fake:
        fake.paper("PAPER001", "Bare")
        with pytest.raises(UserError, match="None of the 1 items of Zotero has its PDF on this computer") as problem:
            import_references.from_zotero(listening(project, []), CONFIG, None, fake.address)
    assert "Find Full Text" in problem.value.hint


def test_that_a_paper_that_failed_keeps_what_the_library_told_for_its_next_try(
    project: Project, zotero: FakeZotero, tmp_path: Path
) -> None:
    bees = tmp_path / "Zotero" / "storage" / "bees.pdf"
    with pymupdf.open(bees) as document:
        document.save(tmp_path / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="4711", owner_pw="o")
    shutil.copy(tmp_path / "locked.pdf", bees)
    import_references.from_zotero(listening(project, []), CONFIG, ["COLTHES1"], zotero.address)
    (failed,) = [source for source in project.documents.sources() if source.state == "encrypted"]
    copy = project.papers / failed.stored
    again = listening(project, [])
    import_papers.run(again, CONFIG, [copy], retry=True)  # without the password
    import_papers.run(again, CONFIG, [copy], retry=True, passwords={str(copy): "4711"})
    assert told_of(project, "bees.pdf").year == 2001
    assert told_of(project, "bees.pdf").by == "zotero"
    assert not project.database.rows("SELECT * FROM meta WHERE key LIKE 'reference:%'")  # it is kept no longer


def test_that_a_link_to_what_is_no_pdf_is_neither_opened_nor_kept(project: Project, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("CANARY")
    (tmp_path / "link.pdf").symlink_to(tmp_path / "secret")
    (tmp_path / "x.bib").write_text(
        "@misc{a, title={A}, file={link.pdf;secret}}\n@misc{b, title={B}, file={/etc/passwd}}\n"
    )
    with pytest.raises(UserError, match="1 have none, and of 1 it is not where it should be"):
        import_references.from_file(listening(project, []), CONFIG, tmp_path / "x.bib")
    assert not list(project.papers.iterdir())


def test_that_the_command_line_takes_a_collection_and_an_exported_file(
    zotero: FakeZotero, tmp_path: Path, embtrainer: CommandLine
) -> None:
    (tmp_path / "library.bib").write_text(
        "@article{a, title={Linked}, author={Doe, Jane}, year=1999, file={linked.pdf}}\n"
        "@article{broken, title={\n"
        "@article{g, title={Gone}, file={gone.pdf}}\n@misc{n, title={None}}\n"
    )
    folder = tmp_path / "made"
    summary = embtrainer.ok("import", folder, "--bibliography", tmp_path / "library.bib", "--extractor", "text")
    assert [row["state"] for row in summary["files"]] == ["done"]
    assert summary["references"]["gone"] == ["Gone: its PDF is not there (gone.pdf)."]
    assert len(summary["references"]["left_out"]) == 1
    with open_project(folder) as made:
        assert made.references.of(1) == Reference("Linked", "Doe, Jane", 1999, "", "bibtex")
        assert made.search_scope.named("doe, j") == [1]
    ran = embtrainer("import", folder, "--zotero", "Wheat", "--zotero-url", zotero.address)
    assert_plain(ran, 2, "no collection called Wheat", "Thesis")
    zotero.act = "off"
    ran = embtrainer("import", folder, "--zotero", "--zotero-url", zotero.address)
    assert_plain(ran, 2, "does not let other programs read", "Settings > Advanced")
    assert_plain(embtrainer("import", folder, "--zotero", "--zotero-url", "http://127.0.0.1:9"), 3, "Start Zotero")
    assert_plain(embtrainer("import", folder), 2, "--bibliography")
