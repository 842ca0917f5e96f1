"""Downloads from a hub on loopback: resumed, stopped, refused, verified; real HTTP and real files."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_hub import COMMIT, FakeHub, files_of, serve
from model_files import VOCABULARY, WIDTH, write_model, write_safetensors

from embtrainer_gui.core import hub as hub_module
from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.errors import AppError, Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.messages import Event, JobSpec, Progress, Secrets
from embtrainer_gui.core.model_catalogue import in_catalogue
from embtrainer_gui.core.model_store import model_state, store_folder
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.stages import get_model
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.registry import run_stage

NAME = "intfloat/e5-small-v2"
KNOWN = in_catalogue(NAME)
assert KNOWN is not None
WEIGHTS = "model.safetensors"
NOT_NEEDED = {"pytorch_model.bin": b"\x80", "onnx/model.onnx": b"o", "vocab.txt": b"[PAD]", ".gitattributes": b"*"}


@pytest.fixture
def hub(tmp_path: Path) -> FakeHub:
    """The model with 270 kB of weights, and files beside it that nobody needs."""
    folder = write_model(tmp_path / "served")
    shapes = {"embeddings.word_embeddings.weight": (VOCABULARY, WIDTH), "encoder.layer.1.dense": (256, 256)}
    write_safetensors(folder / WEIGHTS, shapes)
    return FakeHub(NAME, files_of(folder) | NOT_NEEDED, commit=KNOWN.revision)


@pytest.fixture
def address(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(hub_module, "PAUSES", (0.0, 0.0))
    with serve(hub) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        yield address


def get(name: str = NAME, cancelled: threading.Event | None = None, events: list[Event] | None = None) -> dict:
    context = JobContext((events if events is not None else []).append, cancelled or threading.Event())
    return get_model.run(context, name)


def ranges(hub: FakeHub) -> list[str]:
    return [asked for path, asked in hub.asked if path == f"/cdn/{WEIGHTS}"]


def partial() -> Path:
    return store_folder(NAME) / f"{KNOWN.revision}.partial" / WEIGHTS


def test_that_a_download_brings_only_what_is_needed_and_says_how_far_it_is(hub: FakeHub, address: str) -> None:
    events: list[Event] = []
    summary = get(events=events)
    folder = Path(summary["path"])
    needed = {name: data for name, data in hub.files.items() if name not in NOT_NEEDED}
    assert files_of(folder) == needed
    assert model_folder("e5-small-v2") == folder == store_folder(NAME) / KNOWN.revision
    assert model_state(KNOWN).kind == "here"
    record = json.loads((store_folder(NAME) / f"{KNOWN.revision}.json").read_text())
    assert (record["model"], record["revision"], record["from"]) == (NAME, KNOWN.revision, address)
    assert record["files"].keys() == needed.keys()
    total = sum(map(len, needed.values()))
    steps = [event for event in events if isinstance(event, Progress)]
    assert {step.unit for step in steps} == {"bytes"}
    assert {step.total for step in steps} == {total}
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == total == summary["bytes"]


def test_that_a_model_that_is_here_is_not_asked_for_again(hub: FakeHub, address: str) -> None:
    get()
    hub.asked.clear()
    assert get()["bytes"] == 0
    assert hub.asked == []


def test_that_a_cut_connection_is_taken_up_where_it_broke(hub: FakeHub, address: str) -> None:
    hub.cut_at = 100_000
    get()
    assert ranges(hub) == ["", "bytes=100000-"]
    assert hub.sent[WEIGHTS] == len(hub.files[WEIGHTS])


def test_that_a_server_without_ranges_sends_the_file_anew(hub: FakeHub, address: str) -> None:
    hub.cut_at, hub.ignore_ranges = 100_000, True
    folder = Path(get()["path"])
    assert (folder / WEIGHTS).read_bytes() == hub.files[WEIGHTS]
    assert hub.sent[WEIGHTS] == 100_000 + len(hub.files[WEIGHTS])


def test_that_a_stop_keeps_what_has_come_for_the_next_try(hub: FakeHub, address: str) -> None:
    cancelled = threading.Event()

    def stop(sent: int) -> None:
        if sent >= 100_000:
            cancelled.set()
            time.sleep(0.02)

    hub.pause = stop
    with pytest.raises(Cancelled):
        get(cancelled=cancelled)
    kept = partial().stat().st_size
    assert 0 < kept < len(hub.files[WEIGHTS])
    assert model_state(KNOWN).kept >= kept
    hub.pause, hub.asked = lambda sent: None, []
    assert get()["bytes"] < len(hub.files[WEIGHTS])
    assert ranges(hub) == [f"bytes={kept}-"]
    assert not partial().parent.exists()


def test_that_a_kill_in_the_middle_costs_nothing_that_has_come(hub: FakeHub, address: str) -> None:
    reached, gone = threading.Event(), threading.Event()

    def pause(sent: int) -> None:
        if sent >= 150_000:
            reached.set()
            gone.wait(20)

    hub.pause = pause
    command = [sys.executable, "-m", "embtrainer_gui", "models", "get", NAME]
    child = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL)
    try:
        assert reached.wait(20)
        end = time.monotonic() + 5
        while model_state(KNOWN).kept < 100_000 and time.monotonic() < end:
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.wait()
    finally:
        child.kill()
        gone.set()
    kept = partial().stat().st_size
    assert kept >= 100_000
    hub.pause, hub.asked = lambda sent: None, []
    folder = Path(get()["path"])
    assert ranges(hub) == [f"bytes={kept}-"]
    assert (folder / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_that_a_busy_server_is_asked_again(hub: FakeHub, address: str) -> None:
    hub.answers = [(503, {"Retry-After": "0"}), (429, {})]
    assert get()["bytes"] > 0


REFUSALS = {
    "no such model": ({"gate": 404}, UserError, "has no model intfloat/e5-small-v2"),
    "gated": ({"gate": 401}, UserError, "only to people who are logged in"),
    "forbidden": ({"gate": 403}, UserError, "only to people who are logged in"),
    "broken": ({"gate": 500}, EnvironmentProblem, "broke off: the server answers with status 500"),
    "odd": ({"gate": 418}, EnvironmentProblem, r"refused to send intfloat/e5-small-v2 \(status 418\)"),
    "changed on the way": ({"corrupt": WEIGHTS}, EnvironmentProblem, "model.safetensors of .* came damaged"),
    "changed settings": ({"corrupt": "config.json"}, EnvironmentProblem, "config.json of .* came damaged"),
    "no commit": ({"commit": "main"}, EnvironmentProblem, "something else than the files"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_that_a_refusal_says_what_and_why_and_what_helps(hub: FakeHub, address: str, name: str) -> None:
    changes, kind, words = REFUSALS[name]
    vars(hub).update(changes)
    with pytest.raises(kind, match=words) as refused:
        get("intfloat/e5-small-v2" if name != "no commit" else "other/model")
    assert refused.value.hint
    assert model_state(KNOWN).kind == "download"


def test_that_a_damaged_file_is_deleted_and_the_others_are_kept(hub: FakeHub, address: str) -> None:
    hub.corrupt = WEIGHTS
    with pytest.raises(EnvironmentProblem):
        get()
    assert not partial().exists()
    hub.corrupt, hub.asked = "", []
    get()
    assert [path for path, _ in hub.asked if "config.json" in path] == []


def test_that_a_model_with_code_is_refused_before_its_weights_are_fetched(hub: FakeHub, address: str) -> None:
    hub.files["config.json"] = b'{"auto_map": {"AutoModel": "evil.Model"}}'
    with pytest.raises(UserError, match=r"config\.json has the entry auto_map"):
        get()
    assert WEIGHTS not in hub.sent
    assert not (store_folder(NAME) / KNOWN.revision).exists()


def test_that_only_pickled_weights_are_refused_by_the_listing(hub: FakeHub, address: str) -> None:
    del hub.files[WEIGHTS]
    with pytest.raises(UserError, match="no weights in safetensors format on 127"):
        get()
    assert not hub.sent


def test_that_names_that_lead_elsewhere_are_passed_over(hub: FakeHub, address: str) -> None:
    needed = set(hub.files) - set(NOT_NEEDED)
    names = ("../../escaped/config.json", "/escaped/config.json", "1_Pooling/../../escaped/config.json")
    hub.files |= dict.fromkeys(names, b"{}")
    assert set(files_of(Path(get()["path"]))) == needed
    assert not [path for path, _ in hub.asked if "escaped" in path]


def test_that_a_disk_that_is_too_small_is_told_before_anything_is_fetched(
    hub: FakeHub, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_model.shutil, "disk_usage", lambda path: SimpleNamespace(free=9_000_000))
    with pytest.raises(EnvironmentProblem, match="has 9 MB left"):
        get()
    assert not hub.sent


def test_that_a_disk_that_fills_up_keeps_what_has_come(hub: FakeHub, address: str) -> None:
    """A limit on the size of files stands in for the full disk: the kernel refuses the write in the same way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, hard))
        with pytest.raises(EnvironmentProblem, match=r"model\.safetensors could not be written"):
            get()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert 0 < partial().stat().st_size <= 120_000
    assert get()["bytes"] > 0


