"""The keys of the review: one table from which the page acts, the buttons are labelled and the key sheet is made.

The first key of an entry can be another one (key_choice); whoever prints keys does so again on ``changes().changed``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit

from embtrainer_gui.core.store.decisions import Why


class Command(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    LATER = "later"
    EDIT = "edit"
    UNDO = "undo"
    REDO = "redo"
    NEXT = "next"
    PREVIOUS = "previous"
    FIRST = "first"
    LAST = "last"
    PAGE = "page"
    NEW = "new"
    SEARCH = "search"
    KEYS = "keys"
    WHY_1 = "why-1"
    WHY_2 = "why-2"
    WHY_3 = "why-3"
    WHY_4 = "why-4"
    WHY_5 = "why-5"
    SAVE = "save"
    LEAVE = "leave"
    DOUBTS = "doubts"
    RIGHT_TOO = "right-too"
    WRONG = "wrong"
    UNSURE = "unsure"
    OTHER = "other"
    SIMILAR = "similar"
    PROGRESS = "progress"
    PAGE_NEXT = "page-next"
    PAGE_BACK = "page-back"
    LARGER = "larger"
    SMALLER = "smaller"
    FIT = "fit"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Key:
    """``standard`` keys in Qt's portable notation; the first one is printed on the button, or what the user chose."""

    command: Command
    standard: tuple[str, ...]
    label: object  # the text, marked for translation
    in_text: bool = False  # a key of the editor: it works while a text field has the focus
    of_doubts: bool = False  # it works beside doubtful passages only

    @property
    def keys(self) -> tuple[str, ...]:
        first = _chosen.get(self.command, self.standard[0])
        return (first, *(key for key in self.standard[1:] if key != first))

    @property
    def text(self) -> str:
        return QCoreApplication.translate("ReviewKeys", str(self.label))

    @property
    def printed(self) -> str:
        """The first key as it is written on this system."""
        return native(self.keys[0])


TYPED_INTO = (QLineEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox)  # only keys ``in_text`` work there
WHYS: dict[Command, Why] = {
    Command.WHY_1: Why.WRONG_ANSWER,
    Command.WHY_2: Why.UNCLEAR,
    Command.WHY_3: Why.NEEDS_PAPER,
    Command.WHY_4: Why.TOO_EASY,
    Command.WHY_5: Why.BAD_PASSAGE,
}

