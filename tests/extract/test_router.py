"""Each page is read by what it needs, and the reader says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from made_pdfs import SENTENCES, add_drawn_page, add_ragged_columns, add_scan_page, add_text_page, save

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import ExtractedDocument, FileState, ReadPage
from embtrainer_gui.extract import router
from embtrainer_gui.extract.page_measure import measure
from embtrainer_gui.extract.page_range import in_words, pages_of
from embtrainer_gui.extract.pdf_lines import PageText, TextLine
from embtrainer_gui.extract.pdf_text import read_pdf
from embtrainer_gui.extract.readers import reader_of
from embtrainer_gui.extract.reading import NoMemory, Unreadable

LONG = tuple(f"{sentence} {sentence}" for sentence in SENTENCES)


def read(path: Path, extractor: str = "auto", config: ImportConfig | None = None, **more: Any) -> ExtractedDocument:
    return read_pdf(path, config or ImportConfig(), lambda *_: None, None, extractor, **more)


def text_of(document: ExtractedDocument) -> str:
    return " ".join(block.text for block in document.blocks)


def page(*texts: str, damaged: int = 0, picture: float = 0.0) -> PageText:
    lines = [
        TextLine(text, 1, 40, 40 + 14 * n, 400, 52 + 14 * n, 50 + 14 * n, 10, "F", False, False, False)
        for n, text in enumerate(texts)
    ]
    return PageText(1, 595, 842, lines, damaged=damaged, picture=picture)


def test_that_a_born_digital_paper_is_read_by_its_own_text(three_papers: list[Path]) -> None:
    for path in three_papers:
        found = read(path)
        assert found.extractor == "text"
        assert (found.score or 0) > 0.99
        assert found.blocks == read(path, "text").blocks


def test_that_only_the_scanned_page_is_recognised(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", lambda d: add_text_page(d, SENTENCES * 2), add_scan_page)
    found = read(path)
    assert found.extractor == "text+ocr"
    assert "Page 2: a picture of text" in found.why
    assert 0.8 < (found.score or 0) < 1
    for sentence in SENTENCES:
        assert text_of(found).count(sentence) == 3
    boxes = [line.box for block in found.blocks if block.page == 2 for line in block.lines]
    assert boxes
    assert all(30 < box[1] < 60 and box[3] < 400 for box in boxes)
    assert read(path, "text").extractor == "text"


def test_that_letters_that_are_drawn_are_recognised_and_blank_pages_are_not(tmp_path: Path) -> None:
    found = read(save(tmp_path / "a.pdf", add_drawn_page, lambda d: d.new_page()))
    assert found.extractor == "text+ocr"
    assert "Page 1: without a text layer" in found.why
    assert all(sentence in text_of(found) for sentence in SENTENCES)


def test_that_a_recognised_page_is_not_recognised_again(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", add_scan_page)
    text = "Kept from before."
    words = tuple((40.0 + 60 * n, 40.0, 90.0 + 60 * n, 52.0, word) for n, word in enumerate(text.split()))

    class Known(NoMemory):
        def get(self, page: int) -> ReadPage | None:
            return ReadPage(page, text, words, 0.9)

    assert text_of(read(path, memory=Known())) == text


def test_that_what_is_recognised_is_handed_on_at_once(tmp_path: Path) -> None:
    kept: list[tuple[ReadPage, str]] = []

    class Keeping(NoMemory):
        def put(self, read: ReadPage, settings: str) -> None:
            kept.append((read, settings))

    coarse = save(tmp_path / "a.pdf", lambda d: add_scan_page(d, dpi=100))
    read(coarse, memory=Keeping())
    assert [(read.page, bool(read.words), bool(settings)) for read, settings in kept] == [(1, True, True)]


def test_that_columns_without_common_edges_are_put_in_order_by_the_layout_network(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", add_ragged_columns)
    found = read(path)
    assert found.extractor == "layout"
    assert "columns" in found.why
    assert text_of(found).rindex("left") < text_of(found).index("right")
    own = text_of(read(path, "text"))
    assert own.rindex("left") > own.index("right")


@pytest.mark.parametrize(
    ("layer", "extractor"), [(SENTENCES * 2, "text"), (("t1le k f|eld5 m0ist Ieave5 w g",) * 8, "ocr")]
)
def test_that_a_scanners_own_text_is_taken_where_it_is_good(
    tmp_path: Path, layer: tuple[str, ...], extractor: str
) -> None:
    def add(document: Any) -> None:
        add_scan_page(document, SENTENCES * 2)
        for number, sentence in enumerate(layer):
            document[0].insert_text((40, 60 + 18 * number), sentence, fontsize=12, render_mode=3)

    assert read(save(tmp_path / "a.pdf", add)).extractor == extractor


def test_that_a_layout_network_that_fails_leaves_the_own_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a network")

    path = save(tmp_path / "a.pdf", add_ragged_columns)
    monkeypatch.setattr("embtrainer_gui.extract.layout.layout_regions", fail)
    assert (read(path).extractor, read(path).blocks) == ("text", read(path, "text").blocks)


def test_that_a_scan_stays_unread_and_says_so_where_nothing_can_recognise_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router, "is_installed", lambda name: False)
    found = read(save(tmp_path / "a.pdf", lambda d: add_text_page(d, LONG), add_scan_page))
    assert found.extractor == "text"
    assert "Text recognition is not installed." in found.why
    assert (found.score or 1) < 0.7


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (page(*LONG), ""),
        (page(*LONG, picture=1.0), ""),  # the text layer of a scanner, and a good one
        (page("Figure 1. A plant.", picture=0.4), ""),
        (page(picture=0.9), router.SCAN),
        (page("12", picture=0.9), router.SCAN),
        (page(damaged=300), router.DAMAGE),
        (page(*LONG, damaged=200), router.DAMAGE),
        (page(*(text.translate({n: n + 3 for n in range(65, 122)}) for text in LONG)), router.GARBLED),
        (page(*(text.replace(" ", "") for text in LONG)), router.RUN_TOGETHER),
        (page(*("t1le k f|eld5 m0ist Ieave5 w g" for _ in range(9)), picture=1.0), router.POOR_LAYER),
    ],
)
def test_that_a_page_whose_text_will_not_do_is_told_by_its_figures(found: PageText, fault: str) -> None:
    chosen = router.Router(ImportConfig(), "auto", lambda *_: None, NoMemory())
    assert chosen._fault(found, measure(found)) == fault


def test_that_other_scripts_are_not_taken_for_broken_text() -> None:
    arabic = page(*("لا يمكن الوصول إلى هذه الصفحة من دون إذن" for _ in range(12)))
    chinese = page(*("这是一个关于植物病害的研究报告我们分析了真菌的传播" for _ in range(12)))
    chosen = router.Router(ImportConfig(), "auto", lambda *_: None, NoMemory())
    assert [chosen._fault(each, measure(each)) for each in (arabic, chinese)] == ["", ""]


def test_that_only_the_pages_asked_for_are_read(tmp_path: Path) -> None:
    pages = [lambda d, n=n: add_text_page(d, (f"This is the text of page number {n}.",)) for n in range(1, 7)]
    path = save(tmp_path / "a.pdf", *pages)
    found = read(path, config=ImportConfig(pages="2, 5-"))
    assert {block.page for block in found.blocks} == {2, 5, 6}
    assert found.pages == 6
    with pytest.raises(Unreadable) as problem:
        read(path, config=ImportConfig(pages="7-9"))
    assert problem.value.state is FileState.FAILED
    assert "6 page" in str(problem.value)


@pytest.mark.parametrize(
    ("wanted", "pages"), [("", [1, 2, 3, 4]), ("2", [2]), ("3-", [3, 4]), ("1-2, 2-9", [1, 2, 3, 4]), ("0-1", [1])]
)
def test_that_page_ranges_are_understood(wanted: str, pages: list[int]) -> None:
    assert pages_of(wanted, 4) == pages


def test_that_pages_are_told_in_runs() -> None:
    assert in_words([1, 2, 3, 7, 9, 10]) == "1-3, 7, 9-10"


def test_that_what_is_not_installed_is_refused_with_the_cure() -> None:
    with pytest.raises(UserError) as problem:
        reader_of("docling", NoMemory())
    assert "pip install docling" in str(problem.value.hint)
