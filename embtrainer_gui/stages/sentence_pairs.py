"""Pairs of sentences with the score that people gave them, from a table or a JSONL file that nobody vouches for."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark

CURE = mark("The file needs the columns sentence1, sentence2 and score: CSV, TSV, or JSONL with these keys.")
NAMES = {
    "sentence1": ("sentence1", "sentence_1", "text1", "first"),
    "sentence2": ("sentence2", "sentence_2", "text2", "second"),
    "score": ("score", "similarity", "similarity_score", "label"),
}
TABLES = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
LARGEST = 256 * 2**20  # bytes
MOST = 100_000  # pairs
LONGEST = 20_000  # characters of a sentence
FEWEST = 3


@dataclass(frozen=True, slots=True)
class SentencePairs:
    """``scores[i]`` says how alike ``first[i]`` and ``second[i]`` are, on any scale."""

    name: str
    first: list[str]
    second: list[str]
    scores: list[float]


def read_sentence_pairs(path: Path) -> SentencePairs:
    """Raises UserError for a file that is missing, too large or not of that form, with the line that is at fault."""
    try:
        if path.stat().st_size > LARGEST:
            raise UserError(mark("{path} is larger than {limit} MB."), CURE, path=path, limit=LARGEST // 2**20)
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as problem:
        raise UserError(mark("{path} cannot be read: {detail}."), CURE, path=path, detail=problem) from problem
    found = SentencePairs(path.stem, [], [], [])
    rows = _table(path, text) if path.suffix.lower() in TABLES else _lines(path, text)
    for line, row in rows:
        if len(found.scores) == MOST:
            raise UserError(mark("{path} has more than {limit} pairs."), CURE, path=path, limit=MOST)
        first, second, score = (_value(row, name) for name in NAMES)
        number = _number(score)
        if not isinstance(first, str) or not isinstance(second, str) or number is None:
            raise UserError(mark("{path}, line {line}: no two sentences with a score."), CURE, path=path, line=line)
        found.first.append(first[:LONGEST])
        found.second.append(second[:LONGEST])
        found.scores.append(number)
    if len(set(found.scores)) < 2 or len(found.scores) < FEWEST:
        raise UserError(
            mark("{path} has {count} pairs of sentences; it takes three or more, with different scores."),
            CURE,
            path=path,
            count=len(found.scores),
        )
    return found


def _table(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=TABLES[path.suffix.lower()])
    try:
        names = [(name or "").strip().casefold() for name in reader.fieldnames or ()]
        missing = [name for name, others in NAMES.items() if not set(others) & set(names)]
        if missing:
            raise UserError(mark("{path} has no column {missing}."), CURE, path=path, missing=", ".join(missing))
        reader.fieldnames = names
        for row in reader:
            yield reader.line_num, row
    except csv.Error as problem:
        raise UserError(
            mark("{path}, line {line}: {detail}."), CURE, path=path, line=reader.line_num, detail=problem
        ) from problem


def _lines(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as problem:
            raise UserError(
                mark("{path}, line {line}: {detail}."), CURE, path=path, line=number, detail=problem
            ) from problem
        yield number, row if isinstance(row, dict) else {}


def _value(row: Mapping[str, Any], name: str) -> Any:
    return next((row[key] for key in NAMES[name] if row.get(key) is not None), None)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
