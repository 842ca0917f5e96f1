"""Ray for as long as a job needs it: it may hang while it connects, and its cluster may go away meanwhile."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

from embtrainer_gui.core.translate import mark

END_SECONDS = 10.0
BESIDE_SECONDS = 1.0
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
        frees: ``finish`` frees whoever waits for a cluster that is gone, so that it does not wait for ``end``.
    """

    def __init__(self, begin: Callable[[], Place], finish: Callable[[], None], *, frees: bool) -> None:
        self._begin, self._finish, self._frees = begin, finish, frees
        self._begun, self._over, self._gone = threading.Event(), threading.Event(), threading.Event()
        self._problem: Exception | SystemExit | None = None
        self._place: Place = ("", 0)
        self._beside: list[tuple[threading.Thread, Callable[[], None]]] = []
        self._thread = threading.Thread(target=self._live, name="ray", daemon=True)
        self._thread.start()

    @property
    def gone(self) -> bool:
        """The cluster does not answer any more; Ray may not be called then, since it would wait for minutes and then
        end this process."""
        return self._gone.is_set()

    def answers(self) -> bool:
        """To be asked before Ray is called with what goes to the first machine of the cluster."""
        return not self.gone and _problem_at(self._place) is None

    def settle(self, look: Callable[[], None]) -> None:
        """Wait until the cluster answers or is gone; raises what ``look`` raises."""
        while not self.gone and not self.answers():
            look()
            self._gone.wait(0.1)

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

    def work_beside(self, work: Callable[[], None], wake: Callable[[], None]) -> None:
        """On a thread that asks ``goes_on``; ``wake`` has it ask at once, so that it calls Ray no more at the end."""
        thread = threading.Thread(target=work, name="beside ray", daemon=True)
        self._beside.append((thread, wake))
        thread.start()

    def goes_on(self) -> bool:
        return not self._over.is_set() and not self.gone

    def end(self) -> None:
        self._over.set()
        for thread, wake in self._beside:
            wake()
            thread.join(BESIDE_SECONDS)
        if self._begun.is_set():
            self._thread.join(END_SECONDS)

    def _live(self) -> None:
        try:
            self._place = self._begin()
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - raised where somebody waits, whatever it is
            self._problem = problem
        self._begun.set()
        if self._problem is None:
            self._watch()
        if not (self.gone and self._frees):
            self._over.wait()
        with contextlib.suppress(Exception):
            self._finish()

    def _watch(self) -> None:
        answered = time.monotonic()
        while not self._over.wait(LOOK_SECONDS):
            problem = _problem_at(self._place)
            if problem is None:
                answered = time.monotonic()
            patience = REFUSED_SECONDS if isinstance(problem, ConnectionRefusedError) else SILENT_SECONDS
            if time.monotonic() - answered > patience:
                self._gone.set()
                return


def _problem_at(place: Place) -> OSError | None:
    try:
        socket.create_connection(place, ANSWER_SECONDS).close()
    except OSError as problem:
        return problem
    return None
