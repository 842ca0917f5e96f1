"""A machine that sleeps: a job that was stopped for longer than its parent waits for anything goes on afterwards."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import pytest

from embtrainer_gui.core.job_child import JobChild
from embtrainer_gui.core.messages import Finished, JobSpec, Progress

SLEEP = 3.0  # s
PATIENCE = (0.5, 0.5)  # of the parent, far below it
SCRIPT = """
import sys, time
sys.stdin.readline(), sys.stdin.readline()
for number in range(1, 9):
    print('{"type": "progress", "done": %d, "total": 8}' % number, flush=True)
    time.sleep(0.1)
print('{"type": "finished", "summary": {"made": 8}}', flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot stop a process")
def test_that_a_job_that_sleeps_is_neither_lost_nor_called_dead() -> None:
    child = JobChild([sys.executable, "-c", SCRIPT], JobSpec(stage="any", project=""), patience=PATIENCE)
    events, stopped = [], threading.Event()
    for event in child.events():
        events.append(event)
        if isinstance(event, Progress) and not stopped.is_set():
            stopped.set()
            os.kill(child.pid, signal.SIGSTOP)
            threading.Thread(target=wake, args=(child.pid,)).start()
    assert isinstance(events[-1], Finished)
    assert events[-1].summary == {"made": 8}


def wake(pid: int) -> None:
    time.sleep(SLEEP)
    os.kill(pid, signal.SIGCONT)
