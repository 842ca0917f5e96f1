"""A project's archive: what goes in, what comes out, and that a hostile one is refused whole."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from small_project import small_project, states

from embtrainer_gui.core.errors import AppError, Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.store import archive_names as limits
from embtrainer_gui.core.store import open_project, utc_now
from embtrainer_gui.core.store import unarchive as unarchive_module
from embtrainer_gui.core.store.archive import write_archive
from embtrainer_gui.core.store.unarchive import preview, unarchive

FEW = 1000
Change = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with small_project(tmp_path / "project") as project:
        project.pairs.decide([1], PairState.ACCEPTED, "accept", utc_now())
    found = tmp_path / "project"
    run = found / "models" / "run-1"
    for name in (
        "papers/abc.pdf", "models/run-1/events.jsonl", "models/run-1/checkpoints/checkpoint-2/state.json",
        "models/run-1/final_model/notes.txt", "exports/pairs.csv", "logs/job.json", "index/vectors.npy",
        "backups/000001_20260101T000000Z_asked.db", "project.lock", "papers/.abc.pdf.part",
    ):  # fmt: skip
        (found / name).parent.mkdir(parents=True, exist_ok=True)
        (found / name).write_bytes(name.encode() * 50)
    (run / "link.json").symlink_to("/etc/passwd")
    return found


@pytest.fixture
def packed(folder: Path, tmp_path: Path) -> Path:
    write_archive(folder, tmp_path / "a.zip")
    return tmp_path / "a.zip"


def test_that_an_archive_holds_the_work_and_no_logs_locks_links_or_index(packed: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        assert sorted(archive.namelist()) == [
            "exports/pairs.csv", "manifest.json", "models/run-1/events.jsonl",
            "models/run-1/final_model/notes.txt", "papers/abc.pdf", "project.db",
        ]  # fmt: skip
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["project"] == "project"
    assert set(manifest["files"]["papers/abc.pdf"]) == {"bytes", "blake2b"}


def test_that_what_was_packed_comes_back_whole(packed: Path, folder: Path, tmp_path: Path) -> None:
    told = preview(packed)
    assert (told.project, told.files) == ("project", 5)
    unarchive(packed, tmp_path / "new" / "place")
    with open_project(folder) as old, open_project(tmp_path / "new" / "place", write=True) as new:
        assert states(new) == states(old)
    for name in ("papers/abc.pdf", "models/run-1/final_model/notes.txt", "exports/pairs.csv"):
        assert (tmp_path / "new" / "place" / name).read_bytes() == (folder / name).read_bytes()


def test_that_a_damaged_project_is_not_archived_and_the_old_file_stays(folder: Path, tmp_path: Path) -> None:
    database = folder / "project.db"
    database.write_bytes(database.read_bytes().replace(b"What is fact 3?fact 3", b"What is fact 4?fact 3"))
    (tmp_path / "a.zip").write_bytes(b"old")
    with pytest.raises(EnvironmentProblem, match="What is fact 4"):
        write_archive(folder, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == b"old"


def test_that_an_archive_may_lie_in_exports_and_does_not_hold_itself(folder: Path) -> None:
    out = folder / "exports" / "all.zip"
    for _ in range(2):
        write_archive(folder, out)
    with zipfile.ZipFile(out) as archive:
        assert "exports/all.zip" not in archive.namelist()
    with pytest.raises(UserError):
        write_archive(folder, folder / "papers" / "all.zip")


def rewrite(path: Path, change: Callable[[list[tuple[zipfile.ZipInfo, bytes]]], None]) -> None:
    """Let ``change`` edit the entries, and list what is there then in the manifest."""
    with zipfile.ZipFile(path) as archive:
        entries = [(entry, archive.read(entry)) for entry in archive.infolist()]
    change(entries)
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of names that come twice
        for entry, content in entries:
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def added(name: str, content: bytes = b"x", mode: int = stat.S_IFREG | 0o644) -> Change:
    """A file of that name with its right line in the manifest, so that only its name or kind is wrong."""

    def change(path: Path) -> None:
        def edit(entries: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
            entry = zipfile.ZipInfo("placeholder")
            entry.filename, entry.external_attr = name, mode << 16
            at = next(number for number, (each, _) in enumerate(entries) if each.filename == "manifest.json")
            manifest = json.loads(entries[at][1])
            digest = hashlib.blake2b(content, digest_size=32).hexdigest()
            manifest["files"][name] = {"bytes": len(content), "blake2b": digest}
            entries[at] = (entries[at][0], json.dumps(manifest).encode())
            entries.append((entry, content))

        rewrite(path, edit)

    return change


def changed(name: str) -> Change:
    """One byte of a file is another one than its hash says."""

    def edit(entries: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
        for number, (entry, content) in enumerate(entries):
            if entry.filename == name:
                entries[number] = (entry, content[:-1] + bytes([content[-1] ^ 1]))

    return lambda path: rewrite(path, edit)


def without(name: str) -> Change:
    def edit(entries: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
        entries[:] = [each for each in entries if each[0].filename != name]

    return lambda path: rewrite(path, edit)


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flipped(path: Path) -> None:
    """In the packed bytes of the database, past its header."""
    content = bytearray(path.read_bytes())
    content[200] ^= 4
    path.write_bytes(content)


def crowded(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(FEW):
            archive.writestr(zipfile.ZipInfo(f"papers/{number}.pdf"), b"")


HOSTILE: dict[str, Change] = {
    "up": added("papers/../../escaped.txt"),
    "only up": added("../escaped.txt"),
    "absolute": added("/tmp/escaped.txt"),
    "drive": added("C:/escaped.txt"),
    "drive of a part": added("papers/C:escaped.txt"),
    "backslash": added("papers\\..\\escaped.txt"),
    "control character": added("papers/a\nb.pdf"),
    "device": added("papers/NUL.pdf"),
    "dot at the end": added("papers/a."),
    "no such folder": added("scripts/run.sh"),
    "deep": added("exports/" + "a/" * 20 + "b.txt"),
    "long": added("papers/" + "a" * 250),
    "link": added("papers/link.pdf", b"/etc/passwd", stat.S_IFLNK | 0o777),
    "fifo": added("papers/pipe.pdf", b"", stat.S_IFIFO | 0o644),
    "folder": added("papers/"),
    "twice": added("papers/abc.pdf"),
    "case clash": added("papers/ABC.pdf"),
    "bomb": added("papers/bomb.pdf", bytes(20 * 2**20)),
    "pickle": added("models/run-1/final_model/pytorch_model.bin"),
    "program": added("models/run-1/final_model/modeling.py"),
    "wrong hash": changed("papers/abc.pdf"),
    "wrong database": changed("project.db"),
    "file missing": without("papers/abc.pdf"),
    "no manifest": without("manifest.json"),
    "no database": without("project.db"),
    "torn": torn,
    "flipped": flipped,
    "too many files": crowded,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_that_a_hostile_archive_is_refused_whole(
    kind: str, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unarchive_module, "MOST_FILES", FEW)  # fifty thousand take seconds to write
    before = packed.read_bytes()
    HOSTILE[kind](packed)
    assert packed.read_bytes() != before
    out = tmp_path / "inbox" / "taken"
    out.parent.mkdir()
    started = time.monotonic()
    with pytest.raises(UserError) as refused:
        unarchive(packed, out)
    assert time.monotonic() - started < 10
    assert not list(out.parent.iterdir())
    assert not (tmp_path / "escaped.txt").exists()
    assert not Path("/tmp/escaped.txt").exists()
    assert "not taken in" in refused.value.message


def test_that_the_same_changes_with_a_plain_name_are_taken_in(packed: Path, tmp_path: Path) -> None:
    added("papers/plain.pdf", b"plain")(packed)
    unarchive(packed, tmp_path / "out")
    assert (tmp_path / "out" / "papers" / "plain.pdf").read_bytes() == b"plain"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 no zip", b"PK\x05\x06" + bytes(18)])
def test_that_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    for take in (preview, lambda path: unarchive(path, tmp_path / "out")):
        with pytest.raises(UserError):
            take(tmp_path / "a.zip")
    assert not (tmp_path / "out").exists()


def test_that_a_model_that_would_run_code_is_refused(packed: Path, tmp_path: Path) -> None:
    modules = [{"idx": 0, "name": "0", "path": "", "type": "os.system"}]
    added("models/run-1/final_model/modules.json", json.dumps(modules).encode())(packed)
    with pytest.raises(UserError, match="models/run-1/final_model"):
        unarchive(packed, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_that_a_taken_folder_is_left_alone(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="not empty"):
        unarchive(packed, tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["thesis.tex"]


def test_that_too_little_disk_is_told_before_anything_is_unpacked(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embtrainer_gui.core.store.unarchive.SPARE", 10**18)
    with pytest.raises(EnvironmentProblem, match="MB left"):
        unarchive(packed, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_that_a_cancelled_pack_or_unpack_leaves_nothing(packed: Path, folder: Path, tmp_path: Path) -> None:
    class Stop(Silent):
        def raise_if_cancelled(self) -> None:
            raise Cancelled

    for work in (
        lambda: write_archive(folder, tmp_path / "b.zip", Stop()),
        lambda: unarchive(packed, tmp_path / "out", Stop()),
    ):
        with pytest.raises(Cancelled):
            work()
    assert sorted(os.listdir(tmp_path)) == ["a.zip", "project"]


def test_that_names_that_are_one_file_on_some_system_count_as_one() -> None:
    assert limits.folded("papers/Caf\u00e9.pdf") == limits.folded("papers/CAFE\u0301.PDF")


def test_that_every_refusal_is_an_error_of_ours(packed: Path, tmp_path: Path) -> None:
    """Any byte of the archive may be wrong: it is taken in whole or refused, and nothing else."""
    content, dice = packed.read_bytes(), random.Random(3)
    for round_ in range(60):
        damaged = bytearray(content)
        for _ in range(1 + round_ % 3):
            damaged[dice.randrange(len(content))] = dice.randrange(256)
        packed.write_bytes(damaged)
        out = tmp_path / "inbox" / str(round_)
        try:
            unarchive(packed, out)
        except AppError:
            assert not out.exists()
        else:
            with open_project(out) as project:
                assert len(project.pairs.all()) == 6


AS_NOBODY = """
import os, sys
from pathlib import Path
from embtrainer_gui.core.store.archive import write_archive
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
assert not os.access(sys.argv[1], os.W_OK)
write_archive(Path(sys.argv[1]), Path(sys.argv[2]) / "a.zip")
"""


def test_that_a_project_that_may_only_be_read_can_be_packed(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as place:  # which nobody can reach, unlike the folder of the tests
        os.chmod(place, 0o777)
        project = Path(place) / "project"
        shutil.copytree(folder, project, symlinks=True)
        for path in (project, *project.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o555 if path.is_dir() else 0o444)
        subprocess.run([sys.executable, "-c", AS_NOBODY, str(project), place], check=True)
        unarchive(Path(place) / "a.zip", Path(place) / "out")
        for path in (project, *project.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
