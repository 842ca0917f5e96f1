"""Training against the plain sentence-transformers script on the same pairs, interleaved; one JSON line.

python tests/bench/training_speed.py [SHARED_DATA] [--pairs 1500] [--runs 3] [--eval]

The bare case: one epoch, batch 32, 256 tokens, no evaluation. Ours as it trains by default, with the two teachers, and
bare, without them. Pairs: the built-in generator over COVID-QA's passages. With ``--eval`` both search medquad_dev
within the run as their ways are (the script ten times, ours seven times with as many questions as training is worth),
and the time is that of the whole run, ours with loading, choosing and saving.
Each run has a seed of its own; ``ndcg`` is that of the final models on COVID-QA's own questions, encoded in float32.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import GenerateConfig, TrainConfig
from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.training_plan import stand_ins_of
from embtrainer_gui.generate.builtin import BuiltinGenerator
from embtrainer_gui.stages.training_data import ALIKE_PASSAGES, phrases_of
from embtrainer_gui.text.near_duplicate import groups, near_pairs, sketch

if TYPE_CHECKING:
    from embtrainer_gui.ml.request import DevSet

SEEDS = (42, 1, 2)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def make_pairs(data: Path, out: Path, count: int) -> None:
    """The first ``count`` questions of passages in the order of the corpus, as the program trains on them (a passage
    makes three and more)."""
    with (data / "qa" / "covidqa" / "corpus.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file][: max(600, count // 2)]
    generator = BuiltinGenerator(GenerateConfig())
    generator.prepare([row["text"] for row in rows])
    written = 0
    with out.open("w", encoding="utf-8") as file:
        for row, questions in zip(rows, generator.make([row["text"] for row in rows]), strict=True):
            for question in questions:
                if written < count:
                    pair = {"question": question.question, "context": row["text"], "kind": question.kind}
                    pair["paper"] = row["_id"].split("-")[0]
                    file.write(json.dumps(pair) + "\n")
                    written += 1


def ours(
    pairs: Path, out: Path, values: dict[str, object], apart: bool, searched: Path | None, corpus: Path | None
) -> None:
    """Child: train as the program does, with the set ``searched`` as dev set; prints what the baseline prints. With
    ``apart``, as in a project: keyword queries are no questions but general ones, near-duplicates are kept out of a
    batch, and passages of one paper come into it together. A project also knows the passages of ``corpus``, up to the
    last one with a question, that have none."""
    from embtrainer_gui.ml.request import DevSet, TrainingRequest
    from embtrainer_gui.ml.trainer import train

    config = TrainConfig.model_validate({"epochs": 1, "batch_size": 32, **values})
    rows = [json.loads(line) for line in pairs.open(encoding="utf-8")]
    questions = len(rows)
    rows += _stand_ins(rows, corpus, config) if corpus else []
    passages = list(dict.fromkeys(row["context"] for row in rows))
    row_of = {text: row for row, text in enumerate(passages)}
    paper_of = {row["context"]: row["paper"] for row in rows}
    papers = list(dict.fromkeys(paper_of.values()))
    asked = [(row["question"], row_of[row["context"]]) for row in rows]
    is_general = [apart and row["kind"] == QuestionKind.KEYWORD for row in rows]
    alike = near_pairs([sketch(text) for text in passages], ALIKE_PASSAGES) if apart else []
    request = TrainingRequest(
        config=config,
        base_model_dir=bundled_folder(),
        out_dir=out,
        passages=passages,
        passage_groups=groups(len(passages), alike),
        documents=[papers.index(paper_of[text]) for text in passages] if apart else (),
        pairs=[pair for pair, general in zip(asked, is_general, strict=True) if not general],
        general=[pair for pair, general in zip(asked, is_general, strict=True) if general],
        dev=_dev(searched) if searched else DevSet(),
    )
    cpu = time.process_time()
    result = train(request, Silent())
    cpu = time.process_time() - cpu
    wall = result.seconds if searched else result.training_seconds
    print(
        json.dumps(
            {
                "pairs": questions,
                "stand_ins": len(rows) - questions,
                "wall_s": round(wall, 1),
                "cpu_s": round(cpu, 1),
                "pairs_per_s": questions / wall,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def _stand_ins(rows: list[dict[str, str]], corpus: Path, config: TrainConfig) -> list[dict[str, str]]:
    with corpus.open(encoding="utf-8") as file:
        known = [json.loads(line) for line in file]
    texts = [row["text"] for row in known]
    touched = {row["context"] for row in rows}
    last = max(place for place, text in enumerate(texts) if text in touched)
    having = {row["context"] for row in rows if row["kind"] != QuestionKind.KEYWORD}
    asked = {place for place, text in enumerate(texts) if text in having}
    others = [place for place in range(last + 1) if place not in asked]
    phrases = phrases_of(texts, asked, others, partial(stand_ins_of, config), config.seed)
    return [
        {"question": phrase, "context": texts[place], "kind": "phrase", "paper": known[place]["_id"].split("-")[0]}
        for place, phrase in phrases.items()
    ]


def _dev(folder: Path) -> DevSet:
    """The questions and passages of a set, as a project's dev papers are given."""
    from embtrainer_gui.ml.request import DevSet
    from embtrainer_gui.stages.question_set import folder_set

    found = folder_set(folder)
    return DevSet(found.questions, found.texts, found.relevant)


