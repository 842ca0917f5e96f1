"""The exchange file written: the predecessor's keys in its order, unknown keys behind them, ours in one object."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO

from embtrainer_gui.core.files import atomic_write
from embtrainer_gui.core.interchange.fields import base_name, line_number_of
from embtrainer_gui.core.records import Box, Document, PairState, Passage, QAPair, QuestionKind, Reason, Split

ACCEPTED: frozenset[PairState] = frozenset({PairState.ACCEPTED})
_V1_KEYS = frozenset(
    "id run_id created_at model file_name file_path line_number context question answer usage embtrainer".split()
)


@dataclass(frozen=True, slots=True)
class ExportPair:
    """A pair on its way out. ``extra``: what the imported record held besides (``QAPair.extra``)."""

    uid: str
    question: str
    answer: str
    context: str
    file_name: str
    line_number: int
    model: str
    kind: QuestionKind
    state: PairState
    reasons: tuple[Reason, ...] = ()
    passage: str = ""  # its key
    page: int = 1
    boxes: tuple[Box, ...] = ()
    split: Split | None = None
    created_at: str = ""
    run_id: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    made_with: dict[str, Any] = field(default_factory=dict)  # how a server made it


def export_pair(
    pair: QAPair,
    passage: Passage,
    document: Document,
    *,
    created_at: str = "",
    run_id: str = "",
    made_with: dict[str, Any] | None = None,
) -> ExportPair:
    """A pair of the project with its passage and document.

    What an imported record said of its origin (file, line, model, dates) is kept; for other pairs the file is
    ``<stem>.txt`` and the line the passage's number, as if the paper were a text with one passage a line.
    """
    extra = pair.extra
    line = line_number_of(extra.get("line_number"))
    return ExportPair(
        uid=pair.uid,
        question=pair.question,
        answer=pair.answer,
        context=passage.text,
        file_name=base_name(extra.get("file_name")) or f"{PurePosixPath(document.file_name).stem}.txt",
        line_number=passage.number if line is None else line,
        model=str(extra.get("model") or pair.source),
        kind=pair.kind,
        state=pair.state,
        reasons=pair.reasons,
        passage=passage.key,
        page=passage.page,
        boxes=passage.boxes,
        split=document.split,
        created_at=extra.get("created_at") or created_at,
        run_id=extra.get("run_id") or run_id,
        extra=extra,
        made_with=made_with or {},
    )


def record_of(pair: ExportPair, now: datetime) -> dict[str, Any]:
    """The record of ``pair``; ``now`` dates a pair that carries no date of its own.

    ``file_path`` is written only where it is relative: an absolute one tells the user's name.
    """
    extra, now = pair.extra, now.astimezone(UTC)
    record: dict[str, Any] = {
        "id": pair.uid,
        "run_id": pair.run_id or now.strftime("%Y%m%dT%H%M%SZ"),
        "created_at": pair.created_at or now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "model": pair.model,
        "file_name": pair.file_name,
    }
    if _is_relative(extra.get("file_path")):
        record["file_path"] = extra["file_path"]
    record |= {
        "line_number": pair.line_number,
        "context": pair.context,
        "question": pair.question,
        "answer": pair.answer,
    }
    if extra.get("usage"):
        record["usage"] = extra["usage"]
    record |= {key: value for key, value in extra.items() if key not in _V1_KEYS}
    record["embtrainer"] = _ours(pair)
    return record


def write_jsonl(
    path: Path, pairs: Iterable[ExportPair], *, states: Collection[PairState] = ACCEPTED, now: datetime | None = None
) -> int:
    """Write the pairs in one of ``states``, one record a line, and return how many; the file is whole or untouched.

    Raises:
        EnvironmentProblem: the file cannot be written.
    """
    count = 0

    def write(file: BinaryIO) -> None:
        nonlocal count
        for record in records_of(pairs, states, now):
            file.write(_json(record) + b"\n")
            count += 1

    atomic_write(path, write)
    return count


def write_json(
    path: Path, pairs: Iterable[ExportPair], *, states: Collection[PairState] = ACCEPTED, now: datetime | None = None
) -> int:
    """As ``write_jsonl``, but one JSON array."""
    count = 0

    def write(file: BinaryIO) -> None:
        nonlocal count
        file.write(b"[")
        for record in records_of(pairs, states, now):
            file.write((b",\n" if count else b"\n") + _json(record))
            count += 1
        file.write(b"\n]\n")

    atomic_write(path, write)
    return count


def records_of(
    pairs: Iterable[ExportPair], states: Collection[PairState], now: datetime | None
) -> Iterator[dict[str, Any]]:
    """The records of the pairs in one of ``states``; all that carry no date of their own get the same."""
    now = now or datetime.now(UTC)
    return (record_of(pair, now) for pair in pairs if pair.state in states)


def _ours(pair: ExportPair) -> dict[str, Any]:
    ours: dict[str, Any] = {
        "kind": pair.kind,
        "state": pair.state,
        "reasons": list(pair.reasons),
        "passage": pair.passage,
        "page": pair.page,
        "boxes": [list(box) for box in pair.boxes],
        "split": pair.split,
        **pair.made_with,
    }
    before = pair.extra.get("embtrainer")  # of an earlier export, perhaps by a newer program
    return {**ours, **{key: before[key] for key in before if key not in ours}} if isinstance(before, dict) else ours


def _json(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _is_relative(value: Any) -> bool:
    if not isinstance(value, str) or not value or value.startswith("~") or "://" in value:
        return False
    windows = PureWindowsPath(value)
    return not PurePosixPath(value).is_absolute() and not windows.root and not windows.drive
