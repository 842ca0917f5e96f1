"""Scans in an import: progress by page, nothing recognised twice, words in the page view."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from made_pdfs import SENTENCES, add_scan_page, add_text_page, save

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import Cancelled
from embtrainer_gui.core.messages import Event, PageImage, Progress, RenderPage
from embtrainer_gui.core.store import Project, create_project
from embtrainer_gui.extract import page_picture
from embtrainer_gui.stages import import_papers, serve_pages
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.serve_pages import PageService


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "project")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return save(tmp_path / "scan.pdf", *[add_scan_page] * 4)


def pages_of(project: Project) -> dict[int, str]:
    return dict(project.database.rows("SELECT page, at FROM read_pages ORDER BY page"))


def test_that_a_cancelled_import_goes_on_with_the_page_it_was_stopped_at(project: Project, scan: Path) -> None:
    stop = threading.Event()
    seen: list[str] = []

    def stop_at_a_page(event: Event) -> None:
        if isinstance(event, Progress):
            seen.append(event.item)
            stop.set()

    with pytest.raises(Cancelled):
        import_papers.run(Context(project, stop_at_a_page, stop), ImportConfig(workers=1), [scan])
    stopped = time.monotonic()
    before = pages_of(project)
    assert 0 < len(before) < 4
    assert seen == ["scan.pdf, page 1"]
    assert not project.documents.sources()

    summary = import_papers.run(
        Context(project, lambda event: None, threading.Event()), ImportConfig(workers=1), [scan]
    )
    assert [row["state"] for row in summary["files"]] == ["done"]
    after = pages_of(project)
    assert list(after) == [1, 2, 3, 4]
    assert {page: after[page] for page in before} == before  # not recognised again
    assert time.monotonic() - stopped < 60
    text = " ".join(passage.text for passage in project.passages.in_use())
    assert all(sentence in text.replace("\n", " ") for sentence in SENTENCES)


def test_that_the_page_view_has_the_words_of_recognised_pages(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = save(tmp_path / "both.pdf", lambda d: add_text_page(d, SENTENCES * 2), add_scan_page)
    import_papers.run(Context(project, lambda event: None, threading.Event()), ImportConfig(workers=1), [paper])
    monkeypatch.setattr(serve_pages, "limit_process", lambda: None)  # it would limit the tests
    monkeypatch.setattr(page_picture, "_limit_cpu", lambda: None)
    context = Context(project, lambda event: None, threading.Event())
    service = PageService(context, tmp_path)
    [document] = project.documents.all()
    for page in (1, 2):
        image = service.answer(RenderPage(document=document.id, page=page, dpi=72))
        assert isinstance(image, PageImage)
        x0, y0, x1, y1, word = image.words[1]
        assert word == SENTENCES[0].split()[1]
        assert (x0, y0) == pytest.approx((63, 49), abs=5)
        assert 20 < x1 - x0 < 50
        assert 8 < y1 - y0 < 20
