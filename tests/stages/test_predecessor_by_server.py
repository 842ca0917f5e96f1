"""``generate --config`` asks the server that it names; faults of the older scripts (D10 to D15) are not repeated."""

from __future__ import annotations

import functools
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import quoting_model
from fake_chat import NO_CHOICES, NULL, Asked, FakeChat, error, fake_chat, free_port, text

from embtrainer_gui.core import chat_batch
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.consent import ConsentNeeded
from embtrainer_gui.core.errors import Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.messages import Event
from embtrainer_gui.core.server_problems import KeyRefused
from embtrainer_gui.stages import predecessor_generate
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.predecessor_generate import Overrides

SECRET = "sk-CANARY-0123456789"
LINES = 6


def line(number: int, name: str) -> str:
    return (
        f"Line {number} of {name} reports that rice blast lowers the yield of the crop in warm and wet regions and that"
        f" growers of plot {number} count fewer grains after a rainy season than in the dry year before it."
    )


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with fake_chat(answer=quoting_model.answer) as running:
        yield running


@pytest.fixture
def origin(tmp_path: Path, server: FakeChat, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config of the predecessor and its input: two files, a short line and an empty file."""
    waits = functools.partial(chat_batch.Waits, first=0.01, longest=0.02, jitter=0.0, pause=0.05)
    monkeypatch.setattr("embtrainer_gui.stages.predecessor_by_server.Waits", waits)
    texts = tmp_path / "grobid_processed_pdf"
    texts.mkdir()
    for name in ("a", "b"):
        lines = [line(number, name) for number in range(1, LINES + 1)]
        (texts / f"{name}.txt").write_text("\n".join([*lines, "too short"]), encoding="utf-8")
    (texts / "empty.txt").write_text("", encoding="utf-8")
    write_config(tmp_path, base_url=f"{server.address}/v1")
    return tmp_path


def write_config(folder: Path, **values: Any) -> None:
    written = {
        "input_dir": str(folder / "grobid_proccessed_pdf"),
        "output_dir": str(folder / "out"),
        "model": "small-model",
        "api_key": SECRET,
        "max_retries": 2,
        "api_delay": 0.0,
        **values,
    }
    (folder / "qa_generator.json").write_text(json.dumps(written), encoding="utf-8")


def run(
    folder: Path, given: Overrides | None = None, cancelled: threading.Event | None = None, **more: Any
) -> dict[str, Any]:
    events: list[Event] = []
    ctx = JobContext(events.append, cancelled or threading.Event())
    options = GenerateConfig(per_passage=3)
    return predecessor_generate.run(ctx, folder / "qa_generator.json", options, given or Overrides(), **more)


def rows(folder: Path) -> list[dict[str, Any]]:
    path = folder / "out" / "questions_answers.jsonl"
    return [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def progress(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "out" / "progress.json").read_text(encoding="utf-8"))


def lines_of(folder: Path) -> list[tuple[str, int]]:
    return sorted({(row["file_name"], row["line_number"]) for row in rows(folder)})


ALL = [(f"{name}.txt", number) for name in ("a", "b") for number in range(1, LINES + 1)]


def only_once(folder: Path) -> bool:
    questions = [(row["file_name"], row["line_number"], row["question"]) for row in rows(folder)]
    return len(set(questions)) == len(questions)


def misbehave(server: FakeChat, monkeypatch: pytest.MonkeyPatch, faults: dict[str, list[Any]]) -> None:
    """Answer requests whose text holds a key with its faults, one after the other."""

    def fault(asked: Asked) -> Any:
        return next((left.pop(0) for part, left in faults.items() if part in asked.user and left), None)

    monkeypatch.setattr(server, "_next_fault", fault)


def test_that_a_line_is_a_call_to_the_server_of_the_file_and_its_key_is_not_used(
    origin: Path, server: FakeChat
) -> None:
    summary = run(origin)
    assert (summary["made"], summary["failed"], summary["calls"]) == (6 * LINES, 0, 2 * LINES)
    assert lines_of(origin) == ALL
    assert progress(origin) == {"a.txt": {"line_number": LINES}, "b.txt": {"line_number": LINES}}
    assert {row["model"] for row in rows(origin)} == {"small-model"}
    assert all(row["answer"] in row["context"] for row in rows(origin))
    assert {asked.path for asked in server.chats} == {"/api/chat"}
    assert {asked.body["model"] for asked in server.chats} == {"small-model"}
    assert not [asked for asked in server.asked if SECRET in json.dumps(asked.headers)]
    assert not [path for path in (origin / "out").iterdir() if SECRET in path.read_text(encoding="utf-8")]
    assert run(origin)["calls"] == 0


def test_that_flags_come_before_the_file_and_a_server_like_openai_is_spoken_to_as_such(
    origin: Path, server: FakeChat
) -> None:
    server.kind, server.key = "vllm", "given"
    given = Overrides(output_dir=str(origin / "out2"), base_url=f"{server.address}/v1", model="large-model")
    summary = run(origin, given, key_of=lambda address: "given" if address == given.base_url else "")
    assert summary["failed"] == 0
    assert {(asked.path, asked.body["model"]) for asked in server.chats} == {("/v1/chat/completions", "large-model")}
    assert (origin / "out2" / "questions_answers.jsonl").is_file()
    assert not (origin / "out").exists()


def test_that_the_delay_of_the_file_is_kept_and_a_stop_does_not_wait_for_it(origin: Path, server: FakeChat) -> None:
    write_config(origin, base_url=server.address, api_delay=0.05)
    started = time.monotonic()
    run(origin)
    assert time.monotonic() - started >= 0.05 * (2 * LINES - 1)
    assert server.most_in_flight == 1
    write_config(origin, base_url=server.address, api_delay=60, output_dir=str(origin / "out3"))
    cancelled = threading.Event()
    threading.Timer(0.5, cancelled.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        run(origin, cancelled=cancelled)
    assert time.monotonic() - started < 10


def test_d10_that_a_line_the_server_failed_on_is_not_done_and_asked_again_later(
    origin: Path, server: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    misbehave(server, monkeypatch, {"Line 2 of a ": [error(500)] * 2})
    summary = run(origin)
    assert (summary["failed"], summary["made"]) == (1, 3 * (2 * LINES - 1))
    assert len(server.chats) == 2 * LINES + 1  # max_retries is honoured: two tries, not 15
    assert progress(origin) == {"a.txt": {"line_number": 1}, "b.txt": {"line_number": LINES}}
    assert "a.txt, line 2" in (origin / "out" / "qa_generation.log").read_text(encoding="utf-8")
    asked = len(server.chats)
    assert run(origin)["made"] == 3
    assert len(server.chats) == asked + 1
    assert lines_of(origin) == ALL
    assert only_once(origin)


def test_d10_that_nothing_is_done_where_the_server_is_not_there_or_refuses(origin: Path, server: FakeChat) -> None:
    with pytest.raises(EnvironmentProblem):
        run(origin, Overrides(base_url=f"http://127.0.0.1:{free_port()}/v1"))
    server.fault = error(401)
    with pytest.raises(KeyRefused):
        run(origin)
    assert len(server.chats) == 1
    assert not rows(origin)
    assert not (origin / "out" / "progress.json").exists()


def test_d11_that_a_kill_between_output_and_progress_doubles_nothing(origin: Path, server: FakeChat) -> None:
    run(origin)
    before = rows(origin)
    for lost in ({}, {"a.txt": {"line_number": 3}}):
        (origin / "out" / "progress.json").write_text(json.dumps(lost), encoding="utf-8")
        assert run(origin)["made"] == 0
        assert rows(origin) == before
    (origin / "out" / "progress.json").write_text('{"a.txt": {"line_', encoding="utf-8")
    with pytest.raises(UserError, match=re.escape("progress.json")):
        run(origin)
    assert rows(origin) == before


def test_d12_that_an_interrupted_run_has_written_all_that_was_made(origin: Path, server: FakeChat) -> None:
    cancelled = threading.Event()

    def stop_at_five(asked: Asked) -> str:
        if len(server.chats) == 5:
            cancelled.set()
        return quoting_model.answer(asked)

    server.answer = stop_at_five
    with pytest.raises(Cancelled):
        run(origin, cancelled=cancelled)
    kept = rows(origin)
    assert len(kept) in (12, 15)
    run(origin)
    assert rows(origin)[: len(kept)] == kept
    assert lines_of(origin) == ALL
    assert only_once(origin)


def test_d13_that_progress_stops_before_the_first_failure_and_a_fatal_one_completes_no_file(
    origin: Path, server: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    misbehave(server, monkeypatch, {"Line 4 of a ": [text("no")] * 3, "Line 2 of b ": [error(401)]})
    with pytest.raises(KeyRefused):
        run(origin)
    assert progress(origin) == {"a.txt": {"line_number": 3}, "b.txt": {"line_number": 1}}
    assert not any("completed" in entry for entry in progress(origin).values())
    run(origin)
    assert lines_of(origin) == ALL
    assert only_once(origin)


@pytest.mark.parametrize("fault", [NULL, NO_CHOICES])
def test_d15_that_an_empty_answer_is_a_failure_of_its_line_alone(
    origin: Path, server: FakeChat, monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    misbehave(server, monkeypatch, {"Line 3 of a ": [fault] * 2})
    assert run(origin)["failed"] == 1
    assert set(ALL) - set(lines_of(origin)) == {("a.txt", 3)}


def test_d14_d15_that_thinking_fences_and_odd_rows_leave_the_good_questions(origin: Path, server: FakeChat) -> None:
    def odd(asked: Asked) -> str:
        good = json.loads(quoting_model.answer(asked))["questions"]
        mixed = [good[0], {"answer": None}, float("nan"), 5, "question answer", {"question": 10**400}, *good[1:]]
        return f"<think>hm</think>\n```json\n{json.dumps({'questions': mixed})}\n```\nDone."

    server.answer = odd
    summary = run(origin)
    assert (summary["made"], summary["failed"]) == (6 * LINES, 0)
    assert sum(summary["left_out"].values()) == 5 * 2 * LINES


def test_that_no_text_goes_to_another_machine_without_yes_and_the_built_in_generator_can_be_asked_for(
    origin: Path, server: FakeChat
) -> None:
    write_config(origin, base_url="https://models.example.org/v1")
    with pytest.raises(ConsentNeeded, match="models.example.org"):
        run(origin)
    summary = run(origin, Overrides(backend="builtin"))
    assert summary["calls"] == 0
    assert progress(origin)["b.txt"]["line_number"] == LINES
    assert not server.asked
