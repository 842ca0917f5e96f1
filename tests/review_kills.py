"""Kills the window again and again while pairs are reviewed by keys, and looks whether what it acknowledged is there.

``kill_reviews`` is the loop. As a script it keeps the window's modules loaded and forks a victim for each line on
stdin, which saves a second of imports a kill. A victim writes each act to a pipe before its key is pressed, and again
when the window has shown that it is done.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS))
SECONDS = 60.0  # for a victim to show its first pair
LONGEST = 0.4  # seconds from the first act to the kill

Content = tuple[str, str]  # state and question of a pair


@dataclass
class Model:
    """What the project must hold: content of pairs, and the acts that stand."""

    content: dict[int, Content]
    standing: list[tuple[int, Content, Content]] = field(default_factory=list)
    undone: list[tuple[int, Content, Content]] = field(default_factory=list)

    def take(self, act: dict[str, Any]) -> None:
        if act["act"] == "undo":
            pair, before, after = self.standing.pop()
            self.undone.append((pair, before, after))
            self.content[pair] = before
        elif act["act"] == "redo":
            pair, before, after = self.undone.pop()
            self.standing.append((pair, before, after))
            self.content[pair] = after
        else:
            pair, before = act["pair"], self.content[act["pair"]]
            after = (act["state"] or before[0], act["question"] or before[1])
            if after != before or act["act"] == "later":
                self.standing.append((pair, before, after))
                self.undone.clear()
            self.content[pair] = after

    def copy(self) -> Model:
        return Model(dict(self.content), list(self.standing), list(self.undone))


@dataclass
class Tally:
    kills: int = 0
    acknowledged: int = 0
    in_flight: int = 0  # acts that were under way at a kill and are there
    slowest_open: float = 0.0  # seconds from the kill to the project open for writing again


def kill_reviews(folder: Path, kills: int, seed: int = 0) -> Tally:
    """Review the project of ``folder`` in a window that is killed so many times.

    Raises AssertionError where an acknowledged act is not in the project whole, or the project is damaged or locked.
    """
    rng, tally = random.Random(seed), Tally()
    model = Model(_content(folder))
    server = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
    )
    try:
        for number in range(kills):
            model = _one_kill(server, folder, model, rng, tally, number)
    finally:
        assert server.stdin is not None
        server.stdin.close()
        server.wait(30)
        assert server.stdout is not None
        server.stdout.close()
    return tally


def _one_kill(
    server: subprocess.Popen[bytes], folder: Path, model: Model, rng: random.Random, tally: Tally, number: int
) -> Model:
    assert server.stdin is not None
    server.stdin.write(json.dumps([str(folder), len(model.standing), number]).encode() + b"\n")
    server.stdin.flush()
    lines = _lines(server)
    victim = int(next(lines)["pid"])
    tried: dict[str, Any] | None = None
    until = time.monotonic() + SECONDS
    is_killed = False
    for line in lines:
        if "ended" in line:
            break
        if line["said"] == "tries":
            tried = line
        else:
            model.take(line)
            tally.acknowledged += 1
            tried = None
            if not is_killed and tally.kills == number:
                until, tally.kills = time.monotonic() + rng.uniform(0, LONGEST), number + 1
        if not is_killed and time.monotonic() >= until:
            os.kill(victim, signal.SIGKILL)
            is_killed = True
    return _look(folder, model, tried, tally)


def _lines(server: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    assert server.stdout is not None
    while True:
        ready, _, _ = select.select([server.stdout], [], [], SECONDS)
        assert ready, "the window shows nothing"
        yield json.loads(server.stdout.readline())


def _look(folder: Path, model: Model, tried: dict[str, Any] | None, tally: Tally) -> Model:
    from embtrainer_gui.core.store import open_project
    from embtrainer_gui.core.store.decisions import DecisionStore

    started = time.monotonic()
    with open_project(folder, write=True) as project, project.lock():
        tally.slowest_open = max(tally.slowest_open, time.monotonic() - started)
        assert project.database.one("PRAGMA integrity_check") == "ok"
        undo = DecisionStore(project.database).next_undo()
    found, possible = _content(folder), [model]
    if tried:
        possible.append(model.copy())
        possible[1].take(tried)
    for number, each in enumerate(possible):
        last = each.standing[-1][0] if each.standing else None
        if each.content == found and (undo.pair_id if undo else None) == last:
            tally.in_flight += number
            return each
    lost = {pair: (found[pair], content) for pair, content in model.content.items() if found[pair] != content}
    raise AssertionError(f"not as acknowledged: {lost}, undo of {undo}, under way {tried}")


def _content(folder: Path) -> dict[int, Content]:
    from embtrainer_gui.core.store import open_project

    with open_project(folder) as project:
        return {row[0]: (row[1], row[2]) for row in project.database.rows("SELECT id, state, question FROM pairs")}


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)]),
    }


def serve() -> None:
    """Fork a victim for each line of stdin, and tell when it has ended."""
    import gui.fakes

    from embtrainer_gui.gui import main_window
    from embtrainer_gui.gui.pages import review_page

    assert main_window
    assert review_page
    assert gui.fakes
    for line in sys.stdin:
        folder, standing, seed = json.loads(line)
        victim = os.fork()
        if not victim:
            review(Path(folder), int(standing), random.Random(seed))
        os.waitpid(victim, 0)
        _say({"ended": victim})


def review(folder: Path, standing: int, dice: random.Random) -> None:
    """Review by keys until killed; ``standing`` acts of earlier windows can be undone."""
    _say({"pid": os.getpid()})
    from gui.fakes import FakeJobs
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QPlainTextEdit

    from embtrainer_gui.core.settings import Settings
    from embtrainer_gui.core.workflow import Step
    from embtrainer_gui.gui import theme
    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.main_window import MainWindow
    from embtrainer_gui.gui.session import Session

    app, feedback = QApplication([]), Feedback()
    theme.set_up(app, "light")
    session = Session(settings=Settings())
    session.change_settings = lambda **changes: None  # type: ignore[method-assign]  # those of whoever runs this
    session.open(folder)
    window = MainWindow(session, FakeJobs(session, feedback), feedback)
    window.start()
    window.wizard.go(Step.REVIEW)
    window.show()
    page: Any = window.wizard.page
    app.processEvents()
    undone = 0
    keys = {"accept": "A", "reject": "X", "later": " ", "undo": Qt.Key.Key_Backspace, "redo": None, "edit": "E"}
    for number in range(10_000):
        possible = [*["accept", "reject", "edit", "later"] * 2, *["undo"] * bool(standing), *["redo"] * bool(undone)]
        act = dice.choice(possible) if page.flow.current else "undo"
        states = {"accept": "accepted", "edit": "accepted", "reject": "rejected"}
        question = f"Question {dice.random()}?" if act == "edit" else ""
        pair = page.flow.current.pair.id if page.flow.current else 0
        done = {"act": act, "pair": pair, "state": states.get(act, ""), "question": question}
        _say({"said": "tries", **done})
        if act == "redo":
            QTest.keyClick(page, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
        else:
            QTest.keyClick(page, keys[act])
        if act == "edit":
            field: Any = page.findChild(QPlainTextEdit, "review.edit-question")
            field.setPlainText(question)
            QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        app.processEvents()
        _say({"said": "done", **done})
        undone = undone + 1 if act == "undo" else undone - 1 if act == "redo" else 0
        standing += -1 if act == "undo" else 1
        if number % 50 == 49:
            page.flow.reopen()


def _say(line: dict[str, Any]) -> None:
    os.write(1, json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    serve()
