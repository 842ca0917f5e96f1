"""What papers and passages cost in stages that no other bench measures: python tests/bench/scale_inputs.py PROJECT

PROJECT holds papers that were read; texts beyond its own are halves of its passages put together. Processor seconds,
one thread; memory is what the process grew by. The other inputs of the manual's page "How it scales" are in RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.records import Passage
from embtrainer_gui.core.store import open_project
from embtrainer_gui.generate.builtin import BuiltinGenerator
from embtrainer_gui.ml.encoder import Encoder
from embtrainer_gui.stages.likeness import LikenessIndex
from embtrainer_gui.text.bm25 import Bm25Index

PAPERS, ROWS, ASKED, ENCODED = 4000, 40_000, 120, 64
SKETCH = 128  # values of a paper


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("project", type=Path)
    with open_project(parser.parse_args().project) as project:
        passages, _, grown = measured(lambda: list(project.passages.in_use()))
        papers = len({passage.document_id for passage in passages})
        size = (project.folder / "project.db").stat().st_size
    figures = {
        "passages_of_a_paper": round(len(passages) / papers, 1),
        "tokens_of_a_passage": round(sum(passage.tokens for passage in passages) / len(passages)),
        "database_bytes_of_a_paper": round(size / papers),
        "bytes_of_a_passage_in_memory": round(grown / len(passages)),
    }
    print(json.dumps(figures | bm25(passages) | likeness() | questions(passages) | encoding(passages), indent=1))
    return 0


def measured(work: Callable[[], object]) -> tuple:  # type: ignore[type-arg]
    """What it gave, its processor seconds, and how many bytes the process grew by."""
    process, start = psutil.Process(), time.process_time()
    before = process.memory_info().rss
    found = work()
    return found, time.process_time() - start, process.memory_info().rss - before


def bm25(passages: list[Passage]) -> dict[str, float]:
    halves, draw = [passage.text.split() for passage in passages], random.Random(42)
    texts = []
    for _ in range(ROWS):
        first, second = draw.choice(halves), draw.choice(halves)
        texts.append(" ".join(first[: len(first) // 2] + second[len(second) // 2 :]))
    index, seconds, grown = measured(lambda: Bm25Index.build(texts))
    with tempfile.TemporaryDirectory() as folder:
        index.save(Path(folder) / "bm25")
        stored = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    _, asking, _ = measured(lambda: [index.search("soil carbon in wet weather", 10) for _ in range(20)])
    return {
        "bm25_us_of_a_passage": round(seconds / ROWS * 1e6),
        "bm25_bytes_of_a_passage": round(grown / ROWS),
        "bm25_stored_bytes_of_a_passage": round(stored / ROWS),
        "bm25_search_ms_of_a_million": round(asking / 20 * 1e3 / ROWS * 1e6, 1),
    }


def likeness() -> dict[str, float]:
    draw = np.random.default_rng(42)

    def fill() -> LikenessIndex:
        index = LikenessIndex({})
        for number in range(PAPERS):
            index.add(number, number, tuple(draw.integers(0, 2**48, SKETCH).tolist()), "a-paper.pdf")
        return index

    _, _, grown = measured(fill)
    return {"likeness_bytes_of_a_paper": round(grown / PAPERS)}


def questions(passages: list[Passage]) -> dict[str, float]:
    generator = BuiltinGenerator(GenerateConfig())
    texts = random.Random(42).sample([passage.text for passage in passages], ASKED)
    generator.prepare(texts)
    next(generator.make(texts[:1]))  # loads the parser
    made, seconds, _ = measured(lambda: list(generator.make(texts)))
    return {
        "builtin_ms_of_a_passage": round(seconds / len(texts) * 1e3, 1),
        "questions_of_a_passage": round(sum(map(len, made)) / len(texts), 2),
    }


def encoding(passages: list[Passage]) -> dict[str, float]:
    encoder = Encoder(bundled_folder())
    texts = [passage.text for passage in random.Random(42).sample(passages, ENCODED)]
    encoder.encode_passages(texts[:4])
    _, seconds, _ = measured(lambda: encoder.encode_passages(texts))
    resident = psutil.Process().memory_info().rss
    return {"encode_ms_of_a_passage": round(seconds / ENCODED * 1e3, 1), "resident_mb_at_the_end": resident // 10**6}


if __name__ == "__main__":
    sys.exit(main())
