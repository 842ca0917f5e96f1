"""Around the run of questions by a server: preview, one question anew, a judge's marks, what is exported."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from asked_project import PASSAGES, config, context, run
from fake_chat import FakeChat, busy, error, text

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.messages import Asked, Event, Waiting, Warned
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.server_problems import PlaceRefused
from embtrainer_gui.core.store import Project
from embtrainer_gui.stages import check_pairs, generate_pairs, judge_pairs, pair_files, preview, regenerate
from embtrainer_gui.stages.context import Context


def test_that_the_user_sees_before_the_batch_what_comes_and_what_it_takes(project: Project, server: FakeChat) -> None:
    ids = [passage.id for passage in project.passages.in_use()][:3]
    server.latency = 0.05
    server.faults = [text("no")]
    priced = config(server, price_in=1.0, price_out=2.0)
    found = preview.run(context(project), priced, ids)
    assert [row["passage"] for row in found["passages"]] == ids
    assert [len(row["questions"]) for row in found["passages"]] == [0, 4, 4]
    assert found["passages"][0]["problem"]
    assert found["passages"][1]["questions"][0]["quote"]
    assert found["waiting"] == PASSAGES
    assert found["waiting_seconds"] == pytest.approx(0.05 * PASSAGES, rel=0.8)
    assert found["cost"] == pytest.approx((found["prompt_tokens"] + 2 * found["completion_tokens"]) / 1e6)
    assert found["waiting_cost"] > found["cost"]
    assert not project.database.rows("SELECT * FROM pairs")
    assert not project.database.rows("SELECT * FROM generated")
    server.go_away()
    with pytest.raises(EnvironmentProblem):
        preview.run(context(project), priced, ids)


def test_that_one_question_is_made_anew_and_is_another_one(project: Project, server: FakeChat) -> None:
    run(project, config(server))
    pair = project.pairs.all()[0]
    before = project.server_runs.questions_of(pair.passage_id)
    proposal = regenerate.run(context(project), config(server), pair.id)
    assert proposal["pair"] == pair.id
    assert proposal["question"] not in before
    assert f"- 1 {pair.kind}:" in server.chats[-1].user
    assert project.server_runs.questions_of(pair.passage_id) == before
    server.answer = lambda asked: json.dumps({"questions": [{"question": before[0], "answer": "x", "quote": "x"}]})
    with pytest.raises(EnvironmentProblem, match="small-model"):
        regenerate.run(context(project), config(server), pair.id)
    with pytest.raises(UserError, match="9999"):
        regenerate.run(context(project), config(server), 9999)


def test_that_low_marks_of_a_judge_flag_and_the_summary_counts_it_all(
    project: Project, server: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_pairs, "_vector_checks", lambda *_: None)  # loads a model for seconds
    project.database.rows("DELETE FROM passages WHERE id > 4")
    events: list[Event] = []
    summary = generate_pairs.run(context(project, events), config(server, judge=True, price_in=1.0, judge_mark=5))
    asked = [event for event in events if isinstance(event, Asked)]
    assert [(each.calls, each.cost) for each in asked] == sorted((each.calls, each.cost) for each in asked)
    assert (asked[-1].calls, asked[-1].prompt_tokens) == (8, summary["prompt_tokens"])  # those of the judge, too
    assert asked[-1].cost == pytest.approx(summary["cost"])
    assert (summary["made"], summary["failed"], summary["judged"]) == (16, 0, 16)
    assert summary["calls"] == 8
    assert summary["cost"] == pytest.approx(summary["prompt_tokens"] / 1e6)
    assert summary["by_reason"]["judged-low"] == 4
    marks = project.database.rows("SELECT judge, judge_why, reasons LIKE '%judged-low%' FROM pairs")
    assert set(marks) == {(4.0, "clear", 1), (8.0, "clear", 0)}
    again = generate_pairs.run(context(project), config(server, judge=True, judge_mark=3))
    assert (again["calls"], again["judged"]) == (0, 0)
    assert "judged-low" not in again["by_reason"]


def test_that_questions_are_checked_before_a_judge_that_is_not_there_ends_the_run(
    project: Project, server: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_pairs, "_vector_checks", lambda *_: None)
    project.database.rows("DELETE FROM passages WHERE id > 2")
    server.fault_for = lambda asked: error(404, "model 'jugde' not found") if asked.body["model"] == "jugde" else None
    with pytest.raises(PlaceRefused, match="'jugde' not found"):
        generate_pairs.run(context(project), config(server, judge=True, judge_model="jugde"))
    assert project.pairs.counts()[PairState.PENDING] == 8
    assert project.meta.get(generate_pairs.GENERATED_FOR) == project.passages.fingerprint()
    assert project.pairs.unchecked() == 0


def test_that_the_window_is_told_while_a_judge_is_waited_for(project: Project, server: FakeChat) -> None:
    project.database.rows("DELETE FROM passages WHERE id > 4")
    run(project, config(server))
    events: list[Event] = []
    server.faults = [busy("400")]  # more than is waited for: an outage
    stop = threading.Event()

    def hear(event: Event) -> None:
        events.append(event)
        if isinstance(event, Waiting) and event.seconds:
            stop.set()

    with pytest.raises(Cancelled):
        judge_pairs.run(Context(project, hear, stop), config(server, concurrency=1), "run", "")
    waited = [event for event in events if isinstance(event, Waiting)]
    assert waited[-1].seconds > 100
    assert waited[-1].host in server.address
    assert waited[-1].reason


def test_that_a_judge_gets_what_fits_and_is_asked_again_for_marks_that_are_missing(
    project: Project, server: FakeChat
) -> None:
    project.database.rows("DELETE FROM passages WHERE id > 2")
    run(project, config(server))
    server.asked.clear()
    small = config(server, context_tokens=750)
    assert judge_pairs.run(context(project), small, "run", "") == 8
    assert len(server.chats) == 4  # 4 questions a passage, in halves
    project.database.rows("UPDATE pairs SET judge = NULL")
    server.asked.clear()
    server.answer = lambda asked: json.dumps({"marks": [{"number": 1, "why": "", "mark": 5}]})
    events: list[Event] = []
    assert judge_pairs.run(context(project, events), config(server, attempts=2), "run", "") == 4
    assert warning(events) == f"4 questions got no mark; another run asks for it again. {judge_pairs.NO_MARK}"
    assert len(server.chats) == 4
    assert project.database.one("SELECT count(*) FROM pairs WHERE judge IS NULL") == 4
    project.database.rows("UPDATE pairs SET judge = NULL")
    server.asked.clear()
    assert judge_pairs.run(context(project, events), config(server, context_tokens=500), "run", "") == 0
    assert not server.chats
    assert warning(events).endswith(judge_pairs.NO_ROOM)
    server.fault = error(400, "this is too rude to be marked")
    assert judge_pairs.run(context(project, events), config(server), "run", "") == 0
    assert "too rude" in warning(events)


def warning(events: list[Event]) -> str:
    return [event.text for event in events if isinstance(event, Warned)][-1]


def test_that_an_exported_pair_tells_how_a_server_made_it(project: Project, server: FakeChat, tmp_path: Path) -> None:
    run(project, config(server, seed=9))
    pair_files.export_pairs(project, tmp_path / "pairs.jsonl", "jsonl", set(PairState))
    rows = [json.loads(line) for line in (tmp_path / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    (wording,) = {row["embtrainer"]["prompt"] for row in rows}
    assert project.database.one("SELECT count(*) FROM prompts WHERE hash = ?", (wording,)) == 1
    assert {(row["model"], row["embtrainer"]["seed"]) for row in rows} == {("small-model", 9)}
    assert all(row["embtrainer"]["quote"] in row["context"] for row in rows)
    assert "judge" not in rows[0]["embtrainer"]


def test_that_the_built_in_generator_says_that_it_reads_english_only(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_pairs, "_vector_checks", lambda *_: None)
    project.database.rows("DELETE FROM passages WHERE id > 3")
    project.database.rows("UPDATE passages SET language = 'de' WHERE id < 3")
    events: list[Event] = []
    generate_pairs.run(context(project, events), GenerateConfig())
    (said,) = [event.text for event in events if isinstance(event, Warned) and "a server can" in event.text]
    assert said.startswith("2 passages")
