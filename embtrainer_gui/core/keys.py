"""Keys of servers: the environment first, else this process's memory, else the system's keyring. Never a file.

A keyring can be missing, locked, or hang while it asks for its password somewhere: every call has a time of its own.
"""

from __future__ import annotations

import importlib
import os
import threading
from enum import StrEnum
from typing import Any

from embtrainer_gui.core.environment import KEY_VARIABLE
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.core.settings import APP_NAME

SECONDS = 3.0  # that a keyring may take; one that takes longer is not asked again
LONGEST = 10_000  # characters of a key
NO_STORE = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")  # none, none, and plain files

_session: dict[str, str] = {}


class KeyPlace(StrEnum):
    """Where a key is."""

    ENVIRONMENT = "environment"
    SESSION = "session"
    KEYRING = "keyring"
    NOWHERE = "nowhere"


class _Keyring:
    """The system's keyring, asked on a thread that is left behind when it hangs."""

    def __init__(self) -> None:
        self.works = True

    def ask(self, what: str, *arguments: str) -> tuple[bool, Any]:
        """Whether it did ``what``, and what it gave."""
        if not self.works:
            return False, None
        given: list[Any] = []
        thread = threading.Thread(target=self._ask, args=(given, what, arguments), name="keyring", daemon=True)
        thread.start()
        thread.join(SECONDS)
        if not given:
            self.works = not thread.is_alive()
            return False, None
        return True, given[0]

    def _ask(self, given: list[Any], what: str, arguments: tuple[str, ...]) -> None:
        try:
            keyring = importlib.import_module("keyring")
            if self._is_store(keyring.get_keyring()):
                given.append(getattr(keyring, what)(APP_NAME, *arguments))
        except Exception:  # noqa: BLE001 - whatever a backend of the system raises, there is no key to be had
            return

    def _is_store(self, backend: Any) -> bool:
        """Whether it keeps keys, and not in a plain file. Of a chain the first is used."""
        first = next(iter(getattr(backend, "backends", ())), backend)
        return not type(first).__module__.startswith(NO_STORE)


_keyring = _Keyring()


def key_for(address: str) -> str:
    """The key for the server at ``address``, "" where there is none.

    It can take ``SECONDS``, once: not for the window's own thread.
    """
    return _found(address)[1]


def key_at_hand(address: str) -> str:
    """The key that another process could not find by itself: "" where it is in the keyring, or nowhere. Never slow."""
    return os.environ.get(KEY_VARIABLE, "") or _session.get(host_of(address), "")


def place_of_key(address: str) -> KeyPlace:
    """Where the key comes from that ``key_for`` gives; as slow as that."""
    return _found(address)[0]


def keep_key(address: str, key: str) -> KeyPlace:
    """Keep ``key`` for the server at ``address``: in the keyring, else until this process ends."""
    name = host_of(address)
    is_kept, _ = _keyring.ask("set_password", name, key)
    if is_kept:
        _session.pop(name, None)
        return KeyPlace.KEYRING
    _session[name] = key
    return KeyPlace.SESSION


def has_keyring() -> bool:
    """Whether the system has a keyring that keeps keys and answers; as slow as ``key_for``."""
    return _keyring.ask("get_password", APP_NAME)[0]


def forget_key(address: str) -> KeyPlace:
    """Forget the key that was kept; where one still comes from: the environment, or a keyring that does not let go."""
    name = host_of(address)
    _session.pop(name, None)
    _keyring.ask("delete_password", name)
    return place_of_key(address)


def is_key(text: str) -> bool:
    """Whether ``text`` can be sent as a key at all: the header of a request takes no other letters."""
    return 0 < len(text) <= LONGEST and text.isascii() and text.isprintable() and " " not in text


def _found(address: str) -> tuple[KeyPlace, str]:
    name = host_of(address)
    if key := os.environ.get(KEY_VARIABLE, ""):
        return KeyPlace.ENVIRONMENT, key
    if key := _session.get(name, ""):
        return KeyPlace.SESSION, key
    _, key = _keyring.ask("get_password", name)
    return (KeyPlace.KEYRING, key) if isinstance(key, str) and key else (KeyPlace.NOWHERE, "")
