"""Quality on human questions that the generator never saw, one JSON line.

python tests/bench/human_questions.py [SHARED_DATA] [--seed N] [--per-passage N] [--epochs N] [--work DIR]

The corpus of COVID-QA goes through import, generate, accept and train; ``export --as model`` is scored by the shared
tool on COVID-QA's own questions, and on two other sets to see what was forgotten.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SETS = ("covidqa", "pubmedqa_l", "medquad_dev")


def embtrainer(*arguments: object) -> dict[str, object]:
    command = [sys.executable, "-m", "embtrainer_gui", *map(str, arguments), "--json"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{command}: exit {result.returncode}: {result.stdout[-500:]}")
    found: dict[str, object] = json.loads(result.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--per-passage", type=int)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    work = options.work or Path(tempfile.mkdtemp(prefix="human-questions-"))
    project, model = work / "project", work / "model"
    more = ["--per-passage", options.per_passage] if options.per_passage else []
    epochs = ["--epochs", options.epochs] if options.epochs else []
    started = time.monotonic()
    if not project.exists():
        embtrainer("import", project, options.data / "qa" / "covidqa" / "corpus.jsonl")
        made = embtrainer("generate", project, "--seed", options.seed, *more)
        accepted = embtrainer("pairs", project, "accept", "--checks", "clean")
    else:
        made, accepted = {}, {}
    trained = embtrainer("train", project, "--seed", options.seed, *epochs)
    embtrainer("export", project, "--as", "model", model)
    seconds = time.monotonic() - started
    scores = {}
    for name in SETS:
        tool = [sys.executable, options.data.parent / "tools" / "retrieval_eval.py", options.data / "qa" / name]
        found = subprocess.run([*tool, "base", model, "bm25"], capture_output=True, text=True, check=True).stdout
        models = json.loads(found)["models"]
        tuned = models[str(model)]
        scores[name] = {
            "base": round(models["base"]["ndcg@10"], 4),
            "tuned": round(tuned["ndcg@10"], 4),
            "bm25": round(models["bm25"]["ndcg@10"], 4),
            "delta": round(tuned["delta"], 4),
            "ci95": [round(value, 4) for value in tuned["ci95"]],
        }
    print(
        json.dumps(
            {
                "seed": options.seed,
                "made": made.get("made"),
                "accepted": accepted.get("accepted"),
                "pairs": trained["pairs"],
                "steps": trained["steps"],
                "best_step": trained["best_step"],
                "train_seconds": trained["seconds"],
                "seconds": round(seconds, 1),
                "scores": scores,
            }
        )
    )


if __name__ == "__main__":
    main()
