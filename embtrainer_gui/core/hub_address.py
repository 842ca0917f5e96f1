"""Which hub a download would ask, and whether it may: known without loading anything."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.translate import mark

DEFAULT_ENDPOINT = "https://huggingface.co"


def endpoint() -> str:
    """The variable HF_ENDPOINT, else huggingface.co."""
    return (os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")


def host_of(address: str) -> str:
    return urlsplit(address).netloc or address


def refuse_when_offline() -> None:
    """Raise EnvironmentProblem where a variable of this process forbids asking the hub."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(name, "").upper() in ("1", "ON", "YES", "TRUE"):
            raise EnvironmentProblem(
                mark("Downloads are switched off: the variable {name} is set."),
                mark("Start the program without {name}, or choose a folder that holds the model."),
                name=name,
            )
