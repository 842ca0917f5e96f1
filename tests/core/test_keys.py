"""Where keys of servers are, with keyrings that work, that are missing, that raise and that hang."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from embtrainer_gui.core import keys
from embtrainer_gui.core.keys import KeyPlace, forget_key, is_key, keep_key, key_for, place_of_key

ADDRESS = "https://models.example.org/v1"
KEY = "sk-CANARY0123456789"


class Memory(KeyringBackend):
    """Stands for the system's store; ``before`` is called before each access."""

    priority = 1  # type: ignore[assignment]

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.before, self.calls = before, 0

    def _enter(self) -> None:
        self.calls += 1
        self.before()

    def get_password(self, service: str, username: str) -> str | None:
        self._enter()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._enter()
        self.kept[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        self._enter()
        del self.kept[(service, username)]


class PlaintextKeyring(Memory):
    """As keyrings.alt writes them into a file."""


PlaintextKeyring.__module__ = "keyrings.alt.file"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("EMBTRAINER_API_KEY", raising=False)
    monkeypatch.setattr(keys, "_session", {})
    monkeypatch.setattr(keys, "_keyring", keys._Keyring())
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def use(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)


def test_that_a_key_is_kept_in_the_keyring_by_its_server_and_forgotten() -> None:
    backend = Memory()
    use(backend)
    assert keep_key(ADDRESS, KEY) is KeyPlace.KEYRING
    assert backend.kept == {("embtrainer", "models.example.org"): KEY}
    assert key_for(ADDRESS) == key_for("https://models.example.org/other") == KEY
    assert key_for("https://elsewhere.example.org") == ""
    assert place_of_key(ADDRESS) is KeyPlace.KEYRING
    assert forget_key(ADDRESS) is KeyPlace.NOWHERE
    assert backend.kept == {}
    assert key_for(ADDRESS) == ""


def test_that_the_environment_wins_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    use(Memory())
    keep_key(ADDRESS, "another")
    monkeypatch.setenv("EMBTRAINER_API_KEY", KEY)
    assert key_for(ADDRESS) == KEY
    assert place_of_key(ADDRESS) is KeyPlace.ENVIRONMENT
    assert forget_key(ADDRESS) is KeyPlace.ENVIRONMENT


def broken() -> None:
    raise RuntimeError("locked")


@pytest.mark.parametrize(
    "backend",
    [fail.Keyring(), null.Keyring(), Memory(broken), PlaintextKeyring()],
    ids=["none", "null", "locked", "file"],
)
def test_that_without_a_keyring_a_key_stays_in_memory_only(backend: KeyringBackend) -> None:
    use(backend)
    assert key_for(ADDRESS) == ""
    assert keep_key(ADDRESS, KEY) is KeyPlace.SESSION
    assert key_for(ADDRESS) == KEY
    assert place_of_key(ADDRESS) is KeyPlace.SESSION
    assert not getattr(backend, "kept", {})
    assert forget_key(ADDRESS) is KeyPlace.NOWHERE
    assert key_for(ADDRESS) == ""


def test_that_a_keyring_that_hangs_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "SECONDS", 0.1)
    opened = threading.Event()
    backend = Memory(lambda: opened.wait(30) and None)
    use(backend)
    start = time.monotonic()
    try:
        assert key_for(ADDRESS) == ""
        assert keep_key(ADDRESS, KEY) is KeyPlace.SESSION
        assert key_for(ADDRESS) == KEY
        assert forget_key(ADDRESS) is KeyPlace.NOWHERE
        assert time.monotonic() - start < 1
        assert backend.calls == 1
    finally:
        opened.set()


def test_that_only_what_a_header_takes_is_a_key() -> None:
    assert is_key(KEY)
    assert not any(is_key(text) for text in ("", "a b", "a\nb", "schlüssel", "x" * 10_001))
