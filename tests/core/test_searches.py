"""The history of Search, and what a search can be narrowed to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from embtrainer_gui.core.records import BlockKind, FileState, PassageDraft
from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.core.store import Project, create_project, searches

PAPERS = (
    ("Rice blast in wet fields", 2015, "Results"),
    ("Soil carbon", 2020, "3.1 RESULTS and discussion"),
    ("", None, ""),
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "project") as project:
        for number, (title, year, section) in enumerate(PAPERS):
            source = project.documents.begin(f"hash{number}", f"Paper{number}.pdf", "now")
            drafts = [PassageDraft(f"Text {number} {n}.", BlockKind.BODY, section, 1, (), 4) for n in range(2)]
            keys = [f"{number}-{n}" for n in range(2)]
            document = project.documents.add(source, title, 1, drafts, keys, range(9), None)
            project.documents.finish(source, FileState.DONE, "", 1, "pdf", "")
            with project.database.transaction() as connection:
                connection.execute("UPDATE documents SET year = ? WHERE id = ?", (year, document))
        yield project


def texts(project: Project, **filters: object) -> list[str]:
    found = project.search_scope.passages(SearchFilters.model_validate(filters))
    return [project.passages.get(found)[number].text for number in found]


def test_that_a_question_is_kept_once_and_the_newest_stands_first(project: Project) -> None:
    for at, question in enumerate(("one", "two", "one")):
        project.searches.note(question, {"columns": ["base"], "turn": at}, f"2026-01-0{at + 1}")
    assert [(search.question, search.times) for search in project.searches.all()] == [("one", 2), ("two", 1)]
    assert project.searches.all()[0].settings["turn"] == 2


def test_that_only_the_newest_questions_are_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "MOST_KEPT", 3)
    for at in range(6):
        project.searches.note(f"question {at}", {}, f"2026-01-0{at + 1}")
    assert [search.question for search in project.searches.all(9)] == ["question 5", "question 4", "question 3"]


def test_that_a_cleared_history_comes_back_as_it_was(project: Project) -> None:
    for at, question in enumerate(("one", "two", "two")):
        project.searches.note(question, {"over": "answers"}, f"2026-01-0{at + 1}")
    before = project.searches.all()
    cleared = project.searches.clear()
    assert project.searches.all() == []
    project.searches.restore(cleared)
    assert project.searches.all() == before


def test_that_damaged_settings_of_a_foreign_project_are_none(project: Project) -> None:
    with project.database.transaction() as connection:
        connection.execute("INSERT INTO searches (question, settings, times, at) VALUES ('q', '[1', 1, 'now')")
    assert project.searches.all()[0].settings == {}


def test_that_papers_are_listed_by_title_else_by_file(project: Project) -> None:
    assert [(paper.name, paper.year) for paper in project.search_scope.papers()] == [
        ("Paper2.pdf", None),
        ("Rice blast in wet fields", 2015),
        ("Soil carbon", 2020),
    ]


def test_that_years_are_offered_only_where_papers_tell_them(project: Project, tmp_path: Path) -> None:
    assert project.search_scope.years() == (2015, 2020)
    with create_project(tmp_path / "empty") as empty:
        assert empty.search_scope.years() is None


def test_that_a_paper_is_found_by_part_of_its_title_or_file(project: Project) -> None:
    assert project.search_scope.named("BLAST") == [1]
    assert project.search_scope.named("paper") == [1, 2, 3]


def test_that_filters_leave_the_passages_of_a_paper_a_heading_and_years(project: Project) -> None:
    assert len(texts(project)) == 6
    assert texts(project, papers=(2,)) == ["Text 1 0.", "Text 1 1."]
    assert texts(project, section="results") == ["Text 0 0.", "Text 0 1.", "Text 1 0.", "Text 1 1."]
    assert texts(project, section="results", year_from=2016) == ["Text 1 0.", "Text 1 1."]
    assert texts(project, year_to=2015) == ["Text 0 0.", "Text 0 1."]


def test_that_a_removed_paper_is_not_offered_and_not_let_through(project: Project) -> None:
    project.documents.remove([1], "now")
    assert [paper.document for paper in project.search_scope.papers()] == [3, 2]
    assert project.search_scope.years() == (2020, 2020)
    assert texts(project, section="results") == ["Text 1 0.", "Text 1 1."]
