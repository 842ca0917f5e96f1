"""The supervisor against children that finish, fail, crash, hang, flood and lie: an end always comes."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from embtrainer_gui.core import job_child
from embtrainer_gui.core.job_child import JobChild
from embtrainer_gui.core.messages import Event, Failed, Finished, JobSpec, Metric, Progress, Secrets, Started, Stopped

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")

PREAMBLE = """
import json, os, signal, subprocess, sys, threading, time

def say(**event):
    print(json.dumps(event), flush=True)

cancelled = threading.Event()
def listen():
    for line in sys.stdin:
        if json.loads(line)["type"] == "cancel":
            cancelled.set()
    os._exit(3)

secrets, spec = json.loads(sys.stdin.readline()), json.loads(sys.stdin.readline())
threading.Thread(target=listen, daemon=True).start()
say(type="started", stage=spec["stage"], pid=os.getpid())
"""
ENDS = """
cancelled.wait(30)
say(type="cancelled", checkpoint="checkpoint-3")
"""
STUBBORN = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    time.sleep(0.05)
"""

Maker = Callable[..., JobChild]


@pytest.fixture
def child(tmp_path: Path) -> Maker:
    """Makes the supervisor of a child with the given body; it is given little patience."""

    def make(body: str, **more: object) -> JobChild:
        script = tmp_path / f"child{len(list(tmp_path.glob('*.py')))}.py"
        script.write_text(PREAMBLE + textwrap.dedent(body), encoding="utf-8")
        spec = JobSpec(stage="train", project=str(tmp_path), config={"epochs": 2})
        values: dict[str, object] = {"logs": tmp_path / "logs", "patience": (0.5, 0.5), **more}
        return JobChild([sys.executable, str(script)], spec, **values)  # type: ignore[arg-type]

    return make


@pytest.fixture(autouse=True)
def no_child_left() -> Iterator[None]:
    before = set(psutil.Process().children(recursive=True))
    yield
    assert set(psutil.Process().children(recursive=True)) <= before


def ended(child: JobChild) -> list[Event]:
    events = list(child.events())
    with pytest.raises(psutil.NoSuchProcess):
        psutil.Process(child.pid)
    assert sum(isinstance(event, Finished | Failed | Stopped) for event in events) == 1
    return events


def acted(child: JobChild, act: Callable[[JobChild], None]) -> tuple[list[Event], float]:
    """All events, and the seconds from the act, done when the child has started, to the end."""
    events: list[Event] = []
    began = 0.0
    for event in child.events():
        events.append(event)
        if isinstance(event, Started):
            began = time.monotonic()
            act(child)
    return events, time.monotonic() - began


def test_that_a_child_that_finishes_gives_its_summary(child: Maker) -> None:
    events = ended(child("""say(type="progress", done=1, total=2)\nsay(type="finished", summary={"made": 2})"""))
    assert [event.type for event in events] == ["started", "progress", "finished"]
    assert isinstance(events[-1], Finished)
    assert events[-1].summary == {"made": 2}


def test_that_an_exception_in_the_child_is_a_crash_with_its_trace_and_a_report(child: Maker, tmp_path: Path) -> None:
    running = child("""say(type="progress", done=1, total=9)\nraise ValueError("no such thing")""")
    last = ended(running)[-1]
    assert isinstance(last, Failed)
    assert (last.kind, "exit code 1" in last.message) == ("bug", True)
    assert "ValueError: no such thing" in last.trace
    assert running.report is not None
    report = json.loads(running.report.read_text(encoding="utf-8"))
    assert running.report.parent == tmp_path / "logs"
    assert (report["stage"], report["exit_code"], report["spec"]["config"]) == ("train", 1, {"epochs": 2})
    assert report["last_event"] == {"type": "progress", "done": 1, "total": 9, "item": ""}
    assert "ValueError: no such thing" in report["errors"]
    assert {"python", "embtrainer", "torch"} <= set(report["versions"])


def test_that_a_segfault_is_named(child: Maker) -> None:
    running = child("os.kill(os.getpid(), signal.SIGSEGV)")
    last = ended(running)[-1]
    assert isinstance(last, Failed)
    assert (last.kind, "SIGSEGV" in last.message) == ("bug", True)
    assert running.report is not None
    assert json.loads(running.report.read_text(encoding="utf-8"))["signal"] == "SIGSEGV"


