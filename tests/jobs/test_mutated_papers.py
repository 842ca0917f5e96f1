"""Damaged and hostile papers in numbers: every one ends in a named state, also where text recognition is asked for."""

from __future__ import annotations

import os
import random
import time
import zlib
from pathlib import Path

import pymupdf
import pytest
from bombs import flate_of_repeats, one_page, stream
from made_pdfs import SENTENCES, add_scan_page, add_text_page, save

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.report import Silent
from embtrainer_gui.extract.pool import ReaderPool
from embtrainer_gui.extract.reading import FileResult

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits are those of POSIX")

WHOLE, SHARE = 3000, 20
SEED = 6


def results_of(paths: list[Path], config: ImportConfig) -> dict[str, FileResult]:
    with ReaderPool(config, bundled_folder()) as pool:
        return {m.path.name: m for m in pool.read(paths, Silent()) if isinstance(m, FileResult)}


def mutated(original: bytes, chance: random.Random) -> bytes:
    """Bytes changed, a part doubled, cut out or moved, or the end cut off."""
    data = bytearray(original)
    for _ in range(chance.randint(1, 12)):
        at, end = sorted(chance.randrange(len(data)) for _ in range(2))
        part = data[at : min(end, at + 400)]
        way = chance.randrange(5)
        if way == 0:
            data[at] = chance.randrange(256)
        elif way == 1:
            data[at:at] = part
        elif way == 2:
            del data[at : at + len(part)]
        elif way == 3:
            del data[at : at + len(part)]
            place = chance.randrange(len(data) + 1)
            data[place:place] = part
        else:
            for number in range(at, min(at + 8, len(data))):
                data[number] = chance.choice(b"0123456789<>[]()/ ")
    return bytes(data[: chance.randint(len(data) // 2, len(data))] if chance.random() < 0.2 else data)


@pytest.fixture
def originals(tmp_path: Path) -> list[bytes]:
    plain = save(tmp_path / "plain.pdf", lambda d: add_text_page(d, SENTENCES * 2), lambda d: add_text_page(d))
    scan = save(tmp_path / "scan.pdf", add_scan_page)
    with pymupdf.open(plain) as document:
        objects = document.tobytes(garbage=4, deflate=True, use_objstms=1)
        locked = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", user_pw="")
    return [plain.read_bytes(), scan.read_bytes(), objects, locked]


def test_that_mutated_papers_end_in_a_named_state_and_the_good_one_is_done(
    originals: list[bytes], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    count = WHOLE if request.config.getoption("--soak") else WHOLE // SHARE
    chance = random.Random(SEED)
    folder = tmp_path / "mutants"
    folder.mkdir()
    paths = []
    for number in range(count):
        paths.append(folder / f"{number}.pdf")
        paths[-1].write_bytes(mutated(originals[number % len(originals)], chance))
    good = folder / "good.pdf"
    good.write_bytes(originals[0])
    started = time.monotonic()
    results = results_of([*paths, good], ImportConfig(workers=2, file_seconds=20, page_seconds=10))
    assert time.monotonic() - started < 60 + count
    assert len(results) == count + 1
    assert results["good.pdf"].state is FileState.DONE
    for result in results.values():
        assert result.reason or result.state is FileState.DONE, result


def scanned_bomb(width: int, height: int, *, box: bytes = b"0 0 612 792") -> bytes:
    """A page that is one picture of ``width`` by ``height`` pixels, a few kilobytes of file."""
    data = flate_of_repeats(b"", b"\x55" * 200, width * height // 200, b"")
    entries = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray" % (width, height)
    image = stream(data, entries + b" /BitsPerComponent 8 /Filter /FlateDecode")
    x, y = (float(value) for value in box.split()[2:])
    content = stream(b"q %f 0 0 %f 0 0 cm /I Do Q" % (x, y))
    return one_page(content, box=box, resources=b"/XObject << /I 10 0 R >>", more={10: image})


def full_of_marks() -> bytes:
    """A scan with thousands of marks that look like lines of text."""
    chance = random.Random(SEED)
    rows = [bytes(chance.choice((0, 255)) if x % 7 < 4 else 255 for x in range(600)) for _ in range(12)]
    pixels = b"".join(rows[y % 12] if y % 6 < 3 else b"\xff" * 600 for y in range(800))
    entries = b"/Type /XObject /Subtype /Image /Width 600 /Height 800 /ColorSpace /DeviceGray /BitsPerComponent 8"
    image = stream(zlib.compress(pixels), entries + b" /Filter /FlateDecode")
    return one_page(stream(b"q 612 0 0 792 0 0 cm /I Do Q"), resources=b"/XObject << /I 10 0 R >>", more={10: image})


def test_that_hostile_scans_end_within_the_limit_of_a_page_while_a_good_one_is_recognised(tmp_path: Path) -> None:
    bombs = {
        "huge": scanned_bomb(40_000, 40_000),
        "long": scanned_bomb(200, 2_000_000),
        "wide-page": scanned_bomb(2_000, 2_000, box=b"0 0 14400 14400"),
        "marks": full_of_marks(),
    }
    paths = [save(tmp_path / "good.pdf", add_scan_page)]
    for name, content in bombs.items():
        paths.append(tmp_path / f"{name}.pdf")
        paths[-1].write_bytes(content)
    started = time.monotonic()
    results = results_of(paths, ImportConfig(workers=2, extractor="ocr", recognition_seconds=8))
    assert time.monotonic() - started < 4 * 8 + 30
    assert results["good.pdf"].state is FileState.DONE
    assert set(results) == {path.name for path in paths}
    for name in bombs:
        result = results[f"{name}.pdf"]
        assert result.state in (FileState.STOPPED, FileState.FAILED, FileState.EMPTY, FileState.DONE), result
        assert result.reason or result.state is FileState.DONE


def test_that_odd_names_are_read_and_a_scan_that_is_not_recognised_says_so(tmp_path: Path) -> None:
    names = ("n" * 251 + ".pdf", "two\nlines.pdf", "\u202efdp.exe.pdf", "a;rm -rf $(x) 'b\".pdf")
    for name in names:
        save(tmp_path / name, lambda d: add_text_page(d, SENTENCES * 2))
    (tmp_path / "link.pdf").symlink_to(tmp_path / names[1])
    scan = save(tmp_path / "scan.pdf", add_scan_page)
    (tmp_path / "page.pdf").write_text("<html>Log in</html>")
    paths = [*(tmp_path / name for name in names), tmp_path / "link.pdf", scan, tmp_path / "page.pdf"]
    results = results_of(paths, ImportConfig(workers=1, extractor="text"))
    assert {results[name].state for name in (*names, "link.pdf")} == {FileState.DONE}
    assert results["scan.pdf"].state is FileState.EMPTY
    assert "scanned images" in results["scan.pdf"].reason
    assert results["page.pdf"].state is FileState.FAILED
