"""A model hub over HTTP: what files a model has, and one file at a time, resumed where it broke off.

The library huggingface_hub (2.4) deletes what it has of a file when a download ends early, so a download that was
killed begins anew; hence this client. It speaks the two requests that the hub documents for reading.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.files import write_problem
from embtrainer_gui.core.hub_address import endpoint, host_of
from embtrainer_gui.core.hub_files import HubFile, Listing, listing_of
from embtrainer_gui.core.translate import mark

READ_SECONDS = 10.0  # without a byte; also the longest that a stop has to wait
PAUSES = (1.0, 2.0, 4.0, 8.0)  # before each further try; a try that brought bytes begins them again
BUSY = (408, 429, 500, 502, 503, 504)
LONGEST_WAIT = 60.0  # that a server may ask for
MOST_REDIRECTS = 5  # the hub sends large files from other hosts
TRY_AGAIN = mark("Check the connection and try again: what has come so far is kept, and it goes on from there.")
BY_HAND = mark("Open {page} in a browser, log in and download it there; then choose its folder.")


@dataclass(frozen=True, slots=True)
class Watch:
    """``progress`` gets the bytes of the file that are on the disk; ``check`` may raise to stop."""

    progress: Callable[[int], None]
    check: Callable[[], None]


class Hub:
    """Close it after use. Every method may raise EnvironmentProblem (network, disk) or UserError (no such model)."""

    def __init__(self, address: str | None = None) -> None:
        self.address = address or endpoint()
        self.host = host_of(self.address)
        self._client = httpx.Client(
            timeout=READ_SECONDS,
            follow_redirects=True,
            max_redirects=MOST_REDIRECTS,
            headers={"Accept-Encoding": "identity"},  # else the bytes of a range would not be those of the file
            event_hooks={"request": [self._refuse_plain]},
        )

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def listing(self, name: str, revision: str, check: Callable[[], None]) -> Listing:
        """The files of a revision (a commit, or a branch such as ``main``)."""
        url = f"{self.address}/api/models/{quote(name)}/revision/{quote(revision, safe='')}"
        told = self._patiently(lambda: self._json(url, name), name, check)
        return listing_of(told, name, self.host)

    def fetch(self, name: str, commit: str, file: HubFile, target: Path, watch: Watch) -> None:
        """Bring ``target`` to the size of ``file``, from where it stands. Its content is for the caller to verify."""
        url = f"{self.address}/{quote(name)}/resolve/{commit}/{quote(file.path)}"

        def rest() -> None:
            have = target.stat().st_size if target.exists() else 0
            if have != file.size or not have:
                self._stream(url, name, file, target, have, watch)

        self._patiently(rest, name, watch.check, lambda: target.stat().st_size if target.exists() else 0)

    def _patiently(
        self, work: Callable[[], Any], name: str, check: Callable[[], None], reached: Callable[[], int] = lambda: 0
    ) -> Any:
        """The result of ``work``, tried again after each fault of the network that may pass."""
        tries = 0
        while True:
            before = reached()
            try:
                return work()
            except (httpx.TransportError, httpx.DecodingError, _Busy) as problem:
                tries = 0 if reached() > before else tries + 1
                if tries > len(PAUSES):
                    raise self._gave_up(name, problem) from problem
                asked = problem.seconds if isinstance(problem, _Busy) else 0.0
                _wait(max(PAUSES[max(0, tries - 1)], asked), check)
            except httpx.TooManyRedirects as problem:
                raise self._gave_up(name, problem) from problem

    def _json(self, url: str, name: str) -> Any:
        response = self._client.get(url, params={"blobs": "true"})
        self._raise_for(response, name)
        try:
            return response.json()
        except ValueError as problem:
            raise EnvironmentProblem(
                mark("{host} answered with something else than the files of {name}."),
                mark("A network that wants a login in the browser does that: open any page there, then try again."),
                host=self.host,
                name=name,
            ) from problem

    def _stream(self, url: str, name: str, file: HubFile, target: Path, have: int, watch: Watch) -> None:
        if have > file.size:
            have = 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._client.stream("GET", url, headers=headers) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                target.unlink(missing_ok=True)
                raise _Busy(0)
            self._raise_for(response, name)
            if not _goes_on(response, have):
                have = 0  # the server sends the whole file
            self._write(response, file, target, have, watch)

    def _write(self, response: httpx.Response, file: HubFile, target: Path, have: int, watch: Watch) -> None:
        try:
            with target.open("r+b" if have else "wb", buffering=0) as out:
                out.seek(have)
                out.truncate()
                for chunk in response.iter_bytes():  # as they come: what waits in a buffer dies with a kill
                    out.write(chunk)
                    have += len(chunk)
                    watch.progress(have)
                    watch.check()
                    if have > file.size:
                        break  # it is not the file that was listed; verifying will say so
                os.fsync(out.fileno())
        except OSError as problem:
            raise write_problem(target, problem) from problem
        if have < file.size:
            raise httpx.RemoteProtocolError("the connection ended early")

    def _raise_for(self, response: httpx.Response, name: str) -> None:
        code = response.status_code
        if code in BUSY:
            raise _Busy(_seconds(response.headers.get("Retry-After", "")), code)
        if code in (401, 403):
            raise UserError(
                mark("{host} gives {name} only to people who are logged in, or has no model of that name."),
                BY_HAND,
                host=self.host,
                name=name,
                page=f"{self.address}/{name}",
            )
        if code == httpx.codes.NOT_FOUND:
            raise UserError(
                mark("{host} has no model {name}, or not the version that is wanted."),
                mark("Look at its name again: embtrainer models lists those that are known to work."),
                host=self.host,
                name=name,
            )
        if not response.is_success:
            raise EnvironmentProblem(
                mark("{host} refused to send {name} (status {code})."),
                mark("Try again later, or download the model in a browser and choose its folder."),
                host=self.host,
                name=name,
                code=code,
            )

    def _gave_up(self, name: str, problem: Exception) -> EnvironmentProblem:
        return EnvironmentProblem(
            mark("The download of {name} from {host} broke off: {reason}."),
            TRY_AGAIN,
            name=name,
            host=self.host,
            reason=str(problem).rstrip(".") or type(problem).__name__,
        )

    def _refuse_plain(self, request: httpx.Request) -> None:
        if self.address.startswith("https://") and request.url.scheme != "https":
            raise EnvironmentProblem(
                mark("{host} sent this program on to an address without encryption, {other}."),
                mark("Try again in another network: somebody between may change what is sent."),
                host=self.host,
                other=request.url.host,
            )


class _Busy(Exception):
    """The server asks to come again, perhaps after some ``seconds``."""

    def __init__(self, seconds: float, code: int = 0) -> None:
        super().__init__(f"the server answers with status {code}" if code else "the server sends no part of the file")
        self.seconds = seconds


def _goes_on(response: httpx.Response, have: int) -> bool:
    """Whether the answer begins at the byte that was asked for."""
    return response.status_code == httpx.codes.PARTIAL_CONTENT and response.headers.get("Content-Range", "").startswith(
        f"bytes {have}-"
    )


def _seconds(text: str) -> float:
    return min(float(text), LONGEST_WAIT) if text.isdigit() else 0.0


def _wait(seconds: float, check: Callable[[], None]) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        check()
        time.sleep(min(0.1, seconds))
    check()
