"""People's questions on real passages, as a request that a tiny model trains on in seconds."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.ml.request import DevSet, TrainingRequest
from embtrainer_gui.text.near_duplicate import groups, near_pairs, sketch

TRAINING, DEV = 60, 40


def real_request(shared_data: Path, model: Path, out: Path, **config: object) -> TrainingRequest:
    """60 pairs to train on and 40 dev questions of other papers, over passages of those papers."""
    folder = shared_data / "qa" / "covidqa"
    texts = {row["_id"]: row["text"] for row in _lines(folder / "corpus.jsonl")}
    asked = {row["_id"]: row["text"] for row in _lines(folder / "queries.jsonl")}
    with (folder / "qrels.tsv").open(encoding="utf-8") as file:
        marked = [(row["query-id"], row["corpus-id"]) for row in csv.DictReader(file, delimiter="\t")]
    train, rest = marked[:TRAINING], marked[TRAINING:]
    seen = {paper(passage) for _, passage in train}
    dev = [pair for pair in rest if paper(pair[1]) not in seen][:DEV]
    asked_of = {passage for _, passage in train}
    keys = [key for n, key in enumerate(texts) if key in asked_of or (paper(key) in seen and n % 3 == 0)]
    row_of = {key: row for row, key in enumerate(keys)}
    passages = [texts[key] for key in keys]
    papers = {name: number for number, name in enumerate(dict.fromkeys(map(paper, keys)))}
    values: dict[str, Any] = {
        "epochs": 5, "batch_size": 8, "learning_rate": 1e-3, "max_seq_length": 48, "evaluations": 1, **config,
    }  # fmt: skip
    return TrainingRequest(
        config=TrainConfig.model_validate(values),
        base_model_dir=model,
        out_dir=out / "run",
        passages=passages,
        passage_groups=groups(len(passages), near_pairs([sketch(text) for text in passages], 0.5)),
        pairs=[(asked[question], row_of[passage]) for question, passage in train],
        dev=_dev(dev, asked, texts),
        documents=[papers[paper(key)] for key in keys],
    )


def paper(passage: str) -> str:
    return passage.rsplit("-", 1)[0]


def _dev(pairs: list[tuple[str, str]], asked: Mapping[str, str], texts: Mapping[str, str]) -> DevSet:
    papers, marked = {paper(passage) for _, passage in pairs}, {passage for _, passage in pairs}
    keys = [key for n, key in enumerate(texts) if key in marked or (paper(key) in papers and n % 3 == 0)]
    relevant: dict[str, dict[int, int]] = {}
    for question, passage in pairs:
        relevant.setdefault(question, {})[keys.index(passage)] = 1
    return DevSet([asked[key] for key in relevant], [texts[key] for key in keys], list(relevant.values()))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]
