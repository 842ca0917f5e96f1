"""Where an answer stands on a page: an exact match or nothing."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from made_pdfs import SENTENCES, add_scan_page, save

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.store import create_project
from embtrainer_gui.gui.widgets.evidence import Word, answer_boxes, find_span
from embtrainer_gui.stages import import_papers
from embtrainer_gui.stages.context import Context


def words(*lines: str) -> list[Word]:
    """Words 10 points apart on lines 12 points high."""
    return [
        (10.0 * x, 12.0 * y, 10.0 * x + 9, 12.0 * y + 10, word)
        for y, line in enumerate(lines)
        for x, word in enumerate(line.split())
    ]


def test_that_words_side_by_side_become_one_box_a_line() -> None:
    page = words("the mean yield was", "4.2 tonnes in all")
    assert answer_boxes(page, "yield was 4.2 tonnes", 3) == [(3, 20.0, 0.0, 39.0, 10.0), (3, 0.0, 12.0, 19.0, 22.0)]


@pytest.mark.parametrize(
    ("page", "answer"),
    [
        (("a large inter-", "vention was made"), "large intervention was"),
        (("the eﬀect is", "small"), "effect is small"),
        (("it lasted (2 h).",), "lasted (2 h)"),
        (("an IC₅₀ of 3 µM",), "IC50 of 3 μM"),
    ],
)
def test_that_hyphens_ligatures_and_punctuation_do_not_matter(page: tuple[str, ...], answer: str) -> None:
    assert answer_boxes(words(*page), answer, 1)


@pytest.mark.parametrize("answer", ["", "yields was", "ield was", "mean was", "nothing of this"])
def test_that_there_is_no_box_without_an_exact_match(answer: str) -> None:
    assert answer_boxes(words("the mean yield was high"), answer, 1) == []


def test_that_the_place_inside_the_passage_is_taken() -> None:
    page = words("rice was first", "rice was second")
    inside = (1, 0.0, 12.0, 100.0, 22.0)
    assert answer_boxes(page, "rice was", 1, [inside]) == [(1, 0.0, 12.0, 19.0, 22.0)]
    assert answer_boxes(page, "rice was", 1, [(2, *inside[1:])]) == []


def test_that_of_several_places_the_one_after_the_text_before_it_is_taken() -> None:
    page = words("antifungal activity of oils", "we found activity of seeds", "and activity of roots")
    assert answer_boxes(page, "activity", 1, before="we found ") == [(1, 20.0, 12.0, 29.0, 22.0)]
    assert answer_boxes(page, "activity", 1, before="not on this page ") == [(1, 10.0, 0.0, 19.0, 10.0)]


def test_that_a_selection_is_found_in_the_words_of_the_passage() -> None:
    text = "Seeds of inter-cropped maize were kept\nat 4 °C."
    span = find_span(text, "inter-\ncropped  maize were kept at 4 °C")
    assert span is not None
    assert text[slice(*span)] == "inter-cropped maize were kept\nat 4 °C"


def test_that_whole_words_are_preferred() -> None:
    assert find_span("The data of a set.", "a") == (12, 13)
    assert find_span("nothing", "zebra") is None


def test_that_answers_on_a_recognised_page_are_boxed_by_its_words(tmp_path: Path) -> None:
    """A real scan, really recognised: each sentence has one box a line, on the line where it was printed."""
    paper = save(tmp_path / "scan.pdf", lambda document: add_scan_page(document, SENTENCES * 2))
    with create_project(tmp_path / "project") as project:
        context = Context(project, lambda event: None, threading.Event())
        import_papers.run(context, ImportConfig(workers=1), [paper])
        [passage] = project.passages.in_use()
        [source] = project.documents.sources()
        words = project.read_pages.words(source.hash, 1)
    for number, sentence in enumerate(SENTENCES):
        [box] = answer_boxes(words, sentence, 1, passage.boxes)
        assert box[1] == pytest.approx(40, abs=6)
        assert box[2] < 60 + 18 * number - 4 < box[4]
        assert answer_boxes(words, sentence.replace(" ", " not ", 1), 1, passage.boxes) == []