def measured(command: list[str]) -> dict[str, float]:
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(result.stdout.strip().splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--pairs", type=int, default=1500)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ours", nargs=2, type=Path, help="used by the benchmark itself")
    parser.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE", help="the same: fields of TrainConfig")
    parser.add_argument(
        "--apart", action="store_true", help="the same: keyword queries and near-duplicates apart, papers together"
    )
    parser.add_argument("--eval", action="store_true", help="search medquad_dev within each run")
    parser.add_argument("--corpus", type=Path, help="the same: where passages without a question are")
    parser.add_argument("--searched", type=Path, help="used by the benchmark itself: the dev set")
    options = parser.parse_args()
    if options.ours:
        pairs, out = options.ours
        values = dict(value.split("=") for value in options.set)
        ours(pairs, out, values, options.apart, options.searched, options.corpus)
        return
    with tempfile.TemporaryDirectory() as folder:
        runs = contest(options.data, Path(folder), options.pairs, options.runs, options.eval)
        found = summary(runs) | ndcg(options.data, Path(folder), options.runs)
    print(json.dumps({"pairs": options.pairs, **found, "load_average": round(os.getloadavg()[0], 2)}))


def contest(data: Path, folder: Path, count: int, runs: int, searched: bool) -> dict[str, list[dict[str, float]]]:
    """What each contestant printed, run by run; the models stay in ``folder``."""
    pairs = folder / "pairs.jsonl"
    make_pairs(data, pairs, count)
    dev = str(data / "qa" / "medquad_dev")
    script = [sys.executable, str(data.parent / "tools" / "baseline_train.py"), str(pairs)]
    flags = ["--epochs", "1", "--batch", "32", "--max-seq", "256", *(["--eval", dev] if searched else [])]
    mine = [sys.executable, __file__, *(["--searched", dev] if searched else []), "--ours", str(pairs)]
    found: dict[str, list[dict[str, float]]] = {"plain": [], "ours": [], "bare": []}
    for run in range(runs):
        seed = str(SEEDS[run % len(SEEDS)])
        own = ["--set", f"seed={seed}", "soup=1"]
        found["plain"].append(measured([*script, f"{folder}/plain-{run}", *flags, "--seed", seed]))
        found["ours"].append(measured([*mine, f"{folder}/ours-{run}", *own]))
        found["bare"].append(measured([*mine, f"{folder}/bare-{run}", *own, "remember=0", "lexical=0"]))
    return found


def ndcg(data: Path, folder: Path, runs: int) -> dict[str, object]:
    """nDCG@10 on COVID-QA's own questions of each contestant's final models, run by run."""
    from equal_minutes import scores, tool

    judge, questions = tool(data), data / "qa" / "covidqa"
    return {
        f"{name}_ndcg": [
            round(float(scores(judge, questions, f"{folder}/{name}-{run}/final_model", half=False).mean()), 4)
            for run in range(runs)
        ]
        for name in ("plain", "ours", "bare")
    }


def summary(runs: dict[str, list[dict[str, float]]]) -> dict[str, object]:
    """Medians of each contestant, and the ratios run by run to the plain script."""
    found: dict[str, object] = {}
    for name, measures in runs.items():
        speeds = [run["pairs_per_s"] for run in measures]
        found[f"{name}_peak_mb"] = max(run.get("peak_mb", 0) for run in measures)
        found[f"{name}_pairs_per_s"] = round(statistics.median(speeds), 2)
        found[f"{name}_cpu_s"] = statistics.median(run["cpu_s"] for run in measures)
        if name != "plain":
            ratios = [speed / plain["pairs_per_s"] for speed, plain in zip(speeds, runs["plain"], strict=True)]
            spread = (min(ratios), statistics.median(ratios), max(ratios))
            found[f"{name}_ratio"] = [round(ratio, 2) for ratio in spread]
    return found


if __name__ == "__main__":
    main()
