"""Where the processor time of reading goes: one reading process, each stage apart, the least of some passes a paper.

python tests/bench/reading_costs.py [FOLDER] [--passes 5]

A stage is a function of the reader; its own time is counted, without that of the stages that it calls.
"""

from __future__ import annotations

import argparse
import functools
import gc
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import embtrainer_gui.extract.child as child
from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import BUNDLED_MODEL, ImportConfig
from embtrainer_gui.extract import annotate, passages, pdf_lines, pdf_text, router
from embtrainer_gui.text.tokens import TokenCounter

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
STAGES: list[tuple[Any, str, str]] = [
    (pdf_text, "_open", "open the file"),
    (pdf_lines, "_structured", "MuPDF: run the page"),
    (pdf_lines, "printed", "MuPDF: write JSON"),
    (pdf_lines, "_blocks", "parse JSON"),
    (pdf_lines, "_page_text", "lines, cleaning"),
    (pdf_lines, "read_page", "MuPDF: load and drop the page"),
    (router, "read_page", "MuPDF: load and drop the page"),
    (pdf_lines, "is_suspect", "hidden text"),
    (pdf_lines, "speaks_to_machines", "hidden text"),
    (router, "take_out", "hidden text"),
    (pdf_text.hidden, "look_again", "hidden text"),
    (router, "measure", "router"),
    (pdf_text.Router, "regions", "router"),
    (pdf_text, "_read_pages", "router"),
    (pdf_text, "remove_furniture", "running headers and footers"),
    (pdf_text.Layout, "order", "columns and rows"),
    (pdf_text, "split_region", "paragraphs"),
    (pdf_text.Roles, "__init__", "kinds and sections"),
    (pdf_text.Roles, "run", "kinds and sections"),
    (pdf_text, "Vocabulary", "hyphens, joining"),
    (pdf_text, "join_rows", "hyphens, joining"),
    (pdf_text, "_blocks", "hyphens, joining"),
    (child, "cut", "passages"),
    (passages, "_pack", "passages"),
    (passages, "_draft", "passages"),
    (passages, "sentence_spans", "sentences"),
    (TokenCounter, "count", "tokens (a counter that has seen nothing)"),
    (child, "sketch", "sketch of near-duplicates"),
    (annotate, "languages", "language"),
    (annotate, "mark_of", "marks of formulas and tables"),
]


class Clock:
    """The time of this thread, given to the innermost stage that runs."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self._running = ["other"]
        self._last = time.thread_time_ns()

    def lap(self) -> None:
        now = time.thread_time_ns()
        self.spent[self._running[-1]] += now - self._last
        self._last = now

    def timed(self, work: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @functools.wraps(work)
        def run(*values: Any, **named: Any) -> Any:
            self.lap()
            self._running.append(stage)
            try:
                return work(*values, **named)
            finally:
                self.lap()
                self._running.pop()

        return run


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "papers")
    parser.add_argument("--passes", type=int, default=5)
    options = parser.parse_args()
    papers = [path for path in sorted(options.folder.glob("*.pdf")) if not path.name.startswith("scan-")]
    clock = Clock()
    for owner, name, stage in STAGES:
        setattr(owner, name, clock.timed(getattr(owner, name), stage))
    gc.disable()  # as in a reading process
    least: dict[str, dict[Path, int]] = defaultdict(dict)
    pages = 0
    with open(os.devnull, "wb") as nowhere:

        def send(*message: Any) -> None:
            line = json.dumps(message, separators=(",", ":"), ensure_ascii=False)
            nowhere.write(line.encode("utf-8", "replace") + b"\n")
            nowhere.flush()

        told = clock.timed(send, "tell the parent")
        config = child.limits_of(ImportConfig().model_dump(), {})
        for _ in range(options.passes):
            counter = TokenCounter(model_folder(BUNDLED_MODEL, verify=False))
            reader = child._Reader(config, 100_000.0, counter, told, {})
            for path in papers:
                clock.spent.clear()
                clock.lap()
                clock.spent.clear()
                reader.read(path, config, "", [], "")
                clock.lap()
                for stage, spent in clock.spent.items():
                    least[stage][path] = min(spent, least[stage].get(path, spent))
        for path in papers:
            with pdf_lines.pymupdf.open(path) as document:
                pages += document.page_count
    rows = sorted(((sum(spent.values()) / 1e6, stage) for stage, spent in least.items()), reverse=True)
    for spent, stage in [*rows, (sum(spent for spent, _ in rows), "all")]:
        print(f"{spent:8.1f} ms {spent / pages * 1000:7.1f} us a page  {stage}")


if __name__ == "__main__":
    main()
