"""The command ``generate`` with a server: flags, what it prints, and its exit codes."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asked_project import asked_once, project_of
from fake_chat import FakeChat, error

from embtrainer_gui.cli import main
from embtrainer_gui.core.environment import KEY_VARIABLE
from embtrainer_gui.core.store import open_project
from embtrainer_gui.stages import check_pairs

PASSAGES = 4
SECRET = "sk-CANARY-0123456789"
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    project_of(folder, PASSAGES).close()
    return folder / "project"


@pytest.fixture
def folder(tmp_path: Path, made_once: Path) -> Path:
    return Path(shutil.copytree(made_once, tmp_path / "project"))


@pytest.fixture
def generate(
    server: FakeChat, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """Runs the command in this process, without the checks that load a model; gives exit code, stdout, stderr."""
    monkeypatch.setattr(check_pairs, "_vector_checks", lambda *_: None)
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        places = ["--backend", "ollama", "--base-url", server.address, "--model", "small-model", "--per-passage", "3"]
        code = main(["generate", *map(str, arguments[:1]), *places, *map(str, arguments[1:])])
        said = capsys.readouterr()
        return code, said.out, said.err

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_that_failures_end_the_command_with_their_number_and_exit_3_until_they_are_asked_again(
    folder: Path, server: FakeChat, generate: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = error(400, "not this one")
    monkeypatch.setattr(server, "_next_fault", lambda asked: bad if "Passage 2 reports" in asked.user else None)
    code, out, err = generate(folder, "--price-in", "1")
    assert code == 3
    assert out.splitlines()[-1].startswith("9 made, 1 failed, ")
    assert "not this one" in out
    assert "--retry-failed" in out
    assert "cost" in out
    assert "goes to small-model at 127.0.0.1" in err
    monkeypatch.setattr(server, "_next_fault", lambda asked: None)
    assert generate(folder)[0] == 0
    code, out, _ = generate(folder, "--retry-failed", "--judge", "--json")
    summary = json.loads(out.splitlines()[-1])
    assert code == 0
    assert (summary["made"], summary["failed"], summary["judged"]) == (3, 0, 12)
    assert {"flagged", "by_kind", "by_reason", "seconds", "calls", "prompt_tokens", "completion_tokens"} <= set(summary)
    with open_project(folder) as project:
        assert asked_once(project)


def test_that_a_preview_shows_questions_and_stores_none(folder: Path, generate: Command) -> None:
    code, out, _ = generate(folder, "--preview", "2")
    assert code == 0
    assert out.count("What do growers report") == 6
    assert "4 passages are waiting" in out
    with open_project(folder) as project:
        assert not project.pairs.uids()
    assert generate(folder, "--preview", "0")[0] == 2


def test_that_a_wording_and_examples_come_from_files(
    folder: Path, tmp_path: Path, server: FakeChat, generate: Command
) -> None:
    (tmp_path / "prompt.md").write_text("Ask like a farmer. Write {count} questions. {examples} {passage}", "utf-8")
    (tmp_path / "examples.csv").write_text("question,answer\nWhy is the leaf wet?,Rain fell.\n", "utf-8")
    code, _, _ = generate(folder, "--prompt", tmp_path / "prompt.md", "--examples", tmp_path / "examples.csv")
    assert code == 0
    assert all(asked.user.startswith("Ask like a farmer. Write 3") for asked in server.chats)
    assert all("Why is the leaf wet?" in asked.user for asked in server.chats)
    (tmp_path / "empty.md").write_text(" \n", "utf-8")
    for path in (tmp_path / "none.md", tmp_path, tmp_path / "empty.md"):
        code, _, err = generate(folder, "--prompt", path)
        assert code == 2
        assert str(path) in err


def test_that_text_goes_to_another_machine_only_after_yes(folder: Path, generate: Command) -> None:
    code, _, err = generate(folder, "--base-url", "ftp://models.example.org", "--yes")
    assert code == 2
    assert "is no address of a server" in err
    code, _, err = generate(folder, "--kinds", "fact=3,riddle=1")
    assert code == 2
    assert err.startswith("embtrainer: --kinds fact=3,riddle=1: riddle is no kind")
    code, _, err = generate(folder, "--base-url", "https://models.example.org/v1")
    assert code == 2
    assert "models.example.org" in err
    assert "--yes" in err


def test_that_the_key_comes_from_a_flag_or_the_environment_and_is_shown_nowhere(
    folder: Path, server: FakeChat, generate: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.kind, server.key = "vllm", SECRET
    code, out, err = generate(folder, "--backend", "openai")
    assert code == 2
    assert "key" in err
    code, out, err = generate(folder, "--backend", "openai", "--preview", "1", "--api-key", SECRET)
    assert code == 0
    assert SECRET not in out + err
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    code, out, err = generate(folder, "--backend", "openai")
    assert code == 0
    assert SECRET not in out + err
    assert not [path for path in folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
