"""Import through the command line: real papers, duplicates, bad files, kills."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pymupdf
import pytest
from commandline import CommandLine

from embtrainer_gui.core.records import BlockKind, FileState
from embtrainer_gui.core.store import open_project

TEXT = "Rice blast is a disease of rice that a fungus causes. It spreads in warm and wet weather over large fields. "


def by_file(summary: dict[str, object]) -> dict[str, dict[str, object]]:
    files = summary["files"]
    assert isinstance(files, list)
    return {row["file"]: row for row in files}


def write_corpus(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_that_papers_become_documents_with_passages_that_know_their_place(imported_once: Path) -> None:
    with open_project(imported_once) as project:
        assert project.documents.count() == 3
        for passage in project.passages.in_use():
            assert passage.tokens <= 256
            assert passage.page >= 1
            assert passage.boxes
            assert passage.boxes[0][0] == passage.page
            assert all(x0 < x1 and y0 < y1 for _, x0, y0, x1, y1 in passage.boxes)
        assert any(passage.section for passage in project.passages.in_use())


def test_that_references_and_captions_are_kept_but_left_out(imported_once: Path) -> None:
    with open_project(imported_once) as project:
        kinds = {row[0] for row in project.database.rows("SELECT DISTINCT kind FROM passages")}
        assert BlockKind.REFERENCE in kinds
        assert BlockKind.REFERENCE not in {passage.kind for passage in project.passages.in_use()}


def test_that_a_switch_brings_references_back(
    project_folder: Path, embtrainer: CommandLine, three_papers: list[Path]
) -> None:
    before = embtrainer.ok("status", project_folder)["passages"]
    summary = embtrainer.ok("import", project_folder, three_papers[0], "--include", "reference,caption")
    assert summary["passages"] > before


def test_that_the_same_file_and_the_same_text_are_duplicates(
    project_folder: Path, embtrainer: CommandLine, three_papers: list[Path], tmp_path: Path
) -> None:
    copy = shutil.copy(three_papers[0], tmp_path / "copy.pdf")
    changed = tmp_path / "resaved.pdf"
    changed.write_bytes(Path(three_papers[0]).read_bytes() + b"\n% another hash\n")
    summary = embtrainer.ok("import", project_folder, copy, changed)
    assert [row["state"] for row in summary["files"]] == ["duplicate", "duplicate"]
    assert three_papers[0].name in summary["files"][1]["reason"]
    assert summary["documents"] == 3


def test_that_a_corpus_keeps_ids_and_makes_documents_of_titles(tmp_path: Path, embtrainer: CommandLine) -> None:
    rows = [{"_id": f"{n}", "title": f"Paper {n // 2}", "text": TEXT * 6 + str(n)} for n in range(8)]
    rows.append({"_id": "untitled", "title": "", "text": "No title here. " * 9})
    corpus = write_corpus(tmp_path / "corpus.jsonl", rows)
    summary = embtrainer.ok("import", tmp_path / "project", corpus)
    assert (summary["documents"], summary["passages"]) == (5, 9)
    out = tmp_path / "out.jsonl"
    embtrainer.ok("export", tmp_path / "project", "--as", "passages", out)
    exported = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert {row["_id"]: (row["title"], row["text"]) for row in exported} == {
        row["_id"]: (row["title"], row["text"]) for row in rows
    }


def test_that_broken_corpus_rows_are_named_and_good_ones_go_in(tmp_path: Path, embtrainer: CommandLine) -> None:
    good = json.dumps({"_id": "a", "title": "T", "text": TEXT})
    lines = [good, "{broken", '["list"]', '{"_id": "b"}', good, '{"_id": "c", "title": "T", "text": "fine text"}']
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("\n".join(lines), encoding="utf-8")
    row = embtrainer.ok("import", tmp_path / "project", corpus)["files"][0]
    assert (row["state"], row["passages"]) == ("done", 2)
    for line in ("2", "3", "4", "5"):
        assert f"{line}:" in row["reason"]


def test_that_a_grown_corpus_adds_only_its_new_rows(tmp_path: Path, embtrainer: CommandLine) -> None:
    rows = [{"_id": f"{n}", "title": "T", "text": f"{TEXT} {n}"} for n in range(3)]
    embtrainer.ok("import", tmp_path / "project", write_corpus(tmp_path / "corpus.jsonl", rows))
    rows.append({"_id": "3", "title": "T", "text": f"{TEXT} 3"})
    summary = embtrainer.ok("import", tmp_path / "project", write_corpus(tmp_path / "corpus.jsonl", rows))
    assert summary["passages"] == 4
    assert summary["files"][0]["passages"] == 1


def test_that_a_folder_of_texts_and_tei_imports(tmp_path: Path, embtrainer: CommandLine) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "one.txt").write_text(f"Abstract: {TEXT}\n{TEXT}\n", encoding="utf-8")
    (folder / "two.tei.xml").write_text(
        '<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title type="main">A title</title>'
        f"</titleStmt></fileDesc></teiHeader><text><body><div><head>Intro</head><p>{TEXT}<ref>[1]</ref> to the end.</p>"
        "</div></body></text></TEI>",
        encoding="utf-8",
    )
    summary = embtrainer.ok("import", tmp_path / "project", folder)
    assert {row["state"] for row in summary["files"]} == {"done"}
    with open_project(tmp_path / "project") as project:
        texts = {passage.section: passage.text for passage in project.passages.in_use()}
        assert texts["Intro"].endswith("[1] to the end.")
        assert "Abstract" in texts


def test_that_bad_files_get_a_reason_and_good_ones_are_done(
    tmp_path: Path, embtrainer: CommandLine, three_papers: list[Path]
) -> None:
    folder = tmp_path / "in"
    (folder / "directory.pdf").mkdir(parents=True)
    shutil.copy(three_papers[0], folder / "good.pdf")
    shutil.copy(three_papers[1], folder / "directory.pdf" / "inner.pdf")
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "not.pdf").write_text("plain words", encoding="utf-8")
    os.mkfifo(folder / "pipe.pdf")
    (folder / "loop").symlink_to(folder)
    (folder / "dangling.pdf").symlink_to(folder / "nowhere.pdf")
    (folder / "link.pdf").symlink_to(three_papers[2])
    locked = pymupdf.open()
    locked.new_page().insert_text((72, 72), "secret")
    locked.save(folder / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="x", owner_pw="y")
    summary = embtrainer.ok("import", tmp_path / "project", folder, tmp_path / "missing.pdf")
    states = {name: row["state"] for name, row in by_file(summary).items()}
    assert states == {
        "good.pdf": "done", "inner.pdf": "done", "link.pdf": "done", "empty.pdf": "failed", "not.pdf": "failed",
        "pipe.pdf": "failed", "dangling.pdf": "failed", "locked.pdf": "encrypted", "missing.pdf": "failed",
    }  # fmt: skip
    assert all(row["reason"] for row in by_file(summary).values() if row["state"] != "done")


def test_that_a_failed_file_can_be_imported_again_once_it_is_whole(
    tmp_path: Path, embtrainer: CommandLine, three_papers: list[Path]
) -> None:
    paper = tmp_path / "paper.pdf"
    assert embtrainer("import", tmp_path / "project", paper, "--json").code == 2
    shutil.copy(three_papers[0], paper)
    assert embtrainer.ok("import", tmp_path / "project", paper)["files"][0]["state"] == "done"


def test_that_names_with_odd_characters_are_read(
    tmp_path: Path, embtrainer: CommandLine, three_papers: list[Path]
) -> None:
    names = ["line\nbreak.pdf", "עברית.pdf", "#hash;$(touch x).pdf", "n" * 250 + ".pdf"]
    for number, name in enumerate(names):
        document = pymupdf.open()
        for line in range(30):
            document.new_page().insert_text((72, 72 + line), f"Paper {number} says {TEXT}"[:90], fontsize=9)
        document.save(tmp_path / name)
    summary = embtrainer.ok("import", tmp_path / "project", *(tmp_path / name for name in names))
    assert {row["file"] for row in summary["files"]} == set(names)
    assert {row["state"] for row in summary["files"]} <= {"done", "duplicate"}


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_that_an_import_goes_on_after_it_was_ended(
    tmp_path: Path, embtrainer: CommandLine, sample_papers: Path, stop: signal.Signals
) -> None:
    project = tmp_path / "project"
    command = embtrainer.command("import", project, sample_papers, "--json", "--workers", 1)
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stderr is not None
    for line in child.stderr:  # the first file is done
        if b'"progress"' in line:
            break
    child.send_signal(stop)
    out, _ = child.communicate(timeout=30)
    assert child.returncode == (130 if stop == signal.SIGINT else -signal.SIGKILL)
    with open_project(project) as opened:
        half = opened.documents.count()
    summary = embtrainer.ok("import", project, sample_papers)
    assert summary["documents"] == 12
    assert sum(row["state"] == "duplicate" for row in summary["files"]) == half
    with open_project(project) as opened:
        assert opened.database.one("SELECT count(*) FROM sources WHERE state = 'reading'") == 0
        assert opened.database.one("SELECT count(*) - count(DISTINCT text) FROM passages WHERE kind = 'body'") == 0


def test_that_no_reading_process_outlives_a_killed_import(
    tmp_path: Path, embtrainer: CommandLine, sample_papers: Path
) -> None:
    child = subprocess.Popen(embtrainer.command("import", tmp_path / "p", sample_papers), stderr=subprocess.DEVNULL)
    readers: list[int] = []
    deadline = time.monotonic() + 20
    while not readers and time.monotonic() < deadline:
        readers = children_of(child.pid)
        time.sleep(0.02)
    assert readers
    child.kill()
    child.wait()
    deadline = time.monotonic() + 10
    while any(is_alive(pid) for pid in readers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(is_alive(pid) for pid in readers)


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_that_every_state_of_the_summary_is_one_that_the_records_name(imported_once: Path) -> None:
    with open_project(imported_once) as project:
        assert {source.state for source in project.documents.sources()} <= set(FileState)
