"""The text folder of a half-finished generation and its progress file."""

from __future__ import annotations

from pathlib import Path

import pytest

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.legacy.progress import read_progress, write_progress
from embtrainer_gui.core.legacy.statements import Statement, read_statements

TEN = "one two three four five six seven eight nine ten"


def test_that_each_long_enough_line_is_a_statement_in_order_of_name_and_line(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(f"\ufeff{TEN} b\r\n\r\n  {TEN}\u2028\x0c inside  \r\n".encode())
    (tmp_path / "a.txt").write_bytes(f"{TEN} a".encode())
    (tmp_path / "empty.txt").touch()
    (tmp_path / "notes.md").write_text(TEN, encoding="utf-8")
    (tmp_path / "folder.txt").mkdir()
    assert list(read_statements(tmp_path)) == [
        Statement("a.txt", 1, f"{TEN} a"),
        Statement("b.txt", 1, f"{TEN} b"),
        Statement("b.txt", 3, f"{TEN}\u2028\x0c inside"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        TEN.removesuffix(" ten"),
        f"Acknowledgments: {TEN}",
        f"ACKNOWLEDGEMENTS: {TEN}",
        f"Funding: {TEN}",
        f"Data Availability Statement: {TEN}",
        f"author contributions: {TEN}",
        f"References: {TEN}",
        f"Declarations: {TEN}",
        "[Page 12 - Not yet processed]",
    ],
)
def test_that_lines_that_say_nothing_of_the_paper_are_left_out(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.txt").write_text(f"{line}\n{TEN}\n", encoding="utf-8")
    assert [found.line_number for found in read_statements(tmp_path)] == [2]


def test_that_a_bad_byte_does_not_cost_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEN.encode() + b" caf\xe9\n" + TEN.encode())
    assert [found.text for found in read_statements(tmp_path)] == [f"{TEN} caf\ufffd", TEN]


@pytest.mark.parametrize(
    ("there", "asked"),
    [("grobid_processed_pdf", "grobid_proccessed_pdf"), ("grobid_proccessed_pdf", "grobid_processed_pdf")],
)
def test_that_both_spellings_of_the_input_folder_are_found(tmp_path: Path, there: str, asked: str) -> None:
    (tmp_path / there).mkdir()
    (tmp_path / there / "a.txt").write_text(TEN, encoding="utf-8")
    assert len(list(read_statements(tmp_path / asked))) == 1


def test_that_a_missing_folder_is_told_with_a_cure(tmp_path: Path) -> None:
    for name in ("none", "grobid_processed_pdf"):
        with pytest.raises(UserError, match=f"{name}.*Check input_dir"):
            list(read_statements(tmp_path / name))


def test_that_a_half_finished_run_goes_on_behind_its_last_line(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text(f"{TEN}\n{TEN}\n{TEN}\n", encoding="utf-8")
    path = tmp_path / "progress.json"
    entry = {"paragraph_index": 1, "line_number": 1, "completed": True}
    write_progress(path, {"a.txt": {"line_number": 2}, "b.txt": entry})
    assert path.read_text(encoding="utf-8").startswith('{\n  "a.txt": {\n    "line_number": 2\n  }')
    left = [(found.file_name, found.line_number) for found in read_statements(tmp_path, read_progress(path))]
    assert left == [("a.txt", 3), ("c.txt", 1), ("c.txt", 2), ("c.txt", 3)]


def test_that_no_progress_file_means_from_the_start(tmp_path: Path) -> None:
    assert read_progress(tmp_path / "progress.json") == {}


@pytest.mark.parametrize(
    "content",
    [b"", b'{"a.txt": {"line_number": 3', b"[]", b"null", b'{"a.txt": 3}', b'{"a.txt": {}}', b"\xff",
     b'{"a.txt": {"line_number": "3"}}', b'{"a.txt": {"line_number": -1}}', b'{"a.txt": {"line_number": true}}'],
)  # fmt: skip
def test_that_an_unreadable_progress_file_never_counts_as_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "progress.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match="progress.json") as caught:
        read_progress(path)
    assert caught.value.hint
    assert path.read_bytes() == content


def test_that_a_progress_path_that_is_a_folder_does_not_count_as_empty(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        read_progress(tmp_path)


def test_that_a_full_disk_leaves_the_old_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "progress.json"
    write_progress(path, {"a.txt": {"line_number": 2}})

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EnvironmentProblem, match="disk is full"):
        write_progress(path, {"a.txt": {"line_number": 3}})
    assert read_progress(path) == {"a.txt": {"line_number": 2}}
