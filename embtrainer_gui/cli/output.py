"""What the command line shows: a progress bar on a terminal, plain lines elsewhere, or JSON events on stderr."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from embtrainer_gui.core.messages import Event, Failed, Metric, Noticed, Progress, Status, Stopped, Warned, to_line

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


def shortened(text: str, width: int = 220) -> str:
    """One line, cut between words."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1].rsplit(" ", 1)[0] + "…"


class Output:
    """``event`` while a stage runs, ``say`` for people, ``result`` once at the end."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._terminal = sys.stderr.isatty() and not as_json
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def event(self, event: Event) -> None:
        if self.as_json:
            print(to_line(event), file=sys.stderr, flush=True)
            return
        match event:
            case Status(text=text):
                self._end_bar()
                print(text, file=sys.stderr)
            case Progress() if self._terminal:
                self._show(event)
            case Warned(text=text):
                self._line(f"! {text}")
            case Noticed(text=text, cure=cure):
                self._line(f"! {text} {cure}." if cure else f"! {text}")
            case Metric(step=step, values=values):
                figures = "  ".join(f"{name} {value:.4g}" for name, value in values.items() if value is not None)
                self._line(f"step {step}  {figures}")
            case _:
                pass

    def say(self, text: str = "") -> None:
        """A line for people; nothing with --json."""
        if not self.as_json:
            self._end_bar()
            print(text, flush=True)

    def result(self, summary: dict[str, Any]) -> None:
        """The last line of stdout with --json."""
        self._end_bar()
        if self.as_json:
            print(json.dumps(summary, ensure_ascii=False), flush=True)

    def fail(self, event: Failed | Stopped, text: str) -> None:
        self._end_bar()
        if not self.as_json:
            print(f"embtrainer: {text}", file=sys.stderr)
            return
        print(to_line(event), file=sys.stderr)
        error = {"error": event.message, "hint": event.hint} if isinstance(event, Failed) else {"error": text}
        print(json.dumps(error, ensure_ascii=False), flush=True)

    def close(self) -> None:
        self._end_bar()

    def _line(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(text, highlight=False, markup=False)
        else:
            print(text, file=sys.stderr)

    def _show(self, event: Progress) -> None:
        if self._bar is None:
            self._bar, self._task = _new_bar(event.unit)
        assert self._task is not None
        self._bar.update(self._task, completed=event.done, total=event.total, description=event.item[-40:])
        if event.done >= event.total:
            self._end_bar()

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _new_bar(unit: str) -> tuple[Bar, TaskID]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:.1f}/s")

    count = (DownloadColumn(), TransferSpeedColumn()) if unit == "bytes" else (MofNCompleteColumn(), Rate())
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), *count)
    bar = Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True))
    bar.start()
    return bar, bar.add_task("")
