"""``corpus.jsonl``: a row is one passage under its own id, never cut; rows of one title are one document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embtrainer_gui.core.records import Block, BlockKind, ExtractedDocument, FileState
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import Unreadable

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig

LINE_LIMIT = 4 * 2**20  # bytes; a longer line is no passage
SHOWN = 5


class _Problems:
    """Broken rows, counted, the first few with their reason."""

    def __init__(self) -> None:
        self.count = 0
        self._first: list[str] = []

    def add(self, line: int, reason: str) -> None:
        self.count += 1
        if len(self._first) < SHOWN:
            self._first.append(f"{line}: {reason}")

    def sentence(self) -> str:
        text = mark("{count} rows left out (line {first}{more}).")
        return text.format(count=self.count, first="; line ".join(self._first), more="..." * (self.count > SHOWN))


def read_corpus(path: Path, config: ImportConfig, notes: list[str]) -> Iterator[ExtractedDocument]:
    """One document a title; rows without a title are documents of their own. Broken rows go into ``notes``.

    Raises:
        Unreadable: no usable row.
    """
    problems = _Problems()
    titled: dict[str, list[Block]] = {}
    untitled: list[Block] = []
    for block, title in _rows(path, problems):
        if title:
            titled.setdefault(title, []).append(block)
        else:
            untitled.append(block)
    if problems.count:
        notes.append(problems.sentence())
    if not titled and not untitled:
        raise Unreadable(
            FileState.FAILED,
            mark("No row of it can be used. {problems}"),
            mark("A row is one JSON object with _id, title and text."),
            problems=problems.sentence() if problems.count else "",
        )
    for title, blocks in titled.items():
        yield ExtractedDocument(title, 0, tuple(blocks))
    for block in untitled:
        yield ExtractedDocument("", 0, (block,))


def _rows(path: Path, problems: _Problems) -> Iterator[tuple[Block, str]]:
    seen: set[str] = set()
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LINE_LIMIT):
            number += 1
            if not line.endswith(b"\n") and len(line) == LINE_LIMIT:
                problems.add(number, mark("longer than 4 MB"))
                while (rest := file.readline(LINE_LIMIT)) and not rest.endswith(b"\n"):
                    pass
                continue
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if not line.strip():
                continue
            row = _parsed(line)
            reason = row if isinstance(row, str) else _fault(row, seen)
            if reason or isinstance(row, str):
                problems.add(number, reason)
                continue
            seen.add(str(row["_id"]))
            title = row.get("title")
            yield Block(BlockKind.BODY, row["text"], key=str(row["_id"])), title if isinstance(title, str) else ""


def _parsed(line: bytes) -> dict[str, Any] | str:
    """The row, or why it is none."""
    try:
        row = json.loads(line)
        json.dumps(row, ensure_ascii=False).encode()  # a lone surrogate cannot be stored
    except UnicodeError:
        return mark("not UTF-8")
    except (ValueError, RecursionError, MemoryError):
        return mark("no JSON")
    return row if isinstance(row, dict) else mark("no object")


def _fault(row: dict[str, Any], seen: set[str]) -> str:
    key = row.get("_id")
    if not isinstance(key, str | int) or isinstance(key, bool) or not str(key):
        return mark("no _id")
    if not isinstance(row.get("text"), str) or not row["text"].strip():
        return mark("no text")
    return mark("_id for the second time") if str(key) in seen else ""
