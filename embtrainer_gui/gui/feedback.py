"""How a page speaks: one banner at a time above the page, and short messages that go away by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QObject, Signal

from embtrainer_gui.core.errors import AppError, Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.messages import Failed


class Tone(StrEnum):
    GOOD = "good"
    INFO = "info"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Action:
    """The one button of a banner or a toast."""

    text: str
    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Message:
    tone: Tone
    text: str
    hint: str = ""
    action: Action | None = None


def joined(before: Message | None, after: Message) -> Message:
    """``after`` without hiding what was said ``before`` it and still holds; the later button counts."""
    if before is None:
        return after
    hint = " ".join(filter(None, (before.hint, after.text, after.hint)))
    return Message(before.tone, before.text, hint, after.action or before.action)


class Feedback(QObject):
    """Signals: ``banner`` (stays until it is closed or the next one), ``toast`` (goes after some seconds),
    ``cleared``, and ``bug`` with a traceback, for which the window shows the report dialog."""

    banner = Signal(object)  # Message
    toast = Signal(object)  # Message
    cleared = Signal()
    bug = Signal(str)

    def show(self, text: str, hint: str = "", *, tone: Tone = Tone.INFO, action: Action | None = None) -> None:
        self.banner.emit(Message(tone, text, hint, action))

    def say(self, text: str, *, tone: Tone = Tone.GOOD, action: Action | None = None) -> None:
        """A toast: something was done; the action is its undo or "Open folder"."""
        self.toast.emit(Message(tone, text, "", action))

    def clear(self) -> None:
        self.cleared.emit()

    def problem(self, error: AppError, *, retry: Callable[[], None] | None = None, cure: Action | None = None) -> None:
        """Show an error of ours in the user's language with its ``cure``, or an ``EnvironmentProblem`` with Retry."""
        if isinstance(error, Cancelled):
            return
        text, hint = (_translated(template, error.values) for template in (error.template, error.hint_template))
        again = retry if isinstance(error, EnvironmentProblem) else None
        self.show(
            text,
            hint,
            tone=Tone.WARN if isinstance(error, UserError) else Tone.BAD,
            action=cure or (Action(self.tr("Retry"), again) if again else None),
        )

    def failed(self, event: Failed, *, retry: Callable[[], None] | None = None) -> None:
        """Show how a job ended in failure."""
        if event.kind == "bug":
            self.bug.emit(event.trace or event.message)
            return
        again = Action(self.tr("Retry"), retry) if retry and event.kind == "environment" else None
        self.show(event.message, event.hint, tone=Tone.WARN if event.kind == "user" else Tone.BAD, action=again)


def _translated(template: str, values: dict[str, object]) -> str:
    return QCoreApplication.translate("core", template).format(**values) if template else ""
