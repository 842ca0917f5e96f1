"""What a job says and is told: frozen, one JSON line each, told apart by ``type``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JobSpec(Message):
    """What a child process is to do: a stage on a project with its frozen config. Never holds a key."""

    type: Literal["job"] = "job"
    stage: str
    project: str
    config: dict[str, Any] = {}


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


class Metric(Message):
    type: Literal["metric"] = "metric"
    step: int
    epoch: float
    values: dict[str, float]


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


class Stopped(Message):
    type: Literal["cancelled"] = "cancelled"
    checkpoint: str = ""


class Cancel(Message):
    type: Literal["cancel"] = "cancel"


Event = Annotated[
    Started | Status | Progress | Metric | ItemsChanged | Log | Warned | Finished | Failed | Stopped,
    Field(discriminator="type"),
]
Command = Annotated[JobSpec | Cancel, Field(discriminator="type")]
EVENTS: TypeAdapter[Event] = TypeAdapter(Event)
COMMANDS: TypeAdapter[Command] = TypeAdapter(Command)


def to_line(message: Message) -> str:
    """One JSON line, without the newline."""
    return message.model_dump_json()