def test_that_a_kill_that_nobody_asked_for_is_probably_memory(child: Maker) -> None:
    last = ended(child("os.kill(os.getpid(), signal.SIGKILL)"))[-1]
    assert isinstance(last, Failed)
    assert (last.kind, "out of memory" in last.message) == ("environment", True)


def test_that_an_end_without_a_last_event_is_no_success(child: Maker) -> None:
    last = ended(child("sys.exit(0)"))[-1]
    assert isinstance(last, Failed)


def test_that_a_program_that_cannot_be_started_says_so(tmp_path: Path) -> None:
    running = JobChild([str(tmp_path / "nothing")], JobSpec(stage="train", project=str(tmp_path)))
    events = list(running.events())
    assert [event.type for event in events] == ["failed"]


def test_that_cancel_gives_a_child_the_time_to_save(child: Maker) -> None:
    events, seconds = acted(child(ENDS), JobChild.cancel)
    assert events[-1] == Stopped(checkpoint="checkpoint-3")
    assert seconds < 0.5 + 5


def test_that_a_second_cancel_changes_nothing(child: Maker) -> None:
    def twice(running: JobChild) -> None:
        running.cancel()
        running.cancel()

    body = "count = 0\n" + ENDS
    events, _ = acted(child(body), twice)
    assert [event.type for event in events] == ["started", "cancelled"]


def test_that_a_stubborn_child_is_terminated_and_then_killed(child: Maker) -> None:
    events, seconds = acted(child(STUBBORN), JobChild.cancel)
    assert isinstance(events[-1], Stopped)
    assert 1.0 <= seconds < 4.0  # 0.5 s of patience twice


def test_that_kill_does_not_wait(child: Maker) -> None:
    running = child(STUBBORN, patience=(60.0, 60.0))
    events, seconds = acted(running, JobChild.kill)
    assert isinstance(events[-1], Stopped)
    assert seconds < 1.0
    assert running.report is None


