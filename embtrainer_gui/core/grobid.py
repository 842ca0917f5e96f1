"""Asks a GROBID server for the TEI of a paper: one request at a time, all limits held, nothing tried again here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from embtrainer_gui.core.errors import AppError, UserError
from embtrainer_gui.core.server_address import host_of, is_this_machine, names_a_host
from embtrainer_gui.core.server_http import refuse_metadata
from embtrainer_gui.core.server_problems import ServerAway, ServerBusy
from embtrainer_gui.core.translate import mark

CONNECT_SECONDS, SHORT_SECONDS = 5.0, 15.0
MOST_BYTES = 32 * 2**20  # of a TEI; a thousand pages take 5 MB
MOST_SHORT_BYTES = 10_000
LONGEST_BUSY_WAIT = 60.0  # seconds, whatever Retry-After says
_OPTIONS: dict[str, str | list[str]] = {
    "consolidateHeader": "0",  # else GROBID asks servers of its own choice
    "consolidateCitations": "0",
    "consolidateFunders": "0",
    "segmentSentences": "1",
    "teiCoordinates": ["s", "p", "head", "figure", "formula"],
}


class NoGrobid(UserError):
    """Something answers at the address, but not as GROBID does: no paper need be sent there."""


class GrobidRefused(UserError):
    """This paper failed; the server goes on. ``is_empty``: GROBID read it and found nothing (204)."""

    def __init__(self, message: str, hint: str = "", *, is_empty: bool = False, **values: object) -> None:
        super().__init__(message, hint, **values)
        self.is_empty = is_empty


class GrobidLate(GrobidRefused):
    """This paper took longer than its time."""


async def grobid_version(address: str) -> str:
    """The version of the GROBID at ``address``.

    Raises:
        UserError: the address is none.
        ServerAway, NoGrobid: no GROBID answers there in time.
    """
    async with GrobidClient(address, SHORT_SECONDS) as client:
        return await client.version()


class GrobidClient:
    """An async context manager. No redirect is followed, no proxy used for this machine.

    Args:
        total_seconds: from the first byte sent to the last one received, whatever the server does in between.
    """

    def __init__(self, address: str, total_seconds: float) -> None:
        self.address = address.strip().rstrip("/").removesuffix("/api")
        self.host = host_of(self.address)
        if not self.address.startswith(("http://", "https://")) or not self.host or "@" in self.host:
            raise UserError(
                mark("{address!r} is no address of a GROBID server."),
                mark("It starts with http:// or https:// and holds no user name, such as http://localhost:8070."),
                address=address,
            )
        self._seconds = total_seconds
        self._extensions = {"trace": refuse_metadata} if names_a_host(self.address) else {}
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(total_seconds, connect=CONNECT_SECONDS),
            trust_env=not is_this_machine(self.address),
            verify=self.address.startswith("https:"),
            headers={"Accept-Encoding": "identity"},  # what a few bytes unfold to would be known too late
        )

    async def __aenter__(self) -> GrobidClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def version(self) -> str:
        """Asks whether the server is alive and which version it is; the version is "" where it does not say.

        Raises:
            ServerAway, NoGrobid: no GROBID answers.
        """
        async with self._limits():
            status, body = await self._short("/api/isalive")
            if status != httpx.codes.OK or body.strip().lower() != b"true":
                raise self._is_no_grobid(status)
            status, body = await self._short("/api/version")
        return _version(body) if status == httpx.codes.OK else ""

    async def process(self, pdf: Path, target: Path, pages: tuple[int, int] | None = None) -> None:
        """Write the TEI of ``pdf`` into the file ``target``.

        Args:
            pages: the first and the last page to read, from 1; None is all.

        Raises:
            ServerAway, ServerBusy: the server; the paper can be sent again.
            NoGrobid: no paper need be sent.
            GrobidRefused: this paper.
        """
        options = _OPTIONS | ({"start": str(pages[0]), "end": str(pages[1])} if pages else {})
        url = f"{self.address}/api/processFulltextDocument"
        with pdf.open("rb") as file:
            upload = {"input": ("paper.pdf", file, "application/pdf")}  # its own name is nobody's business
            headers = {"Accept": "application/xml"}
            async with (
                self._limits(),
                self._client.stream(
                    "POST", url, data=options, files=upload, headers=headers, extensions=self._extensions
                ) as response,
            ):
                await self._raise_for(response)
                with target.open("wb") as out:
                    async for part in self._capped(response, MOST_BYTES):
                        out.write(part)

    async def _short(self, route: str) -> tuple[int, bytes]:
        async with self._client.stream("GET", self.address + route, extensions=self._extensions) as response:
            body = b"".join([part async for part in self._capped(response, MOST_SHORT_BYTES)])
            return response.status_code, body

    async def _capped(self, response: httpx.Response, most: int) -> AsyncIterator[bytes]:
        """The body as it comes, never more than ``most`` bytes."""
        received = 0
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise self._refused(mark("GROBID at {host} packed its answer, which it was asked not to do."))
        async for part in response.aiter_raw():
            received += len(part)
            if received > most:
                raise self._refused(
                    mark("GROBID at {host} answered with more than {number} MB."), number=max(1, most // 2**20)
                )
            yield part

    async def _raise_for(self, response: httpx.Response) -> None:
        code = response.status_code
        if code == httpx.codes.OK:
            return
        if code == httpx.codes.SERVICE_UNAVAILABLE:
            raise self._busy(response)
        if code == httpx.codes.NO_CONTENT:
            raise self._refused(mark("GROBID at {host} found no text in it."), is_empty=True)
        if code in (401, 403, 404, 405, 502, 504) or response.is_redirect:
            raise self._is_no_grobid(code)
        body = b""
        async for part in self._capped(response, MOST_BYTES):
            body += part[: MOST_SHORT_BYTES - len(body)]
        raise self._refused(
            mark("GROBID at {host} could not read it (status {code}{detail})."),
            code=code,
            detail=_first_words(body),
        )

    @asynccontextmanager
    async def _limits(self) -> AsyncIterator[None]:
        """Everything that can go wrong between here and the server as one of our errors."""
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except (httpx.ConnectTimeout, httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol) as problem:
            raise self._away(problem, is_unreachable=True) from problem
        except (TimeoutError, httpx.TimeoutException) as problem:
            raise GrobidLate(
                mark("GROBID at {host} took longer than {seconds:.0f} s for it."),
                mark("Raise the time limit of one page in the import settings (--recognition-seconds)."),
                host=self.host,
                seconds=self._seconds,
            ) from problem
        except httpx.HTTPError as problem:
            raise self._away(problem, is_unreachable=False) from problem
        except httpx.InvalidURL as problem:
            raise UserError(
                mark("{address!r} is no address of a GROBID server."),
                mark("It looks like http://localhost:8070."),
                address=self.address,
            ) from problem

    def _away(self, problem: Exception, *, is_unreachable: bool) -> ServerAway:
        away = ServerAway(
            mark("GROBID at {host} did not answer: {reason}."),
            mark("Start the server, or look at its address in the import settings (--grobid-url); then retry."),
            host=self.host,
            reason=str(problem).strip().rstrip(".") or type(problem).__name__,
        )
        away.cause = "unreachable" if is_unreachable else "failed"
        return away

    def _busy(self, response: httpx.Response) -> ServerBusy:
        busy = ServerBusy(
            mark("GROBID at {host} is busy with other papers."),
            mark("Try again when it has less to do."),
            host=self.host,
        )
        busy.retry_after = _seconds(response.headers.get("Retry-After", ""))
        return busy

    def _is_no_grobid(self, code: int) -> AppError:
        return NoGrobid(
            mark("What answers at {host} is no GROBID server (status {code})."),
            mark("Look at its address in the import settings (--grobid-url), such as http://localhost:8070."),
            host=self.host,
            code=code,
        )

    def _refused(self, message: str, *, is_empty: bool = False, **values: object) -> GrobidRefused:
        return GrobidRefused(message, "", is_empty=is_empty, host=self.host, **values)


def _version(body: bytes) -> str:
    """From ``{"version": "0.8.1", ...}`` of newer servers or the bare words of older ones."""
    text = body.decode("utf-8", "replace").strip()
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        found = text
    if isinstance(found, dict):
        found = found.get("version", "")
    return " ".join(str(found).split())[:40] if isinstance(found, str | int | float) else ""


def _first_words(body: bytes) -> str:
    """A short, printable piece of what the server says, for the user to read."""
    words = "".join(c if c.isprintable() else " " for c in body.decode("utf-8", "replace")).split()
    text = " ".join(words)[:120].rstrip(" .")
    return f": {text}" if text else ""


def _seconds(text: str) -> float | None:
    return min(float(text), LONGEST_BUSY_WAIT) if text.isascii() and text.isdigit() else None
