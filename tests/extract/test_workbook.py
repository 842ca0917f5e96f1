"""Excel workbooks: what a spreadsheet shows is what is read, and hostile ones cost neither time nor memory."""

from __future__ import annotations

import datetime
import io
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.extract import workbook
from embtrainer_gui.extract.workbook import workbook_rows, workbook_sheets


def saved(path: Path, *rows: tuple[object, ...], second: str = "") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if second:
        book.create_sheet(second).append(("other",))
    book.create_sheet("hidden").sheet_state = "hidden"
    book.save(path)
    return path


def changed(path: Path, part: str, change: dict[str, str]) -> Path:
    """The same workbook with words of one part replaced."""
    parts = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    for old, new in change.items():
        assert old.encode() in parts[part]
        parts[part] = parts[part].replace(old.encode(), new.encode(), 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_that_cells_are_read_as_text_with_the_line_that_the_user_sees(tmp_path: Path) -> None:
    day = datetime.datetime(2024, 2, 3)
    path = saved(
        tmp_path / "a.xlsx",
        (None,), ("Frage", "Wert", None), ("Was?", 3.0), (), ("Wo?", day, "no name"), ("'=1+1", 0.5),
    )  # fmt: skip
    names, rows = workbook_rows(path)
    assert names == ["Frage", "Wert"]
    assert [(row.line, row.value) for row in rows] == [
        (3, {"Frage": "Was?", "Wert": "3"}),
        (5, {"Frage": "Wo?", "Wert": "2024-02-03T00:00:00"}),
        (6, {"Frage": "=1+1", "Wert": "0.5"}),
    ]


def test_that_hidden_sheets_are_not_offered_and_another_one_can_be_named(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", ("first",), second="Zwei")
    assert workbook_sheets(path) == ["Sheet", "Zwei"]
    assert workbook_rows(path, "Zwei")[0] == ["other"]
    with pytest.raises(UserError, match="Zwei"):
        workbook_rows(path, "Drei")


def test_that_a_formula_is_its_stored_value_and_never_run(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", ("q", "a"), ("Q?", "=1+1"))
    assert [row.value for row in workbook_rows(path)[1]] == [{"q": "Q?", "a": ""}]
    changed(path, SHEET, {"<v />": "<v>2</v>"})
    assert [row.value for row in workbook_rows(path)[1]] == [{"q": "Q?", "a": "2"}]


@pytest.mark.timeout(30)
def test_that_a_sheet_that_claims_to_be_huge_is_read_as_small_as_it_is(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", ("q",), ("Q?",))
    changed(path, SHEET, {'ref="A1:A2"': 'ref="A1:XFD1048576"', '<row r="2"': '<row r="99999999999"'})
    begun = time.process_time()
    assert len(list(workbook_rows(path)[1])) <= 1
    assert time.process_time() - begun < 5


def bomb(path: Path, name: str, content: bytes) -> Path:
    saved(path, ("q", "a"), ("Q?", "A"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("xl/worksheets/sheet9.xml", ENTITIES, "entities"),
        ("xl/sharedStrings9.xml", b"\xff\xfe<\0x\0>\0", "UTF-8"),
        ("xl/media/image1.png", b"\0" * 40_000_000, "packed too tightly"),
        ("xl/theme/theme9.xml", b"<a>" + b"x" * 17_000_000, "too large"),
    ],
)
def test_that_bombs_are_refused_before_anything_is_built_of_them(
    tmp_path: Path, name: str, content: bytes, word: str
) -> None:
    path = bomb(tmp_path / "bomb.xlsx", name, content)
    with pytest.raises(UserError, match=word):
        workbook_sheets(path)


def test_that_an_endless_row_and_too_many_cells_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / "a.xlsx", *[("q", "a")] * 400)
    assert len(list(workbook_rows(path)[1])) == 399
    monkeypatch.setattr(workbook, "MAX_TAGS", 500)
    with pytest.raises(UserError, match="too many cells"):
        workbook_sheets(path)
    monkeypatch.undo()
    monkeypatch.setattr(workbook, "MAX_ROW", 20_000)
    workbook_sheets(saved(tmp_path / "b.xlsx", *[("q", "a")] * 400))
    with pytest.raises(UserError, match="a single row"):
        workbook_sheets(saved(tmp_path / "c.xlsx", tuple("q" * 40 for _ in range(900))))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rest", b"no workbook", b"\xd0\xcf\x11\xe0old"])
def test_that_what_is_no_workbook_says_so_with_the_cure(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(UserError, match="save it again"):
        workbook_sheets(tmp_path / "a.xlsx")


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.95])
def test_that_a_damaged_workbook_never_crashes(tmp_path: Path, cut: float) -> None:
    whole = saved(tmp_path / "a.xlsx", *[("q", "a")] * 50).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: int(len(whole) * cut)])
    with pytest.raises(UserError, match=r"cut\.xlsx"):
        list(workbook_rows(tmp_path / "cut.xlsx")[1])
    for old, new in (('t="s"><v>0', 't="s"><v>99999'), ("<sheetData>", "<sheetData"), ("</row>", "</rov>")):
        path = saved(tmp_path / "b.xlsx", ("q", "a"), ("Q?", "A"))
        content = io.BytesIO(path.read_bytes())
        with zipfile.ZipFile(content) as archive:
            if old.encode() not in archive.read(SHEET):
                continue
        changed(path, SHEET, {old: new})
        with pytest.raises(UserError, match=r"b\.xlsx"):
            list(workbook_rows(path)[1])