def test_that_a_server_that_is_gone_is_told_with_its_name(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(hub_module, "PAUSES", (0.0,))
    with serve(hub) as address:
        pass
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(EnvironmentProblem, match=f"from {address.removeprefix('http://')} broke off"):
        get()


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_that_nothing_is_asked_where_downloads_are_switched_off(
    hub: FakeHub, address: str, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(EnvironmentProblem, match=variable):
        get()
    assert not hub.asked


def test_that_two_processes_do_not_download_the_same_model(hub: FakeHub, address: str) -> None:
    store_folder(NAME).mkdir(parents=True)
    with FolderLock(store_folder(NAME), "download"), pytest.raises(EnvironmentProblem, match="Another window"):
        get()
    assert not hub.asked


def test_that_any_model_of_the_hub_is_pinned_to_the_commit_of_now(hub: FakeHub, address: str) -> None:
    hub.name, hub.commit = "someone/else", COMMIT
    summary = get("someone/else")
    assert summary["revision"] == COMMIT
    assert model_folder("someone/else") == store_folder("someone/else") / COMMIT


@pytest.mark.parametrize("name", ["", "nonsense", "../../etc", "a/b/c", "a b/c", "a--b/c", "a/b..c"])
def test_that_what_is_no_name_is_never_asked_for(hub: FakeHub, address: str, name: str) -> None:
    with pytest.raises(AppError, match="not the name of a model"):
        get(name)
    assert not hub.asked


def test_that_the_worker_runs_it_without_a_project(hub: FakeHub, address: str) -> None:
    spec = JobSpec(stage="get-model", project="", options={"model": NAME})
    assert run_stage(spec, Secrets(), lambda event: None, threading.Event())["model"] == NAME


def test_that_a_listing_and_a_training_ask_nobody(hub: FakeHub, address: str, tmp_path: Path) -> None:
    for arguments in (["models", "--json"], ["train", str(tmp_path), "--base-model", NAME]):
        subprocess.run([sys.executable, "-m", "embtrainer_gui", *arguments], capture_output=True, check=False)
    assert not hub.asked


def test_that_the_command_line_gets_a_model_and_lists_it(hub: FakeHub, address: str) -> None:
    def models(*arguments: str) -> dict:
        command = [sys.executable, "-m", "embtrainer_gui", "models", *arguments, "--json"]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert models("get", "e5-small-v2")["bytes"] > 0
    rows = {row["name"]: row for row in models()["models"]}
    assert rows[NAME]["state"] == "here"
    assert rows[NAME]["prompts"] == {"query": "query: ", "passage": "passage: "}
    assert rows[NAME]["figures"]["mteb_retrieval_ndcg@10"]["source"].startswith("https://")
