"""Pictures of pages from a process under limits: real ones, bad pages, and no process left behind."""

from __future__ import annotations

import asyncio
import os
import struct
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pymupdf
import pytest

from embtrainer_gui.core.records import FileState
from embtrainer_gui.extract.page_pictures import PagePictures, PageShown
from embtrainer_gui.extract.reading import Unreadable


@pytest.fixture(autouse=True)
def no_child_left() -> Iterator[None]:
    yield
    found = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "args="], capture_output=True, text=True)
    assert "pictures" not in found.stdout


def with_pictures(
    scratch: Path,
    ask: Callable[[PagePictures], Awaitable[PageShown]],
    seconds: float = 20,
    command: list[str] | None = None,
) -> PageShown:
    async def run() -> PageShown:
        async with PagePictures(scratch, seconds, command) as pictures:
            return await ask(pictures)

    return asyncio.run(run())


def locked(path: Path) -> Path:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "secret words")
    document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="key", owner_pw="owner")
    return path


def test_that_a_page_becomes_a_png_at_the_resolution_with_the_words_on_it(
    tmp_path: Path, three_papers: list[Path]
) -> None:
    shown = with_pictures(tmp_path, lambda pictures: pictures.picture(three_papers[0], 2, 100))
    assert shown.png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", shown.png[16:24])
    with pymupdf.open(three_papers[0]) as document:
        assert shown.pages == len(document)
        assert (width, height) == pytest.approx([side * 100 / 72 for side in document[1].rect.br], abs=1)
        assert {word[4] for word in shown.words} == {word[4] for word in document[1].get_text("words")}


def test_that_bad_pages_and_files_end_in_a_state_and_the_next_page_is_drawn(
    tmp_path: Path, three_papers: list[Path]
) -> None:
    junk = tmp_path / "junk.pdf"
    junk.write_bytes(b"%PDF-1.4 nothing more")
    secret = locked(tmp_path / "locked.pdf")

    async def ask(pictures: PagePictures) -> PageShown:
        states = []
        for path, page, password in ((junk, 1, ""), (three_papers[0], 999, ""), (secret, 1, ""), (secret, 1, "no")):
            with pytest.raises(Unreadable) as problem:
                await pictures.picture(path, page, 72, password)
            states.append((problem.value.state, str(problem.value)))
        assert [state for state, _ in states] == [FileState.FAILED] * 2 + [FileState.ENCRYPTED] * 2
        assert "has no page 999" in states[1][1]
        assert states[3][1] == "The password is wrong."
        assert (await pictures.picture(secret, 1, 72, "key")).words[0][4] == "secret"
        return await pictures.picture(three_papers[0], 1, 72)

    assert with_pictures(tmp_path, ask).png


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
def test_that_a_page_that_hangs_or_crashes_ends_its_process_alone(tmp_path: Path, three_papers: list[Path]) -> None:
    script = tmp_path / "wrapper.py"
    script.write_text(
        "import os, signal, time\n"
        "from embtrainer_gui.extract import picture_child, page_picture\n"
        "paint = page_picture.PagePainter.paint\n"
        "def odd(self, path, page, *rest):\n"
        "    if page == 1: time.sleep(60)\n"
        "    if page == 2: os.abort()\n"
        "    if page == 3: os.kill(os.getpid(), signal.SIGXCPU)\n"
        "    return paint(self, path, 1, *rest)\n"
        "picture_child.PagePainter.paint = odd\n"
        "picture_child.main()\n"
    )

    async def ask(pictures: PagePictures) -> PageShown:
        for page, state, words in (
            (1, FileState.STOPPED, "took longer than 1 s"),
            (2, FileState.FAILED, "crashed on page 2"),
            (3, FileState.STOPPED, "page 3 used too much processor time"),
        ):
            with pytest.raises(Unreadable, match=words) as problem:
                await pictures.picture(three_papers[0], page, 72)
            assert problem.value.state is state
        return await pictures.picture(three_papers[0], 4, 72)

    assert with_pictures(tmp_path, ask, seconds=1, command=[sys.executable, str(script)]).png
