"""Pages of slow readers are kept as they come, each under the file, the reader and its settings."""

from __future__ import annotations

from pathlib import Path

from embtrainer_gui.core.records import ReadPage
from embtrainer_gui.core.store import create_project, open_project

WORDS = ((72.0, 90.5, 110.25, 102.0, "Größe"), (113.0, 90.5, 150.0, 102.0, "a\u2028b"))


def test_that_a_page_is_found_again_after_a_restart_with_its_words_and_score(tmp_path: Path) -> None:
    read = ReadPage(3, "Größe a\u2028b", WORDS, 0.93)
    with create_project(tmp_path / "p") as project:
        project.read_pages.put("h", "ocr", "s", read, "2026-01-01T00:00:00Z")
        project.read_pages.put("h", "vision", "s", ReadPage(4, "Text"), "2026-01-01T00:00:00Z")
    with open_project(tmp_path / "p") as project:
        assert project.read_pages.get("h", "ocr", "s") == {3: read}
        assert project.read_pages.get("h", "vision", "s") == {4: ReadPage(4, "Text", (), None)}


def test_that_other_settings_or_another_file_are_another_reading(tmp_path: Path) -> None:
    with create_project(tmp_path / "p") as project:
        project.read_pages.put("h", "ocr", "s", ReadPage(1, "Text"), "1")
        assert project.read_pages.get("h", "ocr", "other") == {}
        assert project.read_pages.get("g", "ocr", "s") == {}
        project.read_pages.put("h", "ocr", "s", ReadPage(1, "Better text", (), 0.9), "2")
        assert project.read_pages.get("h", "ocr", "s") == {1: ReadPage(1, "Better text", (), 0.9)}


def test_that_the_words_of_a_page_are_those_of_its_last_reading(tmp_path: Path) -> None:
    with create_project(tmp_path / "p") as project:
        pages = project.read_pages
        assert pages.words("h", 1) == ()
        pages.put("h", "ocr", "old", ReadPage(1, "x", WORDS[:1]), "2026-01-01T00:00:00Z")
        pages.put("h", "ocr", "new", ReadPage(1, "y", WORDS[1:]), "2026-01-02T00:00:00Z")
        pages.put("h", "vision", "v", ReadPage(1, "z"), "2026-01-03T00:00:00Z")  # that knows no places
        assert pages.words("h", 1) == WORDS[1:]
