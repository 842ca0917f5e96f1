"""How long a library of Zotero takes to be listed, and what memory: python tests/bench/zotero_library.py [--items N]

A server on loopback that speaks the local API answers as fast as it can; each item has an abstract and one attachment.
The same library is then read from BibTeX.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from fake_zotero import FakeZotero, serve

from embtrainer_gui.core.reference_entry import Entry
from embtrainer_gui.core.zotero import ZoteroClient
from embtrainer_gui.extract.bibliography import read_bibliography

ABSTRACT = "We measured how leaves grow on many farms in wet and dry weather. " * 20


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, default=10_000)
    items = parser.parse_args().items
    with serve(FakeZotero()) as fake:
        for number in range(items):
            key = fake.paper(f"P{number:07}", f"Paper {number}", abstractNote=ABSTRACT)
            fake.attachment(f"A{number:07}", key, Path(f"/nowhere/{number}.pdf"))
        before, began = peak_mb(), (time.perf_counter(), time.process_time())
        found = asyncio.run(entries(fake.address))
        print(f"Zotero: {len(found)} items, {len(fake.routes)} requests: {since(began)}, {peak_mb() - before:.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library.bib"
        path.write_text("".join(bibtex(number) for number in range(items)), encoding="utf-8")
        began = time.perf_counter(), time.process_time()
        library = read_bibliography(path)
        print(f"BibTeX: {len(library.entries)} items, {path.stat().st_size / 2**20:.0f} MB: {since(began)}")
    return 0


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def since(began: tuple[float, float]) -> str:
    return f"{time.perf_counter() - began[0]:.1f} s ({time.process_time() - began[1]:.1f} s of processor time)"


async def entries(address: str) -> list[Entry]:
    async with ZoteroClient(address) as client:
        return await client.entries(None, lambda *far: None)


def bibtex(number: int) -> str:
    return (
        f"@article{{key{number}, title = {{On the {{Growth}} of Leaf {number}}},"
        f' author = {{Doe, Jane and M{{\\"u}}ller, A.}}, year = {2000 + number % 20}, doi = {{10.1234/{number}}},'
        f" abstract = {{{ABSTRACT}}}, file = {{PDF:files/{number}/a.pdf:application/pdf}}}}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
