"""What a user can get wrong ends in one sentence with the cure and the right exit code, and loses nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from commandline import CommandLine, Ran, assert_plain


def test_that_a_missing_file_ends_with_2_and_says_so(tmp_path: Path, embtrainer: CommandLine) -> None:
    ran = embtrainer("import", tmp_path / "p", tmp_path / "none.pdf")
    assert ran.code == 2
    assert "no such file" in ran.out


def test_that_an_empty_folder_says_what_to_name(tmp_path: Path, embtrainer: CommandLine) -> None:
    (tmp_path / "empty").mkdir()
    assert_plain(embtrainer("import", tmp_path / "p", tmp_path / "empty"), 2, "no papers", ".pdf")


def test_that_a_folder_that_only_loops_is_an_empty_folder(tmp_path: Path, embtrainer: CommandLine) -> None:
    folder = tmp_path / "loop"
    folder.mkdir()
    (folder / "again").symlink_to(folder)
    assert_plain(embtrainer("import", tmp_path / "p", folder), 2, "no papers")


def test_that_a_fifo_does_not_block(tmp_path: Path, embtrainer: CommandLine) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    ran = embtrainer("import", tmp_path / "p", tmp_path / "pipe.pdf", timeout=30)
    assert ran.code == 2
    assert "pipe" in ran.out


@pytest.mark.parametrize(
    "arguments", [["status"], ["search", "?"], ["export", "--as", "passages", "out"], ["compare"], ["pairs", "list"]]
)
def test_that_no_project_is_said_with_the_command_that_makes_one(
    tmp_path: Path, embtrainer: CommandLine, arguments: list[str]
) -> None:
    command, *rest = arguments
    assert_plain(embtrainer(command, tmp_path / "none", *rest), 2, "no project", "embtrainer import")


def test_that_a_locked_project_names_its_holder(
    project_folder: Path, embtrainer: CommandLine, three_papers: list[Path]
) -> None:
    holder = apsw.Connection(str(project_folder / "project.lock"))
    holder.execute("BEGIN EXCLUSIVE")
    (project_folder / "project.lock.json").write_text('{"pid": 4711, "host": "elsewhere"}', encoding="utf-8")
    ran = embtrainer("import", project_folder, three_papers[0])
    assert_plain(ran, 3, "in use by process 4711 on elsewhere")
    assert embtrainer.ok("status", project_folder)["documents"] == 3


# Root may write everywhere, and this Python may lie where only root can read: so everything is imported first.
AS_NOBODY = """
import os, sys
import embtrainer_gui.cli.commands, embtrainer_gui.stages.import_papers, embtrainer_gui.stages.overview
import embtrainer_gui.stages.search, embtrainer_gui.ml.evaluate
from embtrainer_gui.text.bm25 import Bm25Index
Bm25Index.build(["warm up"]).search("warm", 1)
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
from embtrainer_gui.cli import main
sys.exit(main(sys.argv[1:]))
"""


def as_nobody(*arguments: str | Path) -> Ran:
    """Run with the rights of a user who owns nothing."""
    command = [sys.executable, "-c", AS_NOBODY, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return Ran(result.returncode, result.stdout, result.stderr)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach; pytest's own folders are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="embtrainer-test-"))
    folder.chmod(0o755)
    yield folder
    subprocess.run(["chmod", "-R", "u+rwX", str(folder)], check=True)
    shutil.rmtree(folder)


def test_that_a_read_only_project_can_be_searched_but_not_written(
    imported_once: Path, three_papers: list[Path], open_folder: Path
) -> None:
    project = open_folder / "project"
    shutil.copytree(imported_once, project)
    subprocess.run(["chmod", "-R", "a+rX,a-w", str(project)], check=True)
    before = snapshot(project)
    for arguments in (["status"], ["search", "larvae", "--model", "bm25"]):
        command, *rest = arguments
        ran = as_nobody(command, project, *rest)
        assert ran.code == 0, ran.err
    shutil.copy(three_papers[0], open_folder / "paper.pdf")
    ran = as_nobody("import", project, open_folder / "paper.pdf")
    assert_plain(ran, 3, "cannot be written", "permission")
    assert snapshot(project) == before


def test_that_a_folder_without_permission_for_a_new_project_is_named(
    three_papers: list[Path], open_folder: Path
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o555)
    ran = as_nobody("import", closed / "project", three_papers[0])
    assert_plain(ran, 3, "cannot be made", "write")


def snapshot(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_that_a_newer_project_asks_for_an_update(project_folder: Path, embtrainer: CommandLine) -> None:
    connection = apsw.Connection(str(project_folder / "project.db"))
    connection.pragma("user_version", 999)
    connection.close()
    before = snapshot(project_folder)
    assert_plain(embtrainer("status", project_folder), 2, "newer version", "Update")
    assert snapshot(project_folder) == before


def test_that_a_damaged_project_points_to_its_backups(project_folder: Path, embtrainer: CommandLine) -> None:
    file = project_folder / "project.db"
    content = bytearray(file.read_bytes())
    content[4096:-4096] = b"\xff" * (len(content) - 8192)
    file.write_bytes(content)
    assert_plain(embtrainer("status", project_folder), 3, "damaged", "embtrainer restore")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("no permission to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_that_a_full_disk_ends_an_import_and_freed_space_lets_it_go_on(
    small_disk: Path, embtrainer: CommandLine, sample_papers: Path
) -> None:
    papers = sorted(sample_papers.glob("*.pdf"))[-4:]
    filler = small_disk / "filler"
    filler.write_bytes(bytes(2_300_000))
    ran = embtrainer("import", small_disk / "project", *papers)
    assert_plain(ran, 3, "space")
    filler.unlink()
    status = embtrainer("status", small_disk / "project", "--json")
    done = status.json["documents"] if status.code == 0 else 0
    summary = embtrainer("import", small_disk / "project", *papers[:1], "--json")
    assert summary.code == 0, summary.err
    assert summary.json["documents"] >= max(1, done)


@pytest.mark.parametrize("name", ["some/unknown-model", "/no/such/folder"])
def test_that_a_model_that_cannot_be_had_says_what_to_do(
    project_folder: Path, embtrainer: CommandLine, name: str, pair_file: Path
) -> None:
    embtrainer.ok("pairs", project_folder, "import", pair_file)
    embtrainer.ok("pairs", project_folder, "accept")
    ran = embtrainer("train", project_folder, "--base-model", name)
    assert_plain(ran, 2, name, "folder", "all-MiniLM-L6-v2")


def test_that_a_changed_bundled_model_is_refused(tmp_path: Path) -> None:
    from embtrainer_gui.core.base_model import check_weights
    from embtrainer_gui.core.errors import EnvironmentProblem

    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"another model")
    with pytest.raises(EnvironmentProblem, match="not the file"):
        check_weights(weights)


def test_that_an_empty_question_is_refused(project_folder: Path, embtrainer: CommandLine) -> None:
    assert_plain(embtrainer("search", project_folder, "  "), 2, "empty")


def test_that_the_tuned_model_is_asked_for_before_there_is_one(project_folder: Path, embtrainer: CommandLine) -> None:
    for arguments in (["search", project_folder, "larvae", "--model", "tuned"], ["compare", project_folder]):
        assert_plain(embtrainer(*arguments), 2, "no tuned model", "embtrainer train")


def test_that_an_export_replaces_nothing(project_folder: Path, embtrainer: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    assert_plain(embtrainer("export", project_folder, "--as", "faiss", tmp_path / "out"), 2, "not empty")
    ran = embtrainer("export", project_folder, "--as", "passages", tmp_path / "no" / "folder" / "out.jsonl")
    assert_plain(ran, 3, "could not be written")


def test_that_an_interrupt_ends_with_130(tmp_path: Path, embtrainer: CommandLine, sample_papers: Path) -> None:
    import signal

    command = embtrainer.command("import", tmp_path / "p", sample_papers, "--json")
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    child.stderr.readline()
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=20)
    assert child.returncode in (0, 130)  # 0: it was faster
    if child.returncode:
        assert "Stopped" in out
