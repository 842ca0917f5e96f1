"""Real reading processes: good files are read, bad ones end in a named state, and no child is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from bombs import write_bombs

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import Cancelled, EnvironmentProblem
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.report import Silent
from embtrainer_gui.extract.pool import ReaderPool
from embtrainer_gui.extract.reading import DocumentDraft, FileBatch, FileResult, PageRead
from embtrainer_gui.extract.reading_process import LocalProcesses

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits are those of POSIX")


@pytest.fixture(autouse=True)
def no_child_left() -> Iterator[None]:
    yield
    found = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "args="], capture_output=True, text=True, check=False
    )
    assert "worker read" not in found.stdout
    assert "wrapper.py" not in found.stdout


def reader_pool(config: ImportConfig, command: list[str] | None) -> ReaderPool:
    return ReaderPool(config, bundled_folder(), LocalProcesses(config, command))


def read(
    paths: Sequence[Path], config: ImportConfig | None = None, command: list[str] | None = None
) -> tuple[dict[str, FileResult], dict[str, list[DocumentDraft]]]:
    results: dict[str, FileResult] = {}
    documents: dict[str, list[DocumentDraft]] = {}
    with reader_pool(config or ImportConfig(workers=2), command) as pool:
        for message in pool.read(paths, Silent()):
            if isinstance(message, PageRead):
                continue
            assert message.path.name not in results
            if isinstance(message, FileBatch):
                documents.setdefault(message.path.name, []).extend(message.documents)
            else:
                results[message.path.name] = message
    assert set(results) == {path.name for path in paths}
    return results, documents


def wrapper(folder: Path, code: str) -> list[str]:
    """A child whose PDF reader is replaced by ``code``, the body of ``read(path, config, on_page, password, ...)``."""
    script = folder / "wrapper.py"
    script.write_text(
        "import os, signal, sys, time\n"
        "from embtrainer_gui.core.records import Block, BlockKind, ExtractedDocument, ReadPage\n"
        "from embtrainer_gui.extract import child, pdf_text\n"
        "def read(path, config, on_page, password, *others):\n" + textwrap.indent(textwrap.dedent(code), "    ") + "\n"
        "pdf_text.read_pdf = read\n"
        "sys.exit(child.main())\n"
    )
    return [sys.executable, str(script)]


PAGES = """
    pages = min(5, config.max_pages)
    blocks = []
    for page in range(1, pages + 1):
        on_page(page, 5)
        if page == 4 and "bad" in path.name:
            {fault}
        blocks.append(Block(BlockKind.BODY, f"Text of page {{page}}.", "", page))
    return ExtractedDocument("T", 5, tuple(blocks), partial=pages < 5)
