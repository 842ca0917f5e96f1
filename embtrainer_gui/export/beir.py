"""A retrieval set in the BEIR layout: corpus.jsonl, queries.jsonl, qrels.tsv."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from embtrainer_gui.core.files import atomic_write
from embtrainer_gui.core.new_folder import new_folder
from embtrainer_gui.core.records import Passage, QAPair


def write_beir(out: Path, passages: Iterable[Passage], titles: Mapping[int, str], pairs: Iterable[QAPair]) -> int:
    """Write folder ``out`` (new or empty) as a whole, or not at all; gives the number of queries.

    Records hold ``_id``, ``title`` and ``text`` alone, since loaders embed what they find. Pairs that ask the same
    question are one query with several relevant passages: two queries would each count the other's passage as wrong.

    Args:
        passages: everything that is searched, in reading order.
        titles: document id -> title; a document that is not in it has none.
        pairs: each pair's passage is among ``passages``.

    Raises:
        UserError: ``out`` is there and not empty.
        EnvironmentProblem: the folder cannot be written.
    """
    with new_folder(out) as draft:
        keys = _write_corpus(draft / "corpus.jsonl", passages, titles)
        queries = _queries(pairs, keys)
        atomic_write(
            draft / "queries.jsonl",
            lambda file: file.writelines(_line({"_id": uid, "text": text}) for text, (uid, _) in queries.items()),
        )
        _write_qrels(draft / "qrels.tsv", queries.values())
    return len(queries)


def _write_corpus(path: Path, passages: Iterable[Passage], titles: Mapping[int, str]) -> dict[int, str]:
    """Passage id -> the key that stands in the file."""
    keys: dict[int, str] = {}

    def write(file: BinaryIO) -> None:
        for passage in passages:
            keys[passage.id] = passage.key
            title = titles.get(passage.document_id, "")
            file.write(_line({"_id": passage.key, "title": title, "text": passage.text}))

    atomic_write(path, write)
    return keys


def _queries(pairs: Iterable[QAPair], keys: Mapping[int, str]) -> dict[str, tuple[str, dict[str, None]]]:
    """Question -> the id of the first pair that asks it, and the keys of all passages that answer it."""
    queries: dict[str, tuple[str, dict[str, None]]] = {}
    for pair in pairs:
        if pair.passage_id in keys:  # else of a part of its paper that is no longer searched
            queries.setdefault(pair.question, (pair.uid, {}))[1][keys[pair.passage_id]] = None
    return queries


def _write_qrels(path: Path, queries: Iterable[tuple[str, dict[str, None]]]) -> None:
    def write(file: BinaryIO) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        table = csv.writer(text, delimiter="\t", lineterminator="\n")
        table.writerow(("query-id", "corpus-id", "score"))
        table.writerows((uid, key, 1) for uid, keys in queries for key in keys)
        text.detach()

    atomic_write(path, write)


def _line(record: dict[str, str]) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode("utf-8") + b"\n"
