"""Question-answer pairs from every file the predecessor wrote, and from CSV: good rows in, bad rows with a reason."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.interchange.fields import base_name, line_number_of, text_of
from embtrainer_gui.core.interchange.json_rows import Row, RowReader
from embtrainer_gui.core.interchange.shapes import Candidate, spread, without_thoughts
from embtrainer_gui.core.interchange.sources import open_rows, pair_files
from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.core.translate import mark

_KINDS = {
    "factual": QuestionKind.FACT,
    "causal": QuestionKind.CAUSE,
    "numeric": QuestionKind.QUANTITY,
} | {kind.value: kind for kind in QuestionKind}
Rows = Callable[[Path, BinaryIO], Iterable[Row]]
_NOT_STORED = frozenset({"id", "question", "answer", "context"})


@dataclass(frozen=True, slots=True)
class ImportedPair:
    """A pair as its file gave it; texts are stripped, what is missing is "" (or None for ``line_number``)."""

    uid: str
    question: str
    answer: str
    context: str
    file_name: str  # last part only: the predecessor's paths hold user names
    line_number: int | None
    model: str
    kind: QuestionKind
    created_at: str
    run_id: str
    raw: dict[str, Any]  # the record with its keys in order; of a record with several pairs, this pair's share

    @property
    def extra(self) -> dict[str, Any]:
        """What ``QAPair.extra`` stores, in order: all but the id and the texts, which have places of their own."""
        return {key: value for key, value in self.raw.items() if key not in _NOT_STORED}


@dataclass(frozen=True, slots=True)
class RejectedRow:
    line: int
    reason: str
    text: str  # its start, at most 200 characters
    file: str = ""  # of a folder, which file


@dataclass(frozen=True, slots=True)
class RowNote:
    """Something about a row that was taken."""

    line: int
    text: str
    file: str = ""


@dataclass(slots=True)
class PairFile:
    """``lines[n]`` is the line of ``records[n]``."""

    records: list[ImportedPair] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)


def read_pairs(path: Path, columns: Mapping[str, str] | None = None, rows: Rows | None = None) -> PairFile:
    """Read a file of pairs in any shape (recognised by its content), or a folder ``qa_by_file/<stem>/qa.jsonl``.

    A row needs ``question`` and ``answer``. Every other row is in ``rejected`` with its line and the reason. A pair
    without ``id`` gets its line number (in an array its place, from 1; in a folder ``<stem>:<line>``).

    Args:
        columns: our name -> the file's name for ``question``, ``answer``, ``context`` and so on; the pair's ``raw``
            has our name then.
        rows: gives the rows of an open file in the place of ``open_rows``, as records of the exchange format.

    Raises:
        UserError: there is no such file or folder, or a table has no such columns.
        EnvironmentProblem: it cannot be read.
    """
    found = _Collector(columns or {})
    try:
        for file, label, stem in pair_files(path):
            with file.open("rb") as content:
                read = rows(file, content) if rows else open_rows(file, content, RowReader(), columns or {})
                found.take(read, label, stem)
    except OSError as problem:
        raise EnvironmentProblem(
            mark("{path} cannot be read: {reason}."),
            mark("Check that the file is there and that you may read it."),
            path=problem.filename or path,
            reason=problem.strerror or problem,
        ) from problem
    return found.result


def passage_text(record: ImportedPair) -> str:
    """The passage that answers: the context, and the answer where there is none."""
    return record.context or record.answer


def document_name(record: ImportedPair) -> str:
    """The document a pair belongs to: its file name, else a short hash of its passage."""
    return record.file_name or hashlib.sha256(passage_text(record).encode("utf-8")).hexdigest()[:12]


class _Collector:
    def __init__(self, columns: Mapping[str, str]) -> None:
        self.result = PairFile()
        self._ours = {theirs: ours for ours, theirs in columns.items()}
        self._seen: dict[str, tuple[str, bytes]] = {}  # uid -> where, digest of its texts

    def take(self, rows: Iterable[Row], label: str, stem: str) -> None:
        for row in rows:
            if row.problem:
                self._reject(row, row.problem, label)
            elif not isinstance(row.value, dict):
                self._reject(row, mark("not a record but {what}").format(what=_name_of(row.value)), label)
            else:
                for key in row.repeated:
                    text = mark("{key!r} stands twice; the last value was taken").format(key=key)
                    self.result.notes.append(RowNote(row.line, text, label))
                for candidate in spread(self._renamed(row.value)):
                    self._take_candidate(candidate, row, label, stem)

    def _renamed(self, record: dict[str, Any]) -> dict[str, Any]:
        if not self._ours.keys() & record.keys():
            return record
        taken = {ours for theirs, ours in self._ours.items() if theirs in record}
        return {
            self._ours.get(key, key): value for key, value in record.items() if key in self._ours or key not in taken
        }

    def _take_candidate(self, candidate: Candidate, row: Row, label: str, stem: str) -> None:
        texts = {}
        for key in ("question", "answer"):
            value = candidate.raw.get(key)
            text = without_thoughts(value).strip() if isinstance(value, str) else ""
            reason = _missing(key, value, candidate.raw, text)
            if reason:
                self._reject(row, reason, label)
                return
            texts[key] = text
        context = candidate.raw.get("context")
        texts["context"] = context.strip() if isinstance(context, str) else ""
        if "\0" in texts["context"]:
            self._reject(row, mark("the {key} holds a NUL character").format(key="context"), label)
            return
        uid = self._free_uid(candidate, texts, row, label, stem)
        if uid:
            self.result.records.append(_pair(uid, texts, candidate.raw, stem))
            self.result.lines.append(row.line)

    def _free_uid(self, candidate: Candidate, texts: dict[str, str], row: Row, label: str, stem: str) -> str:
        """The pair's id, a fresh one where another pair has it, or "" where the very pair is there already."""
        own = candidate.raw.get("id")
        fallback = f"{stem}:{row.number}" if stem else str(row.number)
        uid = (str(own) if _is_id(own) else fallback) + candidate.suffix
        joined = "\0".join(texts.values())
        digest = hashlib.blake2b(joined.encode("utf-8"), digest_size=16).digest()
        where = f"{label}:{row.line}" if label else str(row.line)
        if uid not in self._seen:
            self._seen[uid] = (where, digest)
            return uid
        # Made from the texts, so that the same file gives the same ids when it is read again.
        fresh = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{uid}\0{joined}"))
        first, first_digest = self._seen[uid]
        if first_digest == digest or fresh in self._seen:
            twin = first if first_digest == digest else self._seen[fresh][0]
            self._reject(row, mark("duplicate of line {line}").format(line=twin), label)
            return ""
        self._seen[fresh] = (where, digest)
        text = mark("line {line} has the same id {uid!r} for another pair; this one got {fresh}")
        self.result.notes.append(RowNote(row.line, text.format(line=first, uid=uid, fresh=fresh), label))
        return fresh

    def _reject(self, row: Row, reason: str, label: str) -> None:
        self.result.rejected.append(RejectedRow(row.line, reason, row.text, label))


