"""Reading processes on other machines that are lost with them: their files are read again, and nothing comes twice."""

from __future__ import annotations

import json
import queue
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.report import Silent
from embtrainer_gui.extract.pool import MOST_LOST, ReaderPool
from embtrainer_gui.extract.reading import FileBatch, FileResult

DOCUMENTS = [[f"Title {number}", 1, [], [], ["", None, ""]] for number in range(5)]


class FarProcess:
    """Speaks as ``extract.child`` does; ``losses`` says how often a file still takes its machine down, after ``seen``
    documents."""

    is_far = True
    waits = False

    def __init__(self, losses: Counter[str], seen: int) -> None:
        self.lost = False
        self._losses, self._seen = losses, seen
        self._said: queue.Queue[list[Any] | None] = queue.Queue()
        self._said.put(["ready"])

    def tell(self, message: dict[str, Any]) -> None: ...

    def give(self, message: dict[str, Any], files: Sequence[Path]) -> None:
        name = files[0].name
        self._said.put(["arrived"])
        self._said.put(["page", 1, 1, 0.0])
        if self._losses[name]:
            self._losses[name] -= 1
            self._said.put(["documents", DOCUMENTS[: self._seen]])
            self._said.put(None)
            return
        self._said.put(["documents", DOCUMENTS[:3]])
        self._said.put(["documents", DOCUMENTS[3:]])
        self._said.put(["end", "done", "", 1, "text", "", None])

    def lines(self) -> Iterator[bytes]:
        while (message := self._said.get()) is not None:
            yield json.dumps(message).encode()
        self.lost = True

    def end(self) -> None: ...

    def kill(self, patience: float = 0.0) -> tuple[int, str]:
        self._said.put(None)
        return -9, ""


class FarProcesses:
    def __init__(self, losses: dict[str, int], seen: int) -> None:
        self.losses, self.seen = Counter(losses), seen

    def most(self) -> int:
        return 2

    def start(self, start: dict[str, Any]) -> FarProcess:
        return FarProcess(self.losses, self.seen)


def read(tmp_path: Path, losses: dict[str, int], seen: int) -> tuple[dict[str, FileResult], dict[str, list[str]]]:
    names = ("a.pdf", "b.pdf", "c.pdf", "bad.pdf")
    results: dict[str, FileResult] = {}
    titles: dict[str, list[str]] = {name: [] for name in names}
    with ReaderPool(ImportConfig(), tmp_path, FarProcesses(losses, seen)) as pool:
        for message in pool.read([tmp_path / name for name in names], Silent()):
            if isinstance(message, FileBatch):
                titles[message.path.name] += [document.title for document in message.documents]
            elif isinstance(message, FileResult):
                results[message.path.name] = message
    return results, titles


def test_that_a_file_whose_machine_was_lost_is_read_again_and_its_documents_come_once(tmp_path: Path) -> None:
    results, titles = read(tmp_path, {"bad.pdf": MOST_LOST - 1}, seen=4)
    assert {result.state for result in results.values()} == {FileState.DONE}
    assert all(found == [f"Title {number}" for number in range(5)] for found in titles.values())


def test_that_a_file_that_always_loses_its_machine_fails_alone(tmp_path: Path) -> None:
    results, titles = read(tmp_path, {"bad.pdf": 99}, seen=0)
    bad = results.pop("bad.pdf")
    assert bad.state is FileState.FAILED
    assert f"lost {MOST_LOST} times" in bad.reason
    assert {result.state for result in results.values()} == {FileState.DONE}
    assert titles["bad.pdf"] == []
