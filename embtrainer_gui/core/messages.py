"""What a job says and is told: frozen, one JSON line each, told apart by ``type``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from embtrainer_gui.core.message import Message as Message
from embtrainer_gui.core.search_messages import CompareTexts as CompareTexts
from embtrainer_gui.core.search_messages import Explain as Explain
from embtrainer_gui.core.search_messages import Explanation as Explanation
from embtrainer_gui.core.search_messages import HitRow as HitRow
from embtrainer_gui.core.search_messages import Query as Query
from embtrainer_gui.core.search_messages import QueryHits as QueryHits
from embtrainer_gui.core.search_messages import TextSimilarity as TextSimilarity

Word = tuple[float, float, float, float, str]
"""``(x0, y0, x1, y1, text)`` of a word on its page, in PDF points from the top left."""


class JobSpec(Message):
    """What a child process is to do: a stage on a project with its frozen config. Never holds a key or a password."""

    type: Literal["job"] = "job"
    stage: str
    project: str
    config: dict[str, Any] = {}
    options: dict[str, Any] = {}  # what a stage takes besides its config: sources, a file to write
    threads: int = 0  # that may compute; 0 leaves it to the libraries
    device: Literal["auto", "cpu"] = "auto"


class Secrets(Message):
    """The first line that a child reads. Nothing writes it anywhere, and reports are cleaned of its values."""

    type: Literal["secrets"] = "secrets"
    key: str = Field("", repr=False)
    passwords: dict[str, str] = Field({}, repr=False)  # of encrypted files, by path

    def values(self) -> list[str]:
        return [value for value in (self.key, *self.passwords.values()) if value]


class Started(Message):
    type: Literal["started"] = "started"
    stage: str
    pid: int


class Status(Message):
    type: Literal["status"] = "status"
    text: str


class Progress(Message):
    type: Literal["progress"] = "progress"
    done: int
    total: int
    item: str = ""
    unit: Annotated[Literal["", "bytes"], Field(exclude_if=lambda unit: not unit)] = ""
    """Of done and total; "" counts items, and is not written."""


class Metric(Message):
    type: Literal["metric"] = "metric"
    step: int
    epoch: float
    values: dict[str, float | None]  # None in JSON for what is not a number
    seconds: float | None = None  # since its run began, all its parts added up; runs of older versions do not tell


class Noticed(Message):
    """Something is wrong with a training run: ``cure`` is the text of a button that sets ``changes`` of the settings
    for a new run, or goes to the step ``page``."""

    type: Literal["noticed"] = "noticed"
    fault: str
    step: int
    text: str
    cure: str = ""
    changes: dict[str, Any] = {}
    page: str = ""


class Asked(Message):
    """What a run has asked of a server so far. ``at_once``: requests that it sends at the same time now."""

    type: Literal["asked"] = "asked"
    calls: int
    failed: int  # passages
    at_once: int
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0  # in the currency of the prices


class Waiting(Message):
    """A server is away and everything waits for it; it is tried again in ``seconds``. "" as ``reason``: it is back."""

    type: Literal["waiting"] = "waiting"
    host: str
    reason: str = ""
    seconds: float = 0.0


class ItemsChanged(Message):
    type: Literal["items-changed"] = "items-changed"
    table: str
    count: int


class Log(Message):
    type: Literal["log"] = "log"
    text: str


class Warned(Message):
    type: Literal["warned"] = "warned"
    text: str


class Finished(Message):
    type: Literal["finished"] = "finished"
    summary: dict[str, Any]


class Failed(Message):
    type: Literal["failed"] = "failed"
    kind: Literal["user", "environment", "bug"]
    message: str
    hint: str = ""
    trace: str = ""
    ticket: int = 0  # of the request that failed, where it was one


class Stopped(Message):
    type: Literal["cancelled"] = "cancelled"
    checkpoint: str = ""


class Cancel(Message):
    type: Literal["cancel"] = "cancel"


class Detach(Message):
    """The end of the commands no longer ends the child: a training run outlives the window."""

    type: Literal["detach"] = "detach"


class RenderPage(Message):
    """Asks the pages child for a picture; of waiting requests with the same ``slot`` only the newest counts."""

    type: Literal["render-page"] = "render-page"
    ticket: int = 0
    slot: str = ""
    document: int
    page: int = Field(ge=1)
    dpi: int = Field(ge=10, le=600)


class PageImage(Message):
    """``path`` is a PPM file that the receiver deletes; sizes of the page are PDF points."""

    type: Literal["page-image"] = "page-image"
    ticket: int
    path: str
    width: int
    height: int
    page_width: float
    page_height: float
    pages: int = 0
    words: list[Word] = []


class PageLocked(Message):
    """The file of that page is encrypted, and no password that the child knows opens it; ``path`` is the file."""

    type: Literal["page-locked"] = "page-locked"
    ticket: int
    path: str
    file_name: str


Event = Annotated[
    Started
    | Status
    | Progress
    | Metric
    | Noticed
    | Asked
    | Waiting
    | ItemsChanged
    | Log
    | Warned
    | Finished
    | Failed
    | Stopped
    | PageImage
    | PageLocked
    | QueryHits
    | Explanation
    | TextSimilarity,
    Field(discriminator="type"),
]
Command = Annotated[
    Secrets | JobSpec | Cancel | Detach | RenderPage | Query | Explain | CompareTexts, Field(discriminator="type")
]
Request = RenderPage | Query | Explain | CompareTexts
Reply = PageImage | PageLocked | QueryHits | Explanation | TextSimilarity
Last = Finished | Failed | Stopped
_ON_FIRST_USE = ConfigDict(defer_build=True)  # most processes need a few of these, or none
EVENTS: TypeAdapter[Event] = TypeAdapter(Event, config=_ON_FIRST_USE)
COMMANDS: TypeAdapter[Command] = TypeAdapter(Command, config=_ON_FIRST_USE)


def to_line(message: Message) -> str:
    """One JSON line, without the newline."""
    return message.model_dump_json()
