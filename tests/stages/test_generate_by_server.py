"""The run of questions against a real server on loopback: stored as they come, nothing lost, nothing twice."""

from __future__ import annotations

import functools
import json
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import quoting_model
from asked_project import asked_once, config, context, project_of, run
from fake_chat import Asked, FakeChat, Fault, error, fake_chat, html, text

from embtrainer_gui.core import chat_batch, consent
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.messages import Event, ItemsChanged, Progress, Status
from embtrainer_gui.core.server_problems import KeyRefused
from embtrainer_gui.core.store import Project, open_project
from embtrainer_gui.stages import check_pairs, generate_pairs, preview, regenerate

PASSAGES = 12
OF_THREE = "Passage 3 reports"
SECRET = "sk-CANARY-0123456789"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asked")
    project_of(path, PASSAGES).close()
    return path / "project"


@pytest.fixture
def project(tmp_path: Path, folder: Path) -> Iterator[Project]:
    shutil.copytree(folder, tmp_path / "project")
    with open_project(tmp_path / "project", write=True) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with fake_chat(answer=quoting_model.answer) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of milliseconds."""
    waits = functools.partial(chat_batch.Waits, first=0.01, longest=0.02, jitter=0.0, pause=0.05)
    monkeypatch.setattr(chat_batch, "Waits", waits)


def misbehave(server: FakeChat, monkeypatch: pytest.MonkeyPatch, fault: Fault, times: int) -> None:
    """Answer requests about passage 3 with ``fault``, so many times."""
    left = [fault] * times
    monkeypatch.setattr(server, "_next_fault", lambda asked: left.pop() if left and OF_THREE in asked.user else None)


def asked_counts(server: FakeChat) -> list[int]:
    return [int(re.findall(r"Write (\d+) questions", asked.user)[0]) for asked in server.chats]


def states(project: Project) -> dict[str, int]:
    return dict(project.database.rows("SELECT state, count(*) FROM generated GROUP BY state"))


@pytest.mark.parametrize("backend", ["ollama", "openai"])
def test_that_every_passage_is_asked_once_and_a_pair_knows_how_it_was_made(
    project: Project, server: FakeChat, backend: str
) -> None:
    server.kind = "ollama" if backend == "ollama" else "openai"
    events: list[Event] = []
    asked = config(server, backend=backend, seed=5)
    result = run(project, asked, events=events)
    assert asked_once(project)
    assert sum(result.made.values()) == 4 * PASSAGES
    assert len(server.chats) == PASSAGES
    rows = project.database.rows(
        "SELECT q.model, q.seed, q.source, p.prompt FROM pairs q JOIN prompts p ON p.hash = q.prompt"
    )
    assert len(rows) == 4 * PASSAGES
    assert {row[:3] for row in rows} == {("small-model", 5, "small-model")}
    assert "{passage}" in json.loads(rows[0][3])["template"]
    used = project.database.rows("SELECT count(*), min(prompt_tokens), min(completion_tokens), max(outcome) FROM calls")
    assert used[0][0] == PASSAGES
    assert min(used[0][1:3]) > 0
    assert used[0][3] == "done"
    assert [event for event in events if isinstance(event, Progress)][-1].done == PASSAGES
    assert sum(event.count for event in events if isinstance(event, ItemsChanged)) == 4 * PASSAGES
    (where,) = [event.text for event in events if isinstance(event, Status)]
    assert "127.0.0.1" in where
    assert "small-model" in where
    assert not run(project, asked).made
    assert len(server.chats) == PASSAGES


def test_that_another_model_is_another_generator(project: Project, server: FakeChat) -> None:
    run(project, config(server))
    run(project, config(server, model="large-model"))
    assert len(server.chats) == 2 * PASSAGES
    assert {asked.body["model"] for asked in server.chats} == {"small-model", "large-model"}


def test_that_ollama_is_given_the_context_that_is_needed_and_others_no_setting_they_lack(
    project: Project, server: FakeChat
) -> None:
    run(project, config(server))
    assert {asked.body["options"]["num_ctx"] for asked in server.chats} == {4096}
    server.asked.clear()
    server.kind = "vllm"
    run(project, config(server, backend="openai"))
    assert all("num_ctx" not in json.dumps(asked.body) for asked in server.chats)


def test_that_a_passage_that_does_not_fit_is_not_sent_and_says_the_cure(project: Project, server: FakeChat) -> None:
    result = run(project, config(server, context_tokens=500))
    assert not server.chats
    (reason,) = result.failures
    assert "500" in reason
    assert "context_tokens" in reason
    assert states(project) == {"failed": PASSAGES}


def test_that_the_real_count_of_the_server_decides_later_ones(project: Project, server: FakeChat) -> None:
    run(project, config(server, context_tokens=1300, concurrency=1))
    assert asked_counts(server)[0] <= asked_counts(server)[-1]


def test_that_useless_replies_fail_their_passage_with_a_reason_and_are_kept_for_the_log(
    project: Project, server: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    misbehave(server, monkeypatch, text("I would rather not."), 3)
    result = run(project, config(server, concurrency=1))
    assert sum(result.failures.values()) == 1
    assert sum(result.made.values()) == 4 * (PASSAGES - 1)
    assert len(server.chats) == PASSAGES + 2
    seeds = [asked.body["options"]["seed"] for asked in server.chats]
    assert sorted(set(seeds)) == [42, 43, 44]
    logged = (project.folder / "logs" / "replies.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(logged) == 3
    assert json.loads(logged[0])["reply"] == "I would rather not."
    (failure,) = project.server_runs.failures("ollama:small-model")
    assert failure[2] == next(iter(result.failures))

    assert not run(project, config(server)).made
    assert len(server.chats) == PASSAGES + 2
    assert sum(run(project, config(server), retry=True).made.values()) == 4
    assert asked_once(project)


@pytest.mark.parametrize(
    ("fault", "words"), [(error(400, "the prompt exceeds the context length"), "context"), (html(), "JSON")]
)
def test_that_a_request_the_server_cannot_take_fails_alone(
    project: Project,
    server: FakeChat,
    impatient: None,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    words: str,
) -> None:
    misbehave(server, monkeypatch, fault, 3)
    (reason,) = run(project, config(server, concurrency=1)).failures
    assert words in reason
    assert states(project) == {"done": PASSAGES - 1, "failed": 1}
    misbehave(server, monkeypatch, fault, 0)
    run(project, config(server), retry=True)
    assert asked_once(project)


def test_that_what_failed_by_the_server_is_asked_again_by_a_plain_run(
    project: Project, server: FakeChat, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    misbehave(server, monkeypatch, error(500), 5)
    result = run(project, config(server, concurrency=1))
    assert sum(result.failures.values()) == 1
    assert states(project) == {"server": 1, "done": PASSAGES - 1}
    assert sum(run(project, config(server)).made.values()) == 4
    assert asked_once(project)


def test_that_a_cut_reply_keeps_what_is_whole_and_is_asked_again_for_fewer(project: Project, server: FakeChat) -> None:
    def cut(asked: Asked) -> str:
        whole = quoting_model.answer(asked)
        server.finish = "length" if "Write 6" in asked.user else "stop"
        return whole[: len(whole) // 2] if server.finish == "length" else whole

    server.answer = cut
    run(project, config(server, per_passage=6, concurrency=1))
    assert asked_once(project)
    counts = asked_counts(server)
    assert counts[0::2] == [6] * PASSAGES or counts.count(6) == PASSAGES
    assert all(count <= 3 for count in counts if count != 6)
    made = project.database.rows("SELECT made FROM generated")
    assert {row[0] for row in made} <= {4, 5, 6}
    assert project.database.one("SELECT count(DISTINCT seed) FROM pairs") == 2


def test_that_a_model_that_only_thinks_is_asked_for_less_and_then_named(project: Project, server: FakeChat) -> None:
    server.answer = lambda asked: "<think>" + "hm " * 500
    server.finish = "length"
    result = run(project, config(server, per_passage=6, concurrency=1))
    (reason,) = result.failures
    assert "thinking" in reason
    assert "reply_tokens" in reason
    assert sorted(set(asked_counts(server))) == [1, 3, 6]


def test_that_a_refused_key_stops_at_once_and_marks_nothing(project: Project, server: FakeChat) -> None:
    server.kind, server.key = "openai", SECRET
    asked = config(server, backend="openai")
    with pytest.raises(UserError, match="key"):
        run(project, asked, key="wrong")
    assert not project.database.rows("SELECT * FROM generated")
    server.key = ""
    server.fault = error(401)
    server.asked.clear()
    with pytest.raises(KeyRefused):
        run(project, asked)
    assert len(server.chats) <= 2
    assert not project.database.rows("SELECT * FROM generated")


def test_that_the_key_is_sent_and_written_nowhere(project: Project, server: FakeChat) -> None:
    server.kind, server.key = "openai", SECRET
    server.faults = [text(f"no, {SECRET}?")]
    run(project, config(server, backend="openai"), key=SECRET)
    assert asked_once(project)
    kept = [path for path in project.folder.rglob("*") if path.is_file() and path.name != "replies.jsonl"]
    assert not [path for path in kept if SECRET.encode() in path.read_bytes()]


def test_that_nothing_is_sent_to_another_machine_before_the_user_says_so(project: Project) -> None:
    far = GenerateConfig(backend="openai", base_url="https://models.example.org/v1", model="m")
    with pytest.raises(consent.ConsentNeeded) as caught:
        run(project, far)
    assert caught.value.values["host"] == "models.example.org"
    assert not project.database.rows("SELECT * FROM generated")


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"model": ""}, "model"), ({"base_url": "localhost"}, "http"), ({"prompt": "{passge}"}, "{passge}")],
)
def test_that_what_cannot_be_asked_is_told_before_anything_is_sent(
    project: Project, server: FakeChat, settings: dict[str, str], words: str
) -> None:
    with pytest.raises(UserError, match=re.escape(words)):
        run(project, config(server, **settings))
    assert not server.chats


def test_that_a_server_that_is_not_there_at_the_start_is_told_at_once(project: Project, server: FakeChat) -> None:
    server.go_away()
    with pytest.raises(EnvironmentProblem, match="127.0.0.1"):
        run(project, config(server))


def test_that_an_outage_is_waited_for_without_gaps_and_without_twins(
    project: Project, server: FakeChat, impatient: None
) -> None:
    """Case 32 in short; whole in bench/generation_run.py."""
    events: list[Event] = []
    answered = 0

    def dying(asked: Asked) -> str:
        nonlocal answered
        answered += 1
        if answered == 4:
            threading.Thread(target=away_and_back, daemon=True).start()
        return quoting_model.answer(asked)

    def away_and_back() -> None:
        server.go_away()
        gone.wait(0.6)
        server.come_back()

    gone = threading.Event()
    server.answer, server.latency = dying, 0.05
    result = run(project, config(server, concurrency=2), events=events)
    assert asked_once(project)
    assert not result.failures
    said = [event.text for event in events if isinstance(event, Status)]
    assert any(line.startswith("Waiting for 127.0.0.1") for line in said)
    assert said[-1].endswith("answers again.")


def test_that_a_stopped_run_keeps_what_came_and_the_next_asks_the_rest(project: Project, server: FakeChat) -> None:
    cancelled = threading.Event()

    def stop_after_five(asked: Asked) -> str:
        if server.answered == 5:
            cancelled.set()
        return quoting_model.answer(asked)

    server.answer, server.latency = stop_after_five, 0.05
    with pytest.raises(Cancelled):
        run(project, config(server, concurrency=1), cancelled=cancelled)
    kept = project.database.one("SELECT count(*) FROM pairs")
    assert 0 < kept < 4 * PASSAGES
    run(project, config(server))
    assert asked_once(project)


def test_that_two_processes_at_once_make_nothing_twice(project: Project, server: FakeChat) -> None:
    """The second one asks while the first has not stored its answer yet."""

    first = Thread(project, server)
    server.latency = 0.2
    first.start()
    run(project, config(server))
    first.join(30)
    assert asked_once(project)


class Thread(threading.Thread):
    def __init__(self, project: Project, server: FakeChat) -> None:
        super().__init__(daemon=True)
        self._folder, self._config = project.folder, config(server)

    def run(self) -> None:
        with open_project(self._folder, write=True) as other:
            run(other, self._config)


def test_that_formulas_and_tables_are_not_asked_about(project: Project, server: FakeChat) -> None:
    project.database.rows("UPDATE passages SET marks = 'maths' WHERE id <= 3")
    project.database.rows("UPDATE passages SET language = 'de' WHERE id = 4")
    run(project, config(server, concurrency=1))
    assert len(server.chats) == PASSAGES - 3
    assert sum("Write in German" in asked.user for asked in server.chats) == 1
    assert project.passages.count_without_questions("ollama:small-model") == 0


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
    summary = generate_pairs.run(context(project), config(server, judge=True, price_in=1.0, judge_mark=5))
    assert (summary["made"], summary["failed"], summary["judged"]) == (16, 0, 16)
    assert summary["calls"] == 8
    assert summary["cost"] == pytest.approx(summary["prompt_tokens"] / 1e6)
    assert summary["by_reason"]["judged-low"] == 4
    marks = project.database.rows("SELECT judge, judge_why, reasons LIKE '%judged-low%' FROM pairs")
    assert set(marks) == {(4.0, "clear", 1), (8.0, "clear", 0)}
    again = generate_pairs.run(context(project), config(server, judge=True, judge_mark=3))
    assert (again["calls"], again["judged"]) == (0, 0)
    assert "judged-low" not in again["by_reason"]
