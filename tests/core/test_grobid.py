"""GROBID over real HTTP: what is asked, what each answer means, and that no answer takes more than its share."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from fake_grobid import FakeGrobid, serve, tei_of

from embtrainer_gui.core import grobid
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.grobid import GrobidClient, GrobidLate, GrobidRefused, NoGrobid, grobid_version
from embtrainer_gui.core.server_problems import ServerAway, ServerBusy

PDF = b"%PDF-1.7 a paper \xff\x00 of mine"


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "secret name.pdf"
    path.write_bytes(PDF)
    return path


def process(fake: FakeGrobid, pdf: Path, seconds: float = 10, pages: tuple[int, int] | None = None) -> bytes:
    target = pdf.with_name("answer.tei.xml")

    async def ask() -> None:
        async with GrobidClient(fake.address, seconds) as client:
            await client.process(pdf, target, pages)

    asyncio.run(ask())
    return target.read_bytes()


@pytest.mark.parametrize(
    ("body", "version"),
    [(b'{"version":"0.8.1","revision":"x"}', "0.8.1"), (b"0.7.2\n", "0.7.2"), (b"[[[[", "[[[["), (b"{}", "")],
)
def test_that_the_version_of_old_and_new_servers_is_told(body: bytes, version: str) -> None:
    with serve(FakeGrobid(version=body)) as fake:
        assert asyncio.run(grobid_version(f"{fake.address}/")) == version
        assert asyncio.run(grobid_version(f"{fake.address}/api")) == version


def test_that_what_is_no_grobid_is_told_by_host_and_cure() -> None:
    with serve(FakeGrobid(alive=b"<html>")) as fake, pytest.raises(NoGrobid, match="is no GROBID server") as problem:
        asyncio.run(grobid_version(fake.address))
    assert "--grobid-url" in problem.value.hint
    with pytest.raises(ServerAway, match=r"GROBID at 127\.0\.0\.1:9 did not answer: "):
        asyncio.run(grobid_version("http://127.0.0.1:9"))


@pytest.mark.parametrize("address", ["", "localhost:8070", "ftp://x", "http://", "http://me:pw@host", "file:///etc/x"])
def test_that_an_address_that_is_none_is_refused_before_anything_is_sent(address: str) -> None:
    with pytest.raises(UserError, match="is no address"):
        asyncio.run(grobid_version(address))


def test_that_a_paper_is_asked_for_with_places_and_sentences_and_without_its_name(pdf: Path) -> None:
    with serve(FakeGrobid(answer_of={PDF: tei_of("bees")})) as fake:
        assert process(fake, pdf) == tei_of("bees")
        process(fake, pdf, pages=(3, 7))
    assert fake.papers == [PDF, PDF]
    first, second = fake.forms
    assert first["teiCoordinates"] == ["s", "p", "head", "figure", "formula"]
    assert first["segmentSentences"] == ["1"]
    assert first["consolidateHeader"] == first["consolidateCitations"] == ["0"]
    assert "start" not in first
    assert (second["start"], second["end"]) == (["3"], ["7"])
    assert first["file name"] == ["paper.pdf"]


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        ("204", GrobidRefused, "found no text in it"),
        ("500", GrobidRefused, "could not read it (status 500: [BAD_INPUT_DATA] PDF to XML conversion"),
        ("503", ServerBusy, "is busy"),
        ("redirect", NoGrobid, "is no GROBID server (status 307)"),
        ("gzip", GrobidRefused, "packed its answer"),
        ("reset", ServerAway, "did not answer: "),
    ],
)
def test_that_each_refusal_is_told_as_what_it_is(act: str, error: type[Exception], words: str, pdf: Path) -> None:
    with serve(FakeGrobid(script=[act])) as fake:
        with pytest.raises(error) as problem:
            process(fake, pdf)
        assert words in str(problem.value)
        assert "\x1b" not in str(problem.value)
        assert process(fake, pdf) == fake.tei


def test_that_a_busy_server_says_how_long_and_no_longer_than_a_minute(pdf: Path) -> None:
    with serve(FakeGrobid(script=["503:2", "503:3600", "503:soon"])) as fake:
        asked = []
        for _ in range(3):
            with pytest.raises(ServerBusy) as problem:
                process(fake, pdf)
            asked.append(problem.value.retry_after)
    assert asked == [2, 60, None]


@pytest.mark.parametrize("act", ["hang", "drip"])
def test_that_a_server_that_hangs_or_drips_is_left_in_time(act: str, pdf: Path) -> None:
    with serve(FakeGrobid(script=[act])) as fake:
        start = time.monotonic()
        with pytest.raises(GrobidLate, match="took longer than"):
            process(fake, pdf, seconds=0.5)
        assert time.monotonic() - start < 3


def test_that_an_endless_answer_is_cut_off(pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grobid, "MOST_BYTES", 2**21)
    with serve(FakeGrobid(script=["huge"])) as fake:
        with pytest.raises(GrobidRefused, match="more than 2 MB"):
            process(fake, pdf)
        assert pdf.with_name("answer.tei.xml").stat().st_size <= 2**21


def test_that_a_redirect_is_not_followed_and_no_proxy_sees_this_machine(
    pdf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(FakeGrobid()) as other, serve(FakeGrobid(script=["redirect"], redirect_to=other.address)) as fake:
        monkeypatch.setenv("HTTP_PROXY", other.address)
        monkeypatch.setenv("ALL_PROXY", other.address)
        with pytest.raises(NoGrobid):
            process(fake, pdf)
        assert asyncio.run(grobid_version(fake.address)) == "0.8.1"
        assert other.routes == []


def test_that_asking_can_be_cancelled_at_once(pdf: Path) -> None:
    async def ask(fake: FakeGrobid) -> float:
        async with GrobidClient(fake.address, 60) as client:
            task = asyncio.create_task(client.process(pdf, pdf.with_name("out")))
            while not fake.papers:
                await asyncio.sleep(0.01)
            start = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return time.monotonic() - start

    with serve(FakeGrobid(script=["hang"])) as fake:
        assert asyncio.run(ask(fake)) < 1