"""


def fake_papers(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(b"%PDF-1.7\n" + path.name.encode())
    return paths


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))


def test_that_real_files_of_all_kinds_are_read(shared_data: Path, tmp_path: Path) -> None:
    text = tmp_path / "odd name\n\u202e.txt"
    text.write_text("Abstract: We did it.\nA paragraph.\n")
    bytes_name = tmp_path / os.fsdecode(b"caf\xe9.txt")
    bytes_name.write_text("A name that is not UTF-8.")
    corpus = shared_data / "qa" / "covidqa" / "corpus.jsonl"
    tei = shared_data / "tei" / "N18-3011.tei.xml"
    paper = shared_data / "papers" / "PMC5771181.pdf"
    results, documents = read([text, bytes_name, corpus, tei, paper])
    assert {name: (r.state, r.extractor) for name, r in results.items()} == {
        text.name: (FileState.DONE, "txt"),
        bytes_name.name: (FileState.DONE, "txt"),
        "corpus.jsonl": (FileState.DONE, "corpus"),
        "N18-3011.tei.xml": (FileState.DONE, "tei"),
        "PMC5771181.pdf": (FileState.DONE, "text"),
    }
    assert results["PMC5771181.pdf"].pages == 4
    rows = [passage for document in documents["corpus.jsonl"] for passage in document.passages]
    assert len(rows) == len({row.key for row in rows}) == 1382
    assert max(row.tokens for row in rows) > 256  # rows are never cut
    [found] = documents["PMC5771181.pdf"]
    assert all(passage.tokens <= 256 and passage.boxes for passage in found.passages)
    assert len(found.sketch) == 128
    assert [passage.kind.value for passage in documents[text.name][0].passages] == ["abstract", "body"]


def test_that_pipes_folders_and_missing_files_are_named_and_block_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "folder.pdf").mkdir()
    good = tmp_path / "good.txt"
    good.write_text("Some text.")
    started = time.monotonic()
    results, _ = read([tmp_path / "pipe.pdf", tmp_path / "folder.pdf", tmp_path / "missing.pdf", good])
    assert time.monotonic() - started < 60
    assert results.pop("good.txt").state is FileState.DONE
    assert {result.state for result in results.values()} == {FileState.FAILED}
    assert all(result.reason.endswith(".") for result in results.values())


def test_that_bombs_end_within_their_limits_while_good_papers_are_done(shared_data: Path, tmp_path: Path) -> None:
    good = sorted((shared_data / "papers").glob("PMC57*.pdf"))
    config = ImportConfig(workers=2, page_seconds=3, file_seconds=6, memory_mb=1024)
    started = time.monotonic()
    results, documents = read([*write_bombs(tmp_path), *good], config)
    assert time.monotonic() - started < 9 * 8 + 60
    for path in good:
        assert results[path.name].state is FileState.DONE
        assert documents[path.name]
    for name in ("double-flate", "gigabyte-of-text", "spaces", "nested-forms", "page-loop", "deep-array"):
        result = results[f"{name}.pdf"]
        assert result.state in (FileState.STOPPED, FileState.FAILED, FileState.EMPTY), name
        assert result.reason
        assert f"{name}.pdf" not in documents
    assert results["nested-forms.pdf"].state is FileState.STOPPED
    assert "3 s" in results["nested-forms.pdf"].reason
    assert results["huge-image.pdf"].state is FileState.DONE
    assert results["huge-page.pdf"].state is FileState.DONE


def test_that_every_hostile_pdf_ends_in_a_named_state(shared_data: Path) -> None:
    paths = sorted((shared_data / "hostile").glob("*.pdf"))
    good = shared_data / "papers" / "PMC5771181.pdf"
    started = time.monotonic()
    results, _ = read([*paths, good])
    assert time.monotonic() - started < 120
    assert results[good.name].state is FileState.DONE
    for result in results.values():
        assert result.reason or result.state is FileState.DONE, result
    assert results["samplefiles-password.pdf"].state is FileState.ENCRYPTED
    assert results["generated-3000-pages.pdf"].state is FileState.PARTIAL
    assert results["colrev-zero-size-pdf.pdf"].state is FileState.FAILED


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("os.abort()", "signal 6"), ("os.kill(os.getpid(), signal.SIGSEGV)", "signal 11"), ("os._exit(3)", "exit code 3")],
)
def test_that_a_crash_keeps_the_pages_before_it_and_the_batch(fault: str, reason: str, tmp_path: Path) -> None:
    command = wrapper(tmp_path, PAGES.format(fault=fault))
    paths = fake_papers(tmp_path, "bad.pdf", *(f"good{n}.pdf" for n in range(6)))
    results, documents = read(paths, command=command)
    bad = results.pop("bad.pdf")
    assert bad.state is FileState.PARTIAL
    assert reason in bad.reason
    assert [p.text for d in documents["bad.pdf"] for p in d.passages] == [
        "Text of page 1.\nText of page 2.\nText of page 3."
    ]
    assert {result.state for result in results.values()} == {FileState.DONE}


@pytest.mark.parametrize("fault", ["os.abort()", "time.sleep(60)"])
def test_that_a_slow_look_that_ends_a_child_costs_that_page_alone(tmp_path: Path, fault: str) -> None:
    looking = f"""
        others[1].put(ReadPage(1, "Seen."), "s")
        blocks = []
        for page in range(1, 5):
            on_page(page, 4)
            known = others[1].get(page)
            if page == 3 and known is None:
                on_page(page, 4, 1.5)
                {fault}
            blocks.append(Block(BlockKind.BODY, f"Text of page {{page}}, {{known and known.text!r}}.", "", page))
        return ExtractedDocument("T", 4, tuple(blocks))
    """
    results, documents = read(fake_papers(tmp_path, "bad.pdf"), ImportConfig(workers=1), wrapper(tmp_path, looking))
    assert results["bad.pdf"].state is FileState.PARTIAL
    assert "signal 6" in results["bad.pdf"].reason or "page 3 took longer than 2 s" in results["bad.pdf"].reason
    text = " ".join(" ".join(passage.text for passage in documents["bad.pdf"][0].passages).split())
    assert "Text of page 1, 'Seen.'. Text of page 2, None. Text of page 3, ''. Text of page 4, None." in text


def test_that_a_crash_on_the_first_page_fails_that_file_alone(tmp_path: Path) -> None:
    command = wrapper(tmp_path, "on_page(1, 3)\nif 'bad' in path.name: os.abort()\n"
                      "return ExtractedDocument('T', 1, (Block(BlockKind.BODY, 'Text.'),))")  # fmt: skip
    results, documents = read(fake_papers(tmp_path, "bad.pdf", "good.pdf"), ImportConfig(workers=1), command)
    assert (results["bad.pdf"].state, results["good.pdf"].state) == (FileState.FAILED, FileState.DONE)
    assert "signal 6" in results["bad.pdf"].reason
    assert list(documents) == ["good.pdf"]


def test_that_a_slow_page_is_stopped_and_the_pages_before_it_are_kept(tmp_path: Path) -> None:
    command = wrapper(tmp_path, PAGES.format(fault="time.sleep(60)"))
    config = ImportConfig(workers=1, page_seconds=1, file_seconds=20)
    results, documents = read(fake_papers(tmp_path, "bad.pdf", "good.pdf"), config, command)
    assert results["bad.pdf"].state is FileState.PARTIAL
    assert "page 4 took longer than 1 s" in results["bad.pdf"].reason
    assert len(documents["bad.pdf"]) == 1
    assert results["good.pdf"].state is FileState.DONE


def test_that_a_slow_file_and_a_greedy_one_are_stopped(tmp_path: Path) -> None:
    command = wrapper(tmp_path, "if 'slow' in path.name: time.sleep(60)\n"
                      "if 'greedy' in path.name: bytearray(3 * 2**30)\n"
                      "return ExtractedDocument('T', 1, (Block(BlockKind.BODY, 'Text.'),))")  # fmt: skip
    config = ImportConfig(workers=1, file_seconds=1.5)
    results, _ = read(fake_papers(tmp_path, "slow.pdf", "greedy.pdf", "good.pdf"), config, command)
    assert "longer than 2 s" in results["slow.pdf"].reason
    assert "2048 MB" in results["greedy.pdf"].reason
    assert [results[name].state for name in ("slow.pdf", "greedy.pdf", "good.pdf")] == ["stopped", "stopped", "done"]


def test_that_a_pause_of_the_reader_of_results_is_not_held_against_a_file(tmp_path: Path) -> None:
    talkative = """
        for number in range(10_000 if "2" in path.name else 1):  # more than the pipe and the inbox hold
            on_page(1, 1)
        return ExtractedDocument("T", 1, (Block(BlockKind.BODY, "Text."),))
    """
    command = wrapper(tmp_path, talkative)
    config = ImportConfig(workers=1, file_seconds=6, page_seconds=6)
    states = []
    with reader_pool(config, command) as pool:
        for message in pool.read(fake_papers(tmp_path, "1.pdf", "2.pdf", "3.pdf", "4.pdf"), Silent()):
            if isinstance(message, FileResult):
                states.append(message.state)
                time.sleep(9 if len(states) == 1 else 0)  # the child waits for us in the middle of 2.pdf
    assert states == [FileState.DONE] * 4


class CancelAfter(Silent):
    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def raise_if_cancelled(self) -> None:
        if time.monotonic() > self.at:
            raise Cancelled


def test_that_cancel_ends_at_once_and_leaves_no_child(tmp_path: Path) -> None:
    command = wrapper(tmp_path, "time.sleep(60)")
    reporter = CancelAfter(3)
    with reader_pool(ImportConfig(workers=2), command) as pool, pytest.raises(Cancelled):
        list(pool.read(fake_papers(tmp_path, "a.pdf", "b.pdf", "c.pdf"), reporter))
    assert time.monotonic() - reporter.at < 1


def test_that_a_child_whose_parent_was_killed_ends_itself(tmp_path: Path) -> None:
    command = wrapper(tmp_path, "time.sleep(60)")
    paths = fake_papers(tmp_path, "a.pdf")
    parent = tmp_path / "parent.py"
    parent.write_text(
        "import sys\nfrom pathlib import Path\n"
        "from embtrainer_gui.core.base_model import bundled_folder\n"
        "from embtrainer_gui.core.config import ImportConfig\nfrom embtrainer_gui.core.report import Silent\n"
        "from embtrainer_gui.extract.pool import ReaderPool\n"
        "from embtrainer_gui.extract.reading_process import LocalProcesses\n"
        "config = ImportConfig(workers=1)\n"
        f"with ReaderPool(config, bundled_folder(), LocalProcesses(config, {command!r})) as pool:\n"
        f"    list(pool.read([Path({str(paths[0])!r})], Silent()))\n"
    )
    running = subprocess.Popen([sys.executable, str(parent)])
    try:
        deadline = time.monotonic() + 30
        while not (child := _children(running.pid)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert child
        time.sleep(2)
    finally:
        running.kill()
        running.wait()
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in child) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in child)


def _children(pid: int) -> list[str]:
    found = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=False)
    return found.stdout.split()


def test_that_a_child_that_cannot_start_is_an_environment_problem(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no module named tokenizers')"]
    with pytest.raises(EnvironmentProblem, match="no module named tokenizers"):
        read(fake_papers(tmp_path, "a.pdf"), command=command)
