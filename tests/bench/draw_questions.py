"""Draw questions of the built-in generator for a reader, and count what the reader found.

python tests/bench/draw_questions.py draw TABLE --seed N [--count 100] [--passages 150] [--wording careful] [--work DIR]
python tests/bench/draw_questions.py blind TABLE SHUFFLED --seed N       the same questions, other order, no verdicts
python tests/bench/draw_questions.py agree TABLE SHUFFLED                the second verdicts go into TABLE

``draw`` takes a third each from the sample papers, COVID-QA's corpus and body passages of other papers: passages by
seed, the questions of those by the generator as it is, and of all these questions ``count`` by seed. A reader fills in
``verdict`` (1 or 0), ``span`` (1 or 0) and ``reason`` by question_rubric.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.generate_config import WORDINGS
from embtrainer_gui.core.store import open_project
from embtrainer_gui.generate.wordings import builtin_generator
from embtrainer_gui.stages.whole_job import sample_papers

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "qa"
FIELDS = ("number", "source", "kind", "question", "answer", "verdict", "span", "reason", "second", "second_reason")
PASSAGE = "passage"
SOURCES = {
    "sample": "the sample papers",
    "covidqa": "qa/covidqa/corpus.jsonl",
    "crops": "qa/pmc_crops/body_passages.jsonl",
}
Row = dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("draw", "blind", "agree"))
    parser.add_argument("table", type=Path)
    parser.add_argument("shuffled", nargs="?", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--passages", type=int, default=150, help="drawn of each source")
    parser.add_argument("--wording", choices=WORDINGS, default="any")
    parser.add_argument("--work", type=Path, help="keeps the import of the sample papers")
    options = parser.parse_args()
    if options.action == "draw":
        config = GenerateConfig(wording=options.wording)
        rows, figures = draw(config, options.seed, options.count, options.passages, options.work)
        write(options.table, rows, (*FIELDS, PASSAGE))
        print(json.dumps(figures))
    elif options.action == "blind":
        blind(options.table, options.shuffled, options.seed)
    else:
        print(json.dumps(agree(options.table, options.shuffled)))


def draw(
    config: GenerateConfig, seed: int, count: int, passages: int, work: Path | None
) -> tuple[list[Row], dict[str, object]]:
    """Rows in an order of chance, and how many questions a passage gave in each source."""
    rng = random.Random(seed)
    drawn: list[Row] = []
    figures: dict[str, object] = {"seed": seed, "wording": config.wording}
    for number, source in enumerate(SOURCES):
        share = count // 3 + (number < count % 3)
        corpus = texts_of(source, work)
        chosen = rng.sample(corpus, min(passages, len(corpus)))
        generator = builtin_generator(config)
        generator.prepare(corpus)
        started = time.process_time()
        made = [(text, pair) for text, pairs in zip(chosen, generator.make(chosen), strict=True) for pair in pairs]
        seconds = time.process_time() - started
        figures[source] = {
            "passages": len(chosen),
            "questions": len(made),
            "a_passage": round(len(made) / len(chosen), 2),
            "seconds": round(seconds, 1),
        }
        for text, pair in rng.sample(made, share):
            row = {"source": source, "kind": pair.kind.value, "question": pair.question}
            drawn.append(row | {"answer": one_line(pair.answer), PASSAGE: one_line(text)})
    rng.shuffle(drawn)
    return [row | {"number": str(number)} for number, row in enumerate(drawn, 1)], figures


def texts_of(source: str, work: Path | None) -> list[str]:
    if source == "covidqa":
        return [str(record["text"]) for record in lines(SHARED / "covidqa" / "corpus.jsonl")]
    if source == "crops":
        return [str(record["passage"]) for record in lines(SHARED / "pmc_crops" / "body_passages.jsonl")]
    with tempfile.TemporaryDirectory(prefix="draw-questions-") as scratch:
        folder = (work or Path(scratch)) / "sample"
        if not folder.exists():
            command = [sys.executable, "-m", "embtrainer_gui", "import", str(folder), str(sample_papers())]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open_project(folder) as project:
            return [passage.text for passage in project.passages.in_use()]


def lines(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def blind(table: Path, shuffled: Path, seed: int) -> None:
    rows = read(table)
    random.Random(seed).shuffle(rows)
    empty = dict.fromkeys(("source", "verdict", "span", "reason", "second", "second_reason"), "")
    write(shuffled, [row | empty for row in rows], (*FIELDS, PASSAGE))


def agree(table: Path, shuffled: Path) -> dict[str, object]:
    """Puts the second verdicts beside the first; shares, agreement, and Cohen's kappa of the two."""
    second = {row["number"]: row for row in read(shuffled)}
    rows = [
        row | {"second": second[row["number"]]["verdict"], "second_reason": second[row["number"]]["reason"]}
        for row in read(table)
    ]
    write(table, rows, FIELDS)
    first, again = ([row[name] == "1" for row in rows] for name in ("verdict", "second"))
    spans = [row["span"] == "1" for row in rows if row["span"]]
    return {
        "questions": len(rows),
        "acceptable": share(first),
        "acceptable_second": share(again),
        "acceptable_both": share([one and other for one, other in zip(first, again, strict=True)]),
        "agreement": share([one == other for one, other in zip(first, again, strict=True)]),
        "kappa": round(kappa(first, again), 3),
        "right_span": share(spans),
        "spans_judged": len(spans),
    }


def kappa(first: Sequence[bool], again: Sequence[bool]) -> float:
    """Cohen's kappa of two readers: 1 is full agreement, 0 what chance gives."""
    same = share([one == other for one, other in zip(first, again, strict=True)])
    a, b = share(first), share(again)
    chance = a * b + (1 - a) * (1 - b)
    return (same - chance) / (1 - chance) if chance < 1 else 1.0


def share(found: Sequence[bool]) -> float:
    return round(sum(found) / max(len(found), 1), 3)


def one_line(text: str) -> str:
    return " ".join(text.split())


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None))


def write(path: Path, rows: Sequence[Row], names: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(
            file, names, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, extrasaction="ignore", restval=""
        )
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