def test_that_what_the_child_started_ends_with_it(child: Maker, tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    body = f"""
    other = subprocess.Popen(["sleep", "60"])
    open({str(note)!r}, "w").write(str(other.pid))
    say(type="status", text="ready")
    """ + textwrap.indent(STUBBORN, "    ")
    running = child(textwrap.dedent(body))
    for event in running.events():
        if event.type == "status":
            running.cancel()
    assert not psutil.pid_exists(int(note.read_text())) or psutil.Process(int(note.read_text())).status() == "zombie"


def test_that_a_process_that_keeps_the_pipe_open_does_not_keep_the_job(
    child: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_child, "LAST_WORDS_SECONDS", 0.5)
    body = """
    subprocess.Popen(["sleep", "8"], start_new_session=True)
    os.kill(os.getpid(), signal.SIGKILL)
    """
    began = time.monotonic()
    events = list(child(body).events())
    assert isinstance(events[-1], Failed)
    assert time.monotonic() - began < 5
    for left in psutil.Process().children(recursive=True):
        left.kill()


def test_that_a_flood_is_thinned_and_the_end_still_comes(child: Maker) -> None:
    body = """
    for number in range(200_000):
        say(type="progress", done=number, total=200_000)
    say(type="finished", summary={})
    """
    running = child(body)
    began = time.monotonic()
    events = ended(running)
    seconds = time.monotonic() - began
    passed = [event for event in events if isinstance(event, Progress)]
    assert len(passed) <= seconds * 10 + 2
    assert passed[-1].done == 199_999
    assert isinstance(events[-1], Finished)


def test_that_no_metric_of_a_flood_is_lost_and_cancel_gets_through(child: Maker) -> None:
    body = """
    number = 0
    while not cancelled.is_set():
        say(type="metric", step=number, epoch=0.0, values={"loss": 1.0})
        number += 1
    say(type="cancelled")
    """
    running = child(body, patience=(5.0, 1.0))
    threading.Timer(1.0, running.cancel).start()
    began = time.monotonic()
    events = ended(running)
    steps = [event.step for event in events if isinstance(event, Metric)]
    assert steps == list(range(len(steps)))
    assert len(steps) <= 800 * (time.monotonic() - began + 1)
    assert isinstance(events[-1], Stopped)


def test_that_rubbish_is_logged_and_never_fatal(child: Maker, caplog: pytest.LogCaptureFixture) -> None:
    body = r"""
    print("Some weights of the model were not used")
    print('{"type": "no-such-event"}')
    print('{"type": "progress", "done": 1, "total": 2, "more": 3}')
    sys.stdout.buffer.write(b"\xff\xfe\x00" + b"x" * 9_000_000 + b"\n")
    for number in range(1000):
        print("noise", number)
    say(type="finished", summary={})
    """
    with caplog.at_level(logging.WARNING, logger="embtrainer_gui"):
        running = child(body)
        events = ended(running)
    assert [event.type for event in events] == ["started", "finished"]
    assert running.rubbish_lines >= 1004
    assert "noise 999" in running.log_tail()
    assert len(caplog.records) == 20


def test_that_a_flood_of_errors_keeps_its_last_lines_only(child: Maker) -> None:
    body = """
    for number in range(200_000):
        sys.stderr.write(f"line {number} " + "x" * 200 + chr(10))
    raise SystemExit(7)
    """
    running = child(body)
    last = ended(running)[-1]
    assert isinstance(last, Failed)
    assert len(last.trace.splitlines()) <= 200
    assert last.trace.splitlines()[-1].startswith("line 199999 ")


def test_that_no_secret_reaches_report_log_environment_or_command_line(
    child: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBTRAINER_API_KEY", "sk-CANARY")
    body = """
    assert secrets["key"] == "sk-CANARY"
    print("a library prints sk-CANARY")
    say(type="status", text="look")
    time.sleep(0.3)
    raise ValueError("refused: " + secrets["key"])
    """
    running = child(body, secrets=Secrets(key="sk-CANARY"))
    seen = []
    for event in running.events():
        if event.type == "status":
            process = psutil.Process(running.pid)
            seen.append(str(process.cmdline()) + str(process.environ()))
    assert seen
    assert "sk-CANARY" not in seen[0]
    assert running.report is not None
    for file in (running.report, *(tmp_path / "logs").iterdir()):
        assert "sk-CANARY" not in file.read_text(encoding="utf-8")
    assert "refused: ***" in running.report.read_text(encoding="utf-8")
    assert "sk-CANARY" not in running.log_tail()


ORPHAN = """
import sys
from embtrainer_gui.core.job_child import JobChild
from embtrainer_gui.core.messages import JobSpec

for event in JobChild(sys.argv[1:], JobSpec(stage="train", project=".")).events():
    print(event.pid, flush=True)
"""


def test_that_an_orphan_ends_itself(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(PREAMBLE + STUBBORN, encoding="utf-8")
    command = [sys.executable, "-c", ORPHAN, sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        orphan = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        orphan.wait(5)


def test_that_a_detached_child_goes_on_and_is_not_our_concern(child: Maker, tmp_path: Path) -> None:
    note = tmp_path / "done"
    body = f"""
    say(type="status", text="ready")
    while not os.path.exists({str(tmp_path / "go")!r}):
        time.sleep(0.02)
    try:
        say(type="finished", summary={{}})
    except OSError:
        pass
    open({str(note)!r}, "w").close()
    """
    running = child(body)
    script = Path(running._command[1])
    script.write_text(script.read_text().replace("os._exit(3)", "pass"))  # it was told to: a real one looks for Detach
    events = []
    for event in running.events():
        events.append(event)
        if event.type == "status":
            running.detach()
    assert [event.type for event in events] == ["started", "status"]
    process = psutil.Process(running.pid)
    (tmp_path / "go").touch()
    process.wait(5)
    assert note.exists()


def test_that_start_and_cancel_leave_nothing_behind(child: Maker, request: pytest.FixtureRequest) -> None:
    cycles = 50 if request.config.getoption("--soak") else 5
    running = child(ENDS)
    for _ in running.events():
        running.cancel()
    own = psutil.Process()
    threads, files = threading.active_count(), own.num_fds()
    for _ in range(cycles):
        running = child(ENDS)
        events, _ = acted(running, JobChild.cancel)
        assert isinstance(events[-1], Stopped)
    deadline = time.monotonic() + 2
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= threads
    assert own.num_fds() <= files


def test_that_no_secret_stands_in_a_failure(child: Maker) -> None:
    body = """say(type="failed", kind="bug", message="no: " + secrets["key"], trace="at " + secrets["key"])"""
    last = ended(child(body, secrets=Secrets(key="sk-CANARY", passwords={"a.pdf": "e"})))[-1]
    assert isinstance(last, Failed)
    assert (last.message, last.trace, last.type) == ("no: ***", "at ***", "failed")
