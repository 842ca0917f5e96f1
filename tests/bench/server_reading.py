"""Papers read by servers, against loopback servers with a fixed latency: how much of what the server could do is used,
and how many paragraphs of TEI files without coordinates are found on the pages of their PDFs.

    python tests/bench/server_reading.py [--papers 60] [--pages 60]
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from fake_chat import fake_chat  # noqa: E402
from fake_grobid import FakeGrobid, serve, tei_of  # noqa: E402
from server_import import importer, text_of, write_pdf  # noqa: E402

SHARED = TESTS.parents[1] / "shared" / "data"
SLOTS, SECONDS = 4, 0.5


def grobid(folder: Path, papers: int) -> None:
    fake = FakeGrobid(slots=SLOTS, seconds=SECONDS)
    paths = []
    for number in range(papers):
        paths.append(write_pdf(folder / f"{number}.pdf", f"topic{number}"))
        words = " ".join(f"w{number * 97 + n}" for n in range(60))
        fake.answer_of[paths[-1].read_bytes()] = tei_of(f"topic{number} {words}")
    with serve(fake), importer(folder / "grobid") as project:
        start = time.monotonic()
        rows = project.run(paths, extractor="grobid", grobid_url=fake.address)
        seconds = time.monotonic() - start
    good = sum(row["state"] in ("done", "duplicate") for row in rows.values())
    ideal = papers / SLOTS * SECONDS
    share = f"ideal {ideal:.1f} s ({ideal / seconds:.2f}), {len(fake.papers) - papers} times 503"
    print(f"GROBID: {good} of {papers} papers in {seconds:.1f} s, {share}")


def vision(folder: Path, pages: int) -> None:
    paper = write_pdf(folder / "vision.pdf", *[f"topic{number}" for number in range(pages)])
    with (
        fake_chat(models=("m",), latency=SECONDS, slots=SLOTS, answer=lambda asked: text_of("rice")) as fake,
        importer(folder / "vision") as project,
    ):
        start = time.monotonic()
        rows = project.run([paper], extractor="vision", vision_url=fake.address, vision_model="m")
        seconds = time.monotonic() - start
    ideal = pages / SLOTS * SECONDS
    state = rows["vision.pdf"]["state"]
    print(f"vision: {pages} pages at 200 dpi {state} in {seconds:.1f} s, ideal {ideal:.1f} s ({ideal / seconds:.2f})")


def places(folder: Path) -> None:
    for source in sorted((SHARED / "tei").glob("*.tei.xml")):
        name = source.name.removesuffix(".tei.xml")
        tei = folder / source.name
        tei.write_text(re.sub(r'\scoords="[^"]*"', "", source.read_text(encoding="utf-8")), encoding="utf-8")
        shutil.copy(SHARED / "papers" / f"{name}.pdf", folder)
        with importer(folder / name) as project:
            start = time.monotonic()
            project.run([tei])
            seconds = time.monotonic() - start
            passages = project.passages()
        found = sum(bool(passage.boxes) for passage in passages)
        print(f"places: {name}: {found} of {len(passages)} passages, {seconds:.2f} s for the import")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=60)
    parser.add_argument("--pages", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        grobid(Path(scratch), options.papers)
        vision(Path(scratch), options.pages)
        if SHARED.is_dir():
            places(Path(scratch))
