"""Passages of which no questions are made: formulas and tables with no generator, other languages with the built-in."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from embtrainer_gui.core.config import GenerateConfig, ImportConfig
from embtrainer_gui.core.messages import Event, Warned
from embtrainer_gui.core.records import BlockKind, FileState, PassageDraft
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.stages import generate_pairs, import_papers
from embtrainer_gui.stages.context import Context

ENGLISH = (
    "Chronic stress was induced in forty adult rats for six weeks, and their weight was measured every morning."
    " Chronic stress lowered the serotonin level of the hippocampus by 23 % because it damaged the neurons there."
)
POLISH = (
    "Pacjenci z pierwszej grupy otrzymywali mniejszą dawkę leku, a efekt utrzymywał się przez cały rok. Wyniki badań"
    " wskazują, że różnica między grupami była istotna statystycznie, jednak wymaga dalszych badań na większej próbie."
)
SPANISH = "Las ratas del primer grupo perdieron peso por el estrés crónico, y el nivel de serotonina bajó un 23 %."


def draft(text: str, language: str, marks: str = "") -> PassageDraft:
    return PassageDraft(text, BlockKind.BODY, "Results", 1, (), 40, "", language, marks)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = create_project(tmp_path / "project")
    drafts = [
        draft(ENGLISH, "en"),
        draft(ENGLISH.replace("rats", "mice"), ""),
        draft(SPANISH, "es"),
        draft(SPANISH + " Otra vez.", "es"),
        draft("第一组患者接受较低剂量的治疗。", "zh"),
        draft(ENGLISH + " a = b", "en", "maths"),
        draft("1 2 3", "es", "table"),
    ]
    source = made.documents.begin("hash", "paper.pdf", utc_now())
    made.documents.add(source, "Stress", 1, drafts, [str(number) for number in range(7)], (1,), None)
    made.documents.finish(source, FileState.DONE, "", 1, "text", "")
    return made


def test_that_marks_and_languages_are_kept_with_the_passages(project: Project) -> None:
    passages = list(project.passages.in_use())
    assert [passage.language for passage in passages] == ["en", "", "es", "es", "zh", "en", "es"]
    assert [passage.marks for passage in passages] == ["", "", "", "", "", "maths", "table"]


def test_that_each_generator_counts_what_it_can_serve(project: Project) -> None:
    assert project.passages.count_in_use() == 7
    assert project.passages.count_for_questions("builtin") == project.passages.count_without_questions("builtin") == 2
    assert project.passages.count_for_questions("server") == 5
    assert {passage.number for passage in project.passages.sample(9)} == {1, 2, 3, 4, 5}
    assert {passage.number for passage in project.passages.sample(9, backend="builtin")} == {1, 2}


def test_that_the_built_in_generator_names_the_languages_that_it_cannot_serve(project: Project) -> None:
    events: list[Event] = []
    context = Context(project, events.append, threading.Event())
    summary = generate_pairs.run(context, GenerateConfig())
    warnings = [event.text for event in events if isinstance(event, Warned)]
    wanted = "3 passages are not English (Spanish 2, Chinese 1): the built-in generator makes questions of English"
    assert [warning for warning in warnings if warning.startswith(wanted)]
    assert not [warning for warning in warnings if "gave no question" in warning]
    asked = {pair.passage_id for pair in project.pairs.all()}
    assert summary["made"] > 0
    assert asked <= {passage.id for passage in project.passages.in_use() if passage.number in (1, 2)}
    assert project.passages.count_without_questions("builtin") == 0
    assert project.passages.count_without_questions("server") == 5

    events.clear()
    assert generate_pairs.run(context, GenerateConfig())["made"] == 0
    assert not [event for event in events if isinstance(event, Warned)]  # said once


def test_that_a_reading_process_asks_the_model_within_its_limits(tmp_path: Path) -> None:
    rows = [{"_id": "1", "title": "Dawka", "text": POLISH}, {"_id": "2", "title": "Stress", "text": ENGLISH}]
    file = tmp_path / "corpus.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with create_project(tmp_path / "project") as project:
        context = Context(project, lambda event: None, threading.Event())
        import_papers.run(context, ImportConfig(workers=1), [file])
        assert {passage.key: passage.language for passage in project.passages.in_use()} == {"1": "pl", "2": "en"}
