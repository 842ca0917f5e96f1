"""The checks on vectors (5 to 7): false alarms on human questions, hits on faults put into them; one JSON line.

python tests/bench/check_vector_alarms.py [SHARED_DATA] [--sets NAME ...] [--seed N] [--threads N]

Human questions and the passages that answer them count as sound, so every flag is a false alarm. Each fault is put into
200 of those that are not flagged: the same question in a few more words (near-duplicate), a question with a passage of
another paper drawn at random (not found), and one with the best other passage in the place of its own (ambiguous).
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import BUNDLED_MODEL
from embtrainer_gui.generate.checks import ROUND_TRIP_TOP, ambiguous, near_duplicate_questions, round_trip
from embtrainer_gui.ml.encoder import Encoder
from embtrainer_gui.text.bm25 import Bm25Index

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SETS = ("covidqa", "pubmedqa_l", "medquad_dev")
FAULTS = 200
LENGTH = 256  # tokens
Vectors = NDArray[np.float32]


class Set:
    """The questions of a set, each with the row of one passage that answers it."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        passages = {
            row["_id"]: f"{row.get('title', '')} {row['text']}".strip() for row in _rows(folder / "corpus.jsonl")
        }
        texts = {row["_id"]: row["text"] for row in _rows(folder / "queries.jsonl")}
        place = {key: row for row, key in enumerate(passages)}
        own: dict[str, int] = {}
        for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            question, passage, _ = line.split("\t")
            own.setdefault(question, place[passage])
        self.questions = [texts[key] for key in own]
        self.own = list(own.values())
        self.papers = [key.rsplit("-", 1)[0] for key in passages]
        self.lexical = Bm25Index.build(list(passages.values()))
        self.passage_vectors = encoder.encode_passages(list(passages.values()))
        self.vectors = encoder.encode_queries(self.questions)

    def flags(self, rows: Sequence[int], own: Sequence[int]) -> tuple[list[bool], list[bool]]:
        """Of questions with these passages: not found, ambiguous."""

        def rank(position: int) -> int | None:
            found = [row for row, _ in self.lexical.search(self.questions[rows[position]], ROUND_TRIP_TOP)]
            return found.index(own[position]) + 1 if own[position] in found else None

        def scores(position: int) -> NDArray[np.float32]:
            return self.lexical.scores(self.questions[rows[position]])

        vectors = self.vectors[list(rows)]
        missed = [not found for found in round_trip(vectors, self.passage_vectors, own, rank)]
        return missed, [rival is not None for rival in ambiguous(vectors, self.passage_vectors, own, scores)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    if options.threads:
        import torch

        torch.set_num_threads(options.threads)
    encoder = Encoder(model_folder(BUNDLED_MODEL), LENGTH)
    found = {name: measured(Set(options.data / "qa" / name, encoder), encoder, options.seed) for name in options.sets}
    print(json.dumps(found))


def measured(questions: Set, encoder: Encoder, seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    rows = list(range(len(questions.questions)))
    alike = [first is not None for first in near_duplicate_questions(questions.vectors)]
    missed, rivalled = questions.flags(rows, questions.own)
    sound = [row for row in rows if not (alike[row] or missed[row] or rivalled[row])]
    drawn = rng.sample(sound, min(FAULTS, len(sound)))
    again = encoder.encode_queries([f"Please tell me: {questions.questions[row]}" for row in drawn])
    double = near_duplicate_questions(np.concatenate([questions.vectors[drawn], again]))[len(drawn) :]
    others = [_of_another_paper(questions, questions.own[row], rng) for row in drawn]
    second = [_best_other(questions, row) for row in drawn]
    share = lambda flags: round(float(np.mean(flags)), 4)  # noqa: E731
    return {
        "questions": len(rows),
        "alarms": {"duplicate": share(alike), "not-found": share(missed), "ambiguous": share(rivalled)},
        "hits": {
            "duplicate": share([first is not None for first in double]),
            "not-found": share(questions.flags(drawn, others)[0]),
            "ambiguous": share(questions.flags(drawn, second)[1]),
            "ambiguous or not found": share(np.any(questions.flags(drawn, second), axis=0)),
        },
        "of": len(drawn),
    }


def _of_another_paper(questions: Set, own: int, rng: random.Random) -> int:
    paper = questions.papers[own]
    return rng.choice([row for row, other in enumerate(questions.papers) if other != paper])


def _best_other(questions: Set, row: int) -> int:
    scores = questions.passage_vectors @ questions.vectors[row]
    scores[questions.own[row]] = -np.inf
    return int(scores.argmax())


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
