"""The view of a page: pictures from the pages child, boxes that are found by a click, words that are selected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.fakes import FakeJobs
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import Failed, PageImage, RenderPage
from embtrainer_gui.core.store import open_project
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.page_cache import PageCache, PagePicture
from embtrainer_gui.gui.widgets.page_canvas import PageCanvas
from embtrainer_gui.gui.widgets.pdf_view import PdfView

PAGES = 3
WORDS = [(72.0, 100.0, 110.0, 112.0, "Rice"), (114.0, 100.0, 150.0, 112.0, "blast"), (72.0, 400.0, 120.0, 412.0, "far")]
BOXES = [(1, 70.0, 90.0, 300.0, 130.0), (1, 70.0, 120.0, 300.0, 200.0), (2, 70.0, 700.0, 300.0, 760.0)]


@pytest.fixture
def painter(tmp_path: Path) -> Callable[[RenderPage], PageImage]:
    """Paints a real picture for each request, as the child does."""
    made = 0

    def paint(request: RenderPage) -> PageImage:
        nonlocal made
        made += 1
        width, height = round(612 * request.dpi / 72), round(792 * request.dpi / 72)
        image = QImage(width, height, QImage.Format.Format_RGB888)
        image.fill(QColor(200, 220, 240))
        path = tmp_path / f"page{made}.ppm"
        assert image.save(str(path))
        return PageImage(
            ticket=request.ticket, path=str(path), width=width, height=height, page_width=612, page_height=792,
            pages=PAGES, words=WORDS,
        )  # fmt: skip

    return paint


@pytest.fixture
def view(qtbot: QtBot, jobs: FakeJobs, painter: Callable[[RenderPage], PageImage]) -> PdfView:
    jobs.fake_service("pages").replies = painter
    made = PdfView(jobs)
    qtbot.addWidget(made)
    made.resize(500, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


def canvas_of(view: PdfView) -> PageCanvas:
    canvas = view.findChild(PageCanvas)
    assert canvas is not None
    return canvas


def at(view: PdfView, x: float, y: float) -> QPoint:
    """A place on the page, given in points, as a place on the canvas."""
    scale = canvas_of(view).width() / 612
    return QPoint(round(x * scale), round(y * scale))


def asked(jobs: FakeJobs) -> list[RenderPage]:
    return [request for request in jobs.fake_service("pages").asked if isinstance(request, RenderPage)]


def test_that_a_page_is_as_wide_as_the_view_and_its_file_is_deleted(
    view: PdfView, jobs: FakeJobs, tmp_path: Path
) -> None:
    view.show_page(7, 1, BOXES)
    assert [(request.document, request.page) for request in asked(jobs)] == [(7, 1)]
    assert canvas_of(view).isVisible()
    assert abs(canvas_of(view).width() - 500) < 30
    assert canvas_of(view).height() == round(canvas_of(view).width() * 792 / 612)
    assert not list(tmp_path.glob("*.ppm"))


def test_that_a_click_finds_the_smallest_box_there(qtbot: QtBot, view: PdfView) -> None:
    view.show_page(7, 1, BOXES)
    for place, expected in ((at(view, 100, 100), 0), (at(view, 100, 180), 1), (at(view, 100, 125), 0)):
        with qtbot.waitSignal(view.box_clicked) as clicked:
            qtbot.mouseClick(canvas_of(view), Qt.MouseButton.LeftButton, pos=place)
        assert clicked.args == [expected]
    with qtbot.assertNotEmitted(view.box_clicked):
        qtbot.mouseClick(canvas_of(view), Qt.MouseButton.LeftButton, pos=at(view, 500, 500))


def test_that_marked_boxes_are_filled_and_scrolled_into_view(view: PdfView) -> None:
    view.show_page(7, 2, BOXES, [BOXES[2]])
    canvas, picture = canvas_of(view), canvas_of(view).grab().toImage()
    inside, outside = at(view, 200, 730), at(view, 500, 730)
    assert picture.pixelColor(inside) != picture.pixelColor(outside)
    top = -canvas.pos().y()
    assert top <= inside.y() <= top + view.height()
    view.show_page(7, 2, BOXES)
    assert canvas.grab().toImage().pixelColor(inside) == picture.pixelColor(outside)


def test_that_dragging_selects_words_and_copy_takes_them(qtbot: QtBot, view: PdfView) -> None:
    view.show_page(7, 1, BOXES)
    canvas = canvas_of(view)
    with qtbot.waitSignal(view.text_selected) as selected, qtbot.assertNotEmitted(view.box_clicked):
        qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(view, 80, 106))
        qtbot.mouseMove(canvas, at(view, 120, 106))
        qtbot.mouseMove(canvas, at(view, 140, 106))
        qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(view, 140, 106))
    assert selected.args == ["Rice blast"]
    view.activateWindow()
    view.setFocus()
    canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(canvas, Qt.Key.Key_F24)  # lets go of Control: other tests select with it otherwise
    assert QGuiApplication.clipboard().text() == "Rice blast"
    with qtbot.waitSignal(view.text_selected) as cleared:
        view.show_page(7, 2, BOXES)
    assert cleared.args == [""]


def test_that_the_buttons_turn_pages_within_the_document(qtbot: QtBot, view: PdfView, jobs: FakeJobs) -> None:
    view.show_page(7, 1, BOXES)
    turn = {name: view.findChild(object, f"page.{name}") for name in ("previous", "next")}
    turned: list[int] = []
    view.page_changed.connect(turned.append)
    assert not turn["previous"].isEnabled()
    for _ in range(4):
        turn["next"].click()
    turn["previous"].click()
    assert turned == [2, 3, 2]
    assert [request.page for request in asked(jobs)] == [1, 2, 3]


def test_that_a_page_that_was_fetched_before_is_shown_without_asking(view: PdfView, jobs: FakeJobs) -> None:
    ready: list[tuple[int, int]] = []
    view.words_ready.connect(lambda document, page: ready.append((document, page)))
    assert view.words(7, 2) is None
    view.prefetch(7, 2)
    view.prefetch(7, 2)
    view.show_page(7, 2)
    assert len(asked(jobs)) == 1
    assert ready == [(7, 2)]
    assert view.words(7, 2) == WORDS


def test_that_zooming_in_asks_for_a_sharper_picture_once_it_settles(
    qtbot: QtBot, view: PdfView, jobs: FakeJobs
) -> None:
    view.show_page(7, 1)
    width, dpi = canvas_of(view).width(), asked(jobs)[-1].dpi
    for _ in range(4):
        view.findChild(object, "page.larger").click()
    assert canvas_of(view).width() > 1.9 * width
    qtbot.waitUntil(lambda: asked(jobs)[-1].dpi > dpi)
    assert len(asked(jobs)) == 2
    view.findChild(object, "page.fit").click()
    assert canvas_of(view).width() == width


def test_that_a_failure_is_said_in_its_own_words(view: PdfView, jobs: FakeJobs) -> None:
    service = jobs.fake_service("pages")
    service.replies = lambda request: Failed(
        kind="user", message="The file is protected.", hint="Take another.", ticket=request.ticket
    )
    view.show_page(7, 1)
    notice = view.findChild(object, "pdf.notice")
    assert notice.isVisible()
    assert notice.text() == "The file is protected. Take another."


def test_that_clear_shows_one_sentence_and_no_page(view: PdfView) -> None:
    view.show_page(7, 1)
    view.clear("This was a text file.")
    assert view.findChild(object, "pdf.notice").text() == "This was a text file."
    assert not canvas_of(view).isVisible()
    assert not view.findChild(object, "page.next").isVisible()


def test_that_a_late_picture_of_another_page_does_not_replace_the_one_that_is_looked_at(
    view: PdfView, jobs: FakeJobs, painter: Callable[[RenderPage], PageImage]
) -> None:
    service = jobs.fake_service("pages")
    service.replies = None
    view.show_page(7, 1)
    view.show_page(8, 2)
    service.answer(painter(asked(jobs)[0]))
    assert view.findChild(object, "pdf.notice").isVisible()
    service.answer(painter(asked(jobs)[1]))
    assert canvas_of(view).isVisible()


def test_that_the_cache_keeps_the_newest_pictures_only() -> None:
    cache = PageCache(most=2)
    pictures = [PagePicture(QImage(), 72, 1, 1, 1, []) for _ in range(3)]
    for number, picture in enumerate(pictures[:2]):
        cache.put(1, number, picture)
    assert cache.get(1, 0) is pictures[0]
    cache.put(1, 2, pictures[2])
    assert cache.get(1, 1) is None
    assert cache.get(1, 0) is pictures[0]
    assert len(cache) == 2


@pytest.fixture
def real_jobs(paper_session: Session, feedback: Feedback) -> Iterator[JobManager]:
    jobs = JobManager(paper_session, feedback)
    yield jobs
    jobs.shut_down()


def test_that_the_pages_child_paints_a_real_paper(qtbot: QtBot, paper_session: Session, real_jobs: JobManager) -> None:
    with open_project(paper_session.project.folder) as project:
        document = project.documents.all()[0].id
    view = PdfView(real_jobs)
    qtbot.addWidget(view)
    view.resize(500, 600)
    view.show()
    with qtbot.waitSignal(view.words_ready, timeout=30_000):
        view.show_page(document, 1)
    words = view.words(document, 1)
    assert words is not None
    assert len(words) > 100
    picture = canvas_of(view).grab().toImage()
    colors = {picture.pixelColor(x, y).lightness() // 64 for x in range(40, 300, 3) for y in range(40, 300, 3)}
    assert len(colors) > 1
