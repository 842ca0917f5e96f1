"""Ray for as long as a job needs it: it may hang while it connects, and its cluster may go away meanwhile."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

from embtrainer_gui.core.translate import mark

END_SECONDS = 10.0
LOOK_SECONDS = 1.0  # between two looks at whether the cluster is still there
ANSWER_SECONDS = 5.0
REFUSED_SECONDS = 3.0  # its machine answers that nobody listens there
SILENT_SECONDS = 20.0  # a network that fails for so long is no cluster
Place = tuple[str, int]


class Session:
    """A thread that begins and ends with Ray: what Ray starts ends with the thread that did.

    Args:
        begin: starts Ray or connects; gives where something listens as long as the cluster is there.
        finish: ends that.
    """

    def __init__(self, begin: Callable[[], Place], finish: Callable[[], None]) -> None:
        self._begin, self._finish = begin, finish
        self._begun, self._over, self._gone = threading.Event(), threading.Event(), threading.Event()
        self._problem: Exception | SystemExit | None = None
        self._thread = threading.Thread(target=self._live, name="ray", daemon=True)
        self._thread.start()

    @property
    def gone(self) -> bool:
        """The cluster does not answer any more; nothing of Ray may be called then, since it may wait for it."""
        return self._gone.is_set()

    def wait(self, seconds: float, look: Callable[[], None]) -> None:
        """Until Ray is there; raises what went wrong, or what ``look`` raises."""
        deadline = time.monotonic() + seconds
        while not self._begun.wait(0.1) and time.monotonic() < deadline:
            look()
        if not self._begun.is_set():
            raise TimeoutError(mark("no answer within {seconds:.0f} s").format(seconds=seconds))
        if self._problem is not None:
            raise self._problem

    def wait_until_gone(self, seconds: float) -> bool:
        return self._gone.wait(seconds)

    def end(self) -> None:
        self._over.set()
        if self._begun.is_set():
            self._thread.join(END_SECONDS)

    def _live(self) -> None:
        try:
            place = self._begin()
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - raised where somebody waits, whatever it is
            self._problem = problem
        self._begun.set()
        if self._problem is None:
            self._watch(place)
        self._over.wait()
        with contextlib.suppress(Exception):
            self._finish()

    def _watch(self, place: Place) -> None:
        answered = time.monotonic()
        while not self._over.wait(LOOK_SECONDS):
            try:
                socket.create_connection(place, ANSWER_SECONDS).close()
                answered = time.monotonic()
                continue
            except ConnectionRefusedError:
                patience = REFUSED_SECONDS
            except OSError:
                patience = SILENT_SECONDS
            if time.monotonic() - answered > patience:
                self._gone.set()
                return
