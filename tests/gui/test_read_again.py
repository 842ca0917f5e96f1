"""Papers are read again with another extractor from the table: by button, by menu, with what came of it told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gui.fakes import FakeJobs
from gui.papers_help import Heard, add_failed, part, shown
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import BlockKind, FileState, HowRead, PassageDraft
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.gui.feedback import Feedback, Tone
from embtrainer_gui.gui.models.documents_table import READER
from embtrainer_gui.gui.pages.papers_page import PapersPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.import_dialog import ImportDialog

WHY = "Page 3: a picture of text."


@pytest.fixture
def page(qtbot: QtBot, empty_session: Session, jobs: FakeJobs, feedback: Feedback) -> PapersPage:
    documents = empty_session.project.documents
    for name, extractor in (("a", "text+ocr"), ("b", "tei")):
        source = documents.begin(f"hash-{name}", f"{name}.pdf", utc_now())
        documents.add(
            source, f"Title {name}", 3, [PassageDraft("Text.", BlockKind.BODY, "", 1, (), 2)], [name], (), None
        )
        how = HowRead("auto", "", WHY if name == "a" else "", 0.97 if name == "a" else None)
        documents.finish(source, FileState.DONE, "", 3, extractor, f"hash-{name}.pdf", how)
    return shown(qtbot, PapersPage(empty_session, jobs, feedback))


def choose(page: PapersPage, extractor: str) -> None:
    menu = part(page, "read-again").menu()
    action = next(action for action in menu.actions() if action.data() == extractor)
    action.trigger()


def test_that_the_table_tells_who_read_a_paper_and_why(page: PapersPage) -> None:
    model = part(page, "table").model()
    assert model.index(0, READER).data() == "Text + OCR"
    tip = model.index(0, READER).data(3)
    assert WHY in tip
    assert "97 %" in tip
    assert WHY in part(page, "how-read").text()
    page._list.select(1)
    assert not part(page, "how-read").isVisible()


def test_that_chosen_papers_are_read_again_from_their_copies(page: PapersPage, jobs: FakeJobs) -> None:
    page._list.select(0)
    choose(page, "layout")
    started = jobs.specs[-1]
    assert started.stage == "import"
    assert started.config["extractor"] == "layout"
    assert started.options["again"] is True
    assert [Path(path).name for path in started.options["sources"]] == ["hash-a.pdf"]


def test_that_only_pdfs_that_were_read_can_be_read_again(page: PapersPage, empty_session: Session) -> None:
    page._list.select(0)
    assert part(page, "read-again").isEnabled()
    page._list.select(1)
    assert not part(page, "read-again").isEnabled()
    add_failed(empty_session)
    page._list.select(0)
    assert not part(page, "read-again").isEnabled()


@pytest.mark.parametrize(
    ("files", "words", "tone"),
    [
        ([("a.pdf", "done", "Read again: 4 passages are the same, 1 are new.")], "4 passages are the same", None),
        ([("a.pdf", "empty", "It stays as it was read before. No text.")], "It stays as it was", Tone.WARN),
        ([("a.pdf", "done", ""), ("b.pdf", "failed", "It stays.")], "1 papers were read again, 1 stay", Tone.WARN),
    ],
)
def test_that_the_outcome_is_told(
    page: PapersPage, jobs: FakeJobs, feedback: Feedback, files: list[Any], words: str, tone: Tone | None
) -> None:
    heard = Heard(feedback)
    page._list.select(0)
    choose(page, "ocr")
    rows = [{"file": name, "state": state, "pages": 1, "passages": 1, "reason": why} for name, state, why in files]
    jobs.finish({"files": rows, "documents": 2, "passages": 2, "seconds": 1.0})
    messages = heard.toasts if tone is None else heard.banners
    assert words in messages[-1].text
    assert tone is None or messages[-1].tone is tone


def test_that_docling_is_offered_only_where_it_is_installed(page: PapersPage) -> None:
    names = [action.data() for action in part(page, "read-again").menu().actions()]
    assert names == ["auto", "text", "layout", "ocr", "grobid", "vision"]


def test_that_fields_of_servers_wait_for_their_extractor(qtbot: QtBot) -> None:
    dialog = ImportDialog(ImportConfig())
    qtbot.addWidget(dialog)
    form = dialog.form

    def enabled() -> set[str]:
        names = ("grobid_url", "vision_url", "vision_model", "vision_dpi", "recognition_seconds")
        return {name for name in names if form.editor(name).isEnabled()}

    assert enabled() == {"recognition_seconds"}
    form.set_values({"extractor": "grobid"})
    assert enabled() == {"grobid_url"}
    form.set_values({"extractor": "vision"})
    assert enabled() == {"vision_url", "vision_model", "vision_dpi", "recognition_seconds"}
    form.set_values({"extractor": "docling"})
    assert "not installed" in form.errors()["extractor"]
