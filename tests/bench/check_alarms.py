"""The checks on texts (1 to 4 and 8): false alarms on human questions, hits on faults put into them; one JSON line.

python tests/bench/check_alarms.py [SHARED_DATA] [--seed N]

Human pairs of three sets count as sound, so every flag on them is a false alarm. Each fault is put into 200 of them.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from embtrainer_gui.core.records import QuestionKind, Reason
from embtrainer_gui.generate.checks import check_text

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SETS = ("covidqa", "pubmedqa_l", "medquad_dev")
POINTERS = (
    "According to the text, {q}",
    "Based on the given context, {q}",
    "{Q} mentioned above?",
    "{Q} in this study?",
    "{Q} in the passage?",
    "{Q} according to the authors?",
    "{Q} shown in Table 2?",
    "{Q} described in the article?",
    "{Q} in the present study?",
    "What did the researchers say when asked: {q}",
)
Pair = tuple[str, str, str]
"""Question, answer, passage."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    found: dict[str, Any] = {"alarms": {}, "hits": {}}
    sound: list[Pair] = []
    for name in SETS:
        pairs = human_pairs(options.data / "qa" / name)
        flags = Counter(reason.value for pair in pairs for reason in flagged(pair))
        found["alarms"][name] = {"pairs": len(pairs)} | {key: round(n / len(pairs), 4) for key, n in flags.items()}
        sound += [pair for pair in pairs if not flagged(pair)]
    for reason, fault in FAULTS.items():
        spoilt = [fault(pair, rng) for pair in rng.sample(sound, 200)]
        found["hits"][reason.value] = sum(reason in flagged(pair) for pair in spoilt) / len(spoilt)
    print(json.dumps(found))


def human_pairs(folder: Path) -> list[Pair]:
    with (folder / "pairs.jsonl").open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return [(record["question"], record["answer"][:120], record["answer"]) for record in records]  # passages


def flagged(pair: Pair) -> list[Reason]:
    question, answer, passage = pair
    return check_text(question, answer, passage, QuestionKind.FACT)


def pointing(pair: Pair, rng: random.Random) -> Pair:
    bare = pair[0].rstrip("? .")
    return rng.choice(POINTERS).format(q=pair[0][:1].lower() + pair[0][1:], Q=bare), pair[1], pair[2]


def copied(pair: Pair, rng: random.Random) -> Pair:
    words = pair[2].split()
    start = rng.randrange(max(1, len(words) - 12))
    return f"What {' '.join(words[start : start + 10])}?", pair[1], pair[2]


def malformed(pair: Pair, rng: random.Random) -> Pair:
    broken = ("", "Yes?", pair[0] * 8, "Wie wird das in der Leber gebildet und warum?", f"{pair[1][:60]}.")
    return rng.choice(broken), pair[1], pair[2]


def references(pair: Pair, rng: random.Random) -> Pair:
    names = ("Smith J", "Miller AB", "Chen X", "Weiss G", "Ganz T", "Li Q")
    rows = [f"{n}. {', '.join(rng.sample(names, 3))}. J Sci. 20{n + 10}; {n}(2):{n}-{n + 9}." for n in range(1, 9)]
    return pair[0], rows[0], " ".join(rows)


FAULTS: dict[Reason, Callable[[Pair, random.Random], Pair]] = {
    Reason.QUOTE_MISSING: lambda pair, rng: (
        pair[0],
        rng.choice(("", "an answer of its own", pair[1] + " too")),
        pair[2],
    ),
    Reason.NEEDS_PAPER: pointing,
    Reason.COPIED: copied,
    Reason.MALFORMED: malformed,
    Reason.BAD_PASSAGE: references,
}


if __name__ == "__main__":
    main()