def _pair(uid: str, texts: dict[str, str], raw: dict[str, Any], stem: str) -> ImportedPair:
    ours = raw.get("embtrainer")
    kind = ours.get("kind") if isinstance(ours, dict) else None
    return ImportedPair(
        uid=uid,
        **texts,
        file_name=base_name(raw.get("file_name")) or (f"{stem}.txt" if stem else ""),
        line_number=line_number_of(raw.get("line_number")),
        model=text_of(raw.get("model")),
        kind=_KINDS.get((text_of(kind) or text_of(raw.get("question_type"))).casefold(), QuestionKind.UNKNOWN),
        created_at=text_of(raw.get("created_at")),
        run_id=text_of(raw.get("run_id")),
        raw=raw,
    )


def _missing(key: str, value: Any, raw: dict[str, Any], text: str) -> str:
    if key not in raw:
        return mark("no {key}").format(key=key)
    if not isinstance(value, str):
        return mark("the {key} is not text but {what}").format(key=key, what=_name_of(value))
    if "\0" in value:
        return mark("the {key} holds a NUL character").format(key=key)
    if not text:
        if value.strip():
            return mark("the {key} holds nothing but a model's thoughts").format(key=key)
        return mark("the {key} is empty").format(key=key)
    return ""


def _name_of(value: Any) -> str:
    if value is None:
        return mark("null")
    if isinstance(value, bool):
        return mark("true or false")
    if isinstance(value, str):
        return mark("text")
    if isinstance(value, list):
        return mark("a list")
    return mark("an object") if isinstance(value, dict) else mark("a number")


def _is_id(value: Any) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or (isinstance(value, int) and not isinstance(value, bool))
