"""Draw the general questions that every run is checked on (resources/general) from MedQuAD's dev part, by a seed.

python tests/bench/draw_general_set.py [SHARED_DATA] [--out DIR] [--seed 42]

300 questions, all their right passages, and others up to 400 passages. ``document`` of a passage is the article that it
is from: questions about one article are not independent.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
QUESTIONS, PASSAGES = 300, 400


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "general")
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    source = options.data / "qa" / "medquad_dev"
    queries, corpus, pairs = (lines(source / f"{name}.jsonl") for name in ("queries", "corpus", "pairs"))
    with (source / "qrels.tsv").open(encoding="utf-8") as file:
        marked = [(row["query-id"], row["corpus-id"]) for row in csv.DictReader(file, delimiter="\t")]
    article = {row["answer"]: f"{row['source']}/{row['doc_id'].rsplit('_', 1)[0]}" for row in pairs}
    rng = np.random.default_rng(options.seed)
    chosen = {queries[i]["_id"] for i in rng.choice(len(queries), QUESTIONS, replace=False)}
    right = {passage for question, passage in marked if question in chosen}
    others = [row["_id"] for row in corpus if row["_id"] not in right]
    kept = right | {others[i] for i in rng.choice(len(others), PASSAGES - len(right), replace=False)}
    options.out.mkdir(parents=True, exist_ok=True)
    write(options.out / "queries.jsonl", [row for row in queries if row["_id"] in chosen])
    write(
        options.out / "corpus.jsonl",
        [{**row, "document": article[row["text"]]} for row in corpus if row["_id"] in kept],
    )
    table = [f"{question}\t{passage}\t1\n" for question, passage in marked if question in chosen]
    (options.out / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(table), encoding="utf-8")


def lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