KEYS: tuple[Key, ...] = (
    Key(Command.ACCEPT, ("A", "Enter", "Return"), QT_TRANSLATE_NOOP("ReviewKeys", "Accept")),
    Key(Command.REJECT, ("X",), QT_TRANSLATE_NOOP("ReviewKeys", "Reject")),
    Key(Command.LATER, ("Space",), QT_TRANSLATE_NOOP("ReviewKeys", "Later")),
    Key(Command.EDIT, ("E",), QT_TRANSLATE_NOOP("ReviewKeys", "Edit")),
    Key(Command.OTHER, ("G",), QT_TRANSLATE_NOOP("ReviewKeys", "Another question for this passage")),
    Key(Command.SIMILAR, ("L",), QT_TRANSLATE_NOOP("ReviewKeys", "Questions like this one")),
    Key(Command.UNDO, ("Backspace", "Ctrl+Z"), QT_TRANSLATE_NOOP("ReviewKeys", "Undo the last decision")),
    Key(Command.REDO, ("Ctrl+Y", "Ctrl+Shift+Z"), QT_TRANSLATE_NOOP("ReviewKeys", "Make it again")),
    Key(Command.WHY_1, ("1",), QT_TRANSLATE_NOOP("ReviewKeys", "Wrong answer")),
    Key(Command.WHY_2, ("2",), QT_TRANSLATE_NOOP("ReviewKeys", "Unclear")),
    Key(Command.WHY_3, ("3",), QT_TRANSLATE_NOOP("ReviewKeys", "Needs the paper")),
    Key(Command.WHY_4, ("4",), QT_TRANSLATE_NOOP("ReviewKeys", "Too easy")),
    Key(Command.WHY_5, ("5",), QT_TRANSLATE_NOOP("ReviewKeys", "Bad passage")),
    Key(Command.NEXT, ("J", "Down"), QT_TRANSLATE_NOOP("ReviewKeys", "Next pair")),
    Key(Command.PREVIOUS, ("K", "Up"), QT_TRANSLATE_NOOP("ReviewKeys", "Previous pair")),
    Key(Command.FIRST, ("Home",), QT_TRANSLATE_NOOP("ReviewKeys", "First pair")),
    Key(Command.LAST, ("End",), QT_TRANSLATE_NOOP("ReviewKeys", "Last pair")),
    Key(Command.NEW, ("N",), QT_TRANSLATE_NOOP("ReviewKeys", "New pair from the text selected on the page")),
    Key(Command.PAGE, ("P",), QT_TRANSLATE_NOOP("ReviewKeys", "Show or hide the page")),
    Key(Command.PAGE_NEXT, ("PgDown",), QT_TRANSLATE_NOOP("ReviewKeys", "Next page of the paper")),
    Key(Command.PAGE_BACK, ("PgUp",), QT_TRANSLATE_NOOP("ReviewKeys", "Previous page of the paper")),
    Key(Command.LARGER, ("+", "Ctrl++"), QT_TRANSLATE_NOOP("ReviewKeys", "Page larger")),
    Key(Command.SMALLER, ("-", "Ctrl+-"), QT_TRANSLATE_NOOP("ReviewKeys", "Page smaller")),
    Key(Command.FIT, ("0",), QT_TRANSLATE_NOOP("ReviewKeys", "Page as wide as there is room")),
    Key(Command.COPY, ("Ctrl+C",), QT_TRANSLATE_NOOP("ReviewKeys", "Copy what is selected, or the evidence")),
    Key(Command.PROGRESS, ("S",), QT_TRANSLATE_NOOP("ReviewKeys", "How far the review is, or back to the pairs")),
    Key(Command.SEARCH, ("/", "Ctrl+F"), QT_TRANSLATE_NOOP("ReviewKeys", "Search")),
    Key(Command.DOUBTS, ("D",), QT_TRANSLATE_NOOP("ReviewKeys", "Doubtful passages, or back to the pairs")),
    Key(Command.RIGHT_TOO, ("R",), QT_TRANSLATE_NOOP("ReviewKeys", "Right as well"), of_doubts=True),
    Key(Command.WRONG, ("W",), QT_TRANSLATE_NOOP("ReviewKeys", "Wrong"), of_doubts=True),
    Key(Command.UNSURE, ("U",), QT_TRANSLATE_NOOP("ReviewKeys", "Unsure"), of_doubts=True),
    Key(Command.KEYS, ("?",), QT_TRANSLATE_NOOP("ReviewKeys", "Show or hide these keys")),
    Key(Command.SAVE, ("Ctrl+Enter", "Ctrl+Return"), QT_TRANSLATE_NOOP("ReviewKeys", "Save and accept"), in_text=True),
    Key(Command.LEAVE, ("Esc",), QT_TRANSLATE_NOOP("ReviewKeys", "Leave the text, which is kept"), in_text=True),
)

KEY_OF: dict[Command, Key] = {key.command: key for key in KEYS}
KEY_OF_WHY: dict[str, Key] = {why.value: KEY_OF[command] for command, why in WHYS.items()}

_IGNORED = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier
_chosen: dict[Command, str] = {}


class KeyChanges(QObject):
    """Signal ``changed``: other keys hold from now on."""

    changed = Signal()


@cache
def changes() -> KeyChanges:
    return KeyChanges()


def use(chosen: Mapping[Command, str]) -> None:
    """Let commands have other first keys than the table's; see key_choice for which ones are possible."""
    if dict(chosen) != _chosen:
        _chosen.clear()
        _chosen.update(chosen)
        _tables.cache_clear()
        changes().changed.emit()


def native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def command_of(event: QKeyEvent) -> Command | None:
    """The command of a key that works outside text fields."""
    return _tables()[False].get(pressed(event))


def editor_command_of(event: QKeyEvent) -> Command | None:
    """The command of a key that works inside a text field."""
    return _tables()[True].get(pressed(event))


def pressed(event: QKeyEvent) -> int:
    """The key as ``combined`` gives it."""
    modifiers = event.modifiers() & ~_IGNORED
    text = event.text()
    if text.isprintable() and text.strip() and not text.isalnum():  # where a sign needs Shift depends on the keyboard
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeyCombination(modifiers, Qt.Key(event.key())).toCombined()


def combined(key: str) -> int:
    """A key in Qt's portable notation as one number; 0 where it is none."""
    sequence = QKeySequence(key)
    if sequence.count() != 1:
        return 0
    combination: QKeyCombination = sequence[0]  # type: ignore[index]  # missing in the stubs
    return combination.toCombined()


@cache
def _tables() -> dict[bool, dict[int, Command]]:
    """``{in_text: {key: command}}``."""
    return {
        in_text: {combined(key): entry.command for entry in KEYS if entry.in_text is in_text for key in entry.keys}
        for in_text in (False, True)
    }
