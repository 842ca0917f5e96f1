"""A long scan is shared: idle children recognise its last pages, each page once, whatever becomes of a helper."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.report import Silent
from embtrainer_gui.extract.pool import ReaderPool
from embtrainer_gui.extract.reading import FileBatch, FileResult, PageRead
from embtrainer_gui.extract.reading_process import LocalProcesses

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits are those of POSIX")

READER = """
import os, sys, time
from embtrainer_gui.core.records import Block, BlockKind, ExtractedDocument, ReadPage
from embtrainer_gui.extract import child, pdf_text
from embtrainer_gui.extract.page_range import pages_of

def read(path, config, on_page, password, extractor, memory):
    blocks = []
    for page in pages_of(config.pages, 12):
        on_page(page, 12)
        read = memory.get(page)
        if read is None:
            on_page(page, 12, 20.0)
            if config.pages:
                {fault}
            time.sleep(0.4)
            read = ReadPage(page, f"Text {{page}} of {{os.getpid()}}.")
            memory.put(read, "settings")
        blocks.append(Block(BlockKind.BODY, read.text, "", page))
    return ExtractedDocument("T", 12, tuple(blocks), extractor="ocr")

pdf_text.read_pdf = read
sys.exit(child.main())
"""


@pytest.mark.parametrize("fault", ["pass", "os.abort()", "raise MemoryError"])
def test_that_each_page_is_read_once_by_one_of_two_children(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    script = tmp_path / "reader.py"
    script.write_text(READER.format(fault=fault))
    paper = tmp_path / "scan.pdf"
    paper.write_bytes(b"%PDF-1.7\n")
    pages: Counter[int] = Counter()
    readers, texts, results = set(), [], []
    config = ImportConfig(workers=2)
    with ReaderPool(config, bundled_folder(), LocalProcesses(config, [sys.executable, str(script)])) as pool:
        for message in pool.read([paper], Silent()):
            if isinstance(message, PageRead):
                pages[message.read.page] += 1
                readers.add(message.read.text.split()[-1])
            elif isinstance(message, FileBatch):
                texts += [passage.text for document in message.documents for passage in document.passages]
            elif isinstance(message, FileResult):
                results.append(message)
    assert [result.state for result in results] == [FileState.DONE]
    assert sorted(pages) == list(range(1, 13))
    assert len(readers) == (2 if fault == "pass" else 1)
    assert sum(pages.values()) <= 13  # at most the page at which both meet is read twice
    found = " ".join(texts).replace("\n", " ").split()
    assert [word for word in found if word.isdigit()] == [str(page) for page in range(1, 13)]
