"""The router against the layout network for every page: word F1 and processor time, interleaved; one JSON line.

python tests/bench/router_speed.py [SHARED_DATA] [--runs 3] [--most-pages 20]

One process reads the papers that have a truth, the way the reading processes do; F1 is over the text that makes
passages (title, headings, abstract, body, lists). Also given: what the router itself takes beside the text reader.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import SEARCHED_KINDS, BlockKind, ExtractedDocument
from embtrainer_gui.extract.pdf_text import read_pdf

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
KEPT = SEARCHED_KINDS | {BlockKind.TITLE, BlockKind.HEADING}
LEAST_WORDS = 1000  # as the shared tool counts


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--most-pages", type=int, default=20, help="of a paper, for both")
    options = parser.parse_args()
    sys.path.insert(0, str(options.data.parent / "tools"))
    from text_f1 import words

    config = ImportConfig(max_pages=options.most_pages)
    papers = []
    for truth in sorted((options.data / "truth").glob("*.txt")):
        path = options.data / "papers" / f"{truth.stem}.pdf"
        expected = words(truth.read_text(encoding="utf-8"))
        if path.exists() and len(expected) >= LEAST_WORDS:
            papers.append((path, expected))
    seconds: dict[str, list[float]] = {"text": [], "auto": [], "layout": []}
    scores: dict[str, list[float]] = {}
    routed: Counter[str] = Counter()
    pages = 0
    for path, _ in papers:  # what is loaded once is not counted
        read(path, config, "text")
    for run in range(options.runs):
        for name, times in seconds.items():
            if name == "layout" and run:
                continue  # minutes
            started = time.process_time()
            found = [read(path, config, name) for path, _ in papers]
            times.append(time.process_time() - started)
            pages = sum(min(each.pages, options.most_pages) for each in found)
            scores[name] = [f1(each, expected, words) for each, (_, expected) in zip(found, papers, strict=True)]
            if name == "auto" and not run:
                routed.update(each.extractor for each in found)
    router, layout = statistics.median(seconds["auto"]), statistics.median(seconds["layout"])
    mean = {name: round(statistics.mean(values), 4) for name, values in scores.items()}
    shares = [auto / text - 1 for auto, text in zip(seconds["auto"], seconds["text"], strict=True)]
    result = {
        "papers": len(papers),
        "pages": pages,
        "times_faster": round(layout / router, 1),
        "share_of_score": round(mean["auto"] / mean["layout"], 4),
        "f1": mean,
        "router_overhead": round(statistics.median(shares), 4),
        "seconds": {name: round(statistics.median(times), 2) for name, times in seconds.items()},
        "routed": dict(routed),
    }
    print(json.dumps(result))


def read(path: Path, config: ImportConfig, extractor: str) -> ExtractedDocument:
    return read_pdf(path, config, lambda *_: None, None, extractor)


def f1(document: ExtractedDocument, expected: list[str], words: object) -> float:
    assert callable(words)
    found = words(" ".join(block.text for block in document.blocks if block.kind in KEPT))
    common = sum((Counter(found) & Counter(expected)).values())
    return 2 * common / max(1, len(found) + len(expected))


if __name__ == "__main__":
    main()
