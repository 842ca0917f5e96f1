"""The files of a run bundle: a training run packed to be trained on another computer, and what comes back.

``bundle.json`` describes and seals the data, ``run/`` is the run's folder there, ``result.json`` seals what it made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from embtrainer_gui.core.config import EARLIER, TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.model_files import file_digest
from embtrainer_gui.ml.request import DevSet
from embtrainer_gui.stages.judgements import Judgements
from embtrainer_gui.stages.training_data import TrainingData

FORMAT = 1
BUNDLE, RESULT, RUN, BASE, DATA = "bundle.json", "result.json", "run", "base_model", "data"
PASSAGES, PAIRS, KEYWORDS = f"{DATA}/passages.jsonl", f"{DATA}/pairs.jsonl", f"{DATA}/keyword_queries.jsonl"
DEV_PASSAGES, DEV_QUESTIONS = f"{DATA}/dev_passages.jsonl", f"{DATA}/dev_questions.jsonl"
PAPERS, TITLES, JUDGED = f"{DATA}/papers.jsonl", f"{DATA}/titles.jsonl", f"{DATA}/doubtful_passages.jsonl"
DATA_FILES = (PASSAGES, PAIRS, KEYWORDS, DEV_PASSAGES, DEV_QUESTIONS, PAPERS, TITLES, JUDGED)
Sealed = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Bundle:
    """``fingerprint`` is that of the project's data when it was packed, ``base_hash`` that of the base model's files,
    ``files`` all that came with it, ``identity`` changes with any of these."""

    project: str
    fingerprint: str
    config: TrainConfig
    base_hash: str
    base_included: bool
    stand_ins: int  # of the pairs
    files: Sealed
    identity: str


def is_bundle(folder: Path) -> bool:
    return (folder / BUNDLE).is_file()


def read_bundle(folder: Path) -> Bundle:
    """Raises UserError where ``bundle.json`` is missing, damaged or of another version."""
    path = folder / BUNDLE
    told = read_object(path)
    if told.get("format") != FORMAT:
        raise UserError(
            mark("{path} was written by another version of this program."),
            mark("Use the same version on both computers, or pack the run again."),
            path=path,
        )
    try:
        return Bundle(
            project=str(told["project"]),
            fingerprint=str(told["data_fingerprint"]),
            config=TrainConfig.model_validate(EARLIER | told["config"]),
            stand_ins=int(told.get("stand_ins", 0)),
            base_hash=str(told["base_model"]["hash"]),
            base_included=bool(told["base_model"]["included"]),
            files=dict(told["files"]),
            identity=hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest(),
        )
    except (KeyError, TypeError, ValueError, ValidationError) as problem:
        raise damaged(path, problem) from problem


def write_data(folder: Path, data: TrainingData) -> None:
    """Write ``DATA_FILES`` below ``folder``."""
    (folder / DATA).mkdir()
    rows = zip(data.passages, data.groups, data.documents, strict=True)
    _write(folder / PASSAGES, ({"text": text, "group": group, "document": number} for text, group, number in rows))
    answers = data.answers or [""] * len(data.pairs)
    asked_of = zip(data.pairs, answers, strict=True)
    _write(folder / PAIRS, ({"question": q, "passage": row, "answer": answer} for (q, row), answer in asked_of))
    _write(folder / KEYWORDS, ({"question": question, "passage": row} for question, row in data.general))
    _write(folder / PAPERS, ({"paper": paper} for paper in data.papers))
    _write(folder / TITLES, ({"title": title, "text": text, "group": group} for title, text, group in data.titles))
    judged = [(*pair, False) for pair in data.judged.spared] + [(*pair, True) for pair in data.judged.cleared]
    _write(folder / JUDGED, ({"question": q, "passage": row, "wrong": wrong} for q, row, wrong in judged))
    _write(folder / DEV_PASSAGES, ({"text": text} for text in data.dev.passages))
    asked = zip(data.dev.questions, data.dev.relevant, strict=True)
    _write(folder / DEV_QUESTIONS, ({"question": question, "relevant": dict(rows)} for question, rows in asked))


def read_data(folder: Path) -> TrainingData:
    """What ``write_data`` wrote. Raises UserError that names the file which is damaged."""
    passages, dev_passages = list(_rows(folder / PASSAGES)), list(_rows(folder / DEV_PASSAGES))
    answers = _column(folder / PAIRS, list(_rows(folder / PAIRS)), "answer", str)
    return TrainingData(
        passages=_column(folder / PASSAGES, passages, "text", str),
        groups=_column(folder / PASSAGES, passages, "group", int),
        documents=_column(folder / PASSAGES, passages, "document", int),
        pairs=_pairs(folder / PAIRS, len(passages)),
        general=_pairs(folder / KEYWORDS, len(passages)),
        dev=_dev_set(folder, _column(folder / DEV_PASSAGES, dev_passages, "text", str)),
        papers=_column(folder / PAPERS, list(_rows(folder / PAPERS)), "paper", str),
        answers=answers if any(answers) else [],
        titles=_titles(folder / TITLES),
        judged=_judged(folder / JUDGED, len(passages)),
        asked=[],
        passage_ids=[],
    )


def sealed(folder: Path, paths: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """Size and hash of each file, by its path below ``folder``."""
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "blake2b": file_digest(path)}
        for path in sorted(paths)
    }


def check_files(folder: Path, files: Sealed) -> None:
    """Raise UserError that names the first of ``files`` that is missing, changed, or not below ``folder``."""
    root = folder.resolve()
    for name, entry in files.items():
        path = folder / name
        if not path.resolve().is_relative_to(root) or path.is_symlink():
            raise damaged(path, mark("it leads out of the folder"))
        if not path.is_file():
            raise damaged(path, mark("it is missing"))
        if path.stat().st_size != entry.get("bytes") or file_digest(path) != entry.get("blake2b"):
            raise damaged(path, mark("it is not what was sealed"))


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in ``path``, or UserError that names it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise damaged(path, problem) from problem
    if not isinstance(found, dict):
        raise damaged(path, mark("it holds no JSON object"))
    return found


def damaged(path: Path, reason: object) -> UserError:
    return UserError(
        mark("{path} cannot be used: {reason}."),
        mark("Copy the folder again as a whole from where it was written."),
        path=path,
        reason=reason,
    )


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError(line[:80])
                yield row
    except (OSError, ValueError, RecursionError) as problem:
        raise damaged(path, problem) from problem


def _column(path: Path, rows: Sequence[Mapping[str, Any]], name: str, kind: type) -> list[Any]:
    values = [row.get(name) for row in rows]
    if not all(isinstance(value, kind) for value in values):
        raise damaged(path, mark("a row lacks {name!r}").format(name=name))
    return values


def _pairs(path: Path, passages: int) -> list[tuple[str, int]]:
    rows = list(_rows(path))
    found = zip(_column(path, rows, "question", str), _column(path, rows, "passage", int), strict=True)
    return [(question, _within(path, row, passages)) for question, row in found]


def _judged(path: Path, passages: int) -> Judgements:
    pairs, found = _pairs(path, passages), Judgements()
    for pair, wrong in zip(pairs, _column(path, list(_rows(path)), "wrong", bool), strict=True):
        (found.cleared if wrong else found.spared).append(pair)
    return found


def _titles(path: Path) -> list[tuple[str, str, int]]:
    rows = list(_rows(path))
    columns = (_column(path, rows, name, kind) for name, kind in (("title", str), ("text", str), ("group", int)))
    return list(zip(*columns, strict=True))


def _dev_set(folder: Path, passages: Sequence[str]) -> DevSet:
    path = folder / DEV_QUESTIONS
    rows = list(_rows(path))
    try:
        relevant = [{_within(path, int(row), len(passages)): int(grade) for row, grade in each["relevant"].items()}
                    for each in rows]  # fmt: skip
    except (KeyError, AttributeError, TypeError, ValueError) as problem:
        raise damaged(path, problem) from problem
    return DevSet(_column(path, rows, "question", str), passages, relevant)


def _within(path: Path, row: int, passages: int) -> int:
    if not 0 <= row < passages:
        raise damaged(path, mark("it names passage {row} of {passages}").format(row=row, passages=passages))
    return row
