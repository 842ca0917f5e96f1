"""Text quality against the truth, one JSON line: python tests/bench/text_quality.py [SHARED_DATA] [--headings].

Reads every paper that has a truth text, writes what would be searched, and scores it with the shared tool
(tools/text_f1.py beside the data). ``--headings`` adds titles and headings to the text.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import SEARCHED_KINDS, BlockKind
from embtrainer_gui.extract.pdf_text import read_pdf
from embtrainer_gui.extract.reading import Unreadable


def main(arguments: list[str]) -> int:
    places = [argument for argument in arguments if not argument.startswith("--")]
    data = Path(places[0]) if places else Path(__file__).resolve().parents[3] / "shared" / "data"
    kinds = SEARCHED_KINDS | ({BlockKind.TITLE, BlockKind.HEADING} if "--headings" in arguments else set())
    pages, unread, began = 0, [], time.process_time()
    rows = []
    for truth in sorted((data / "truth").glob("*.txt")):
        paper = data / "papers" / f"{truth.stem}.pdf"
        try:
            document = read_pdf(paper, ImportConfig(), lambda page, pages: None)
        except Unreadable as error:
            unread.append(f"{paper.name}: {error.state}")
            continue
        pages += document.pages
        rows += [{"document": paper.name, "text": block.text} for block in document.blocks if block.kind in kinds]
    seconds = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        passages = Path(folder) / "passages.jsonl"
        passages.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        tool = [sys.executable, str(data.parent / "tools" / "text_f1.py"), str(passages), str(data / "truth")]
        scores = json.loads(subprocess.run(tool, capture_output=True, text=True, check=True).stdout)
    cost = round(seconds / max(1, pages) * 1000, 2)
    print(json.dumps(scores | {"unread": unread, "pages": pages, "cpu_ms_per_page": cost}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
