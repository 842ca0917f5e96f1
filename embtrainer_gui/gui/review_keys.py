"""The keys of the review: one table from which the page acts, the buttons are labelled and the key sheet is made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

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


@dataclass(frozen=True, slots=True)
class Key:
    """``keys`` in Qt's portable notation, the first one is printed on the button."""

    command: Command
    keys: tuple[str, ...]
    label: object  # the text, marked for translation
    in_text: bool = False  # a key of the editor: it works while a text field has the focus
    of_doubts: bool = False  # it works beside doubtful passages only

    @property
    def text(self) -> str:
        return QCoreApplication.translate("ReviewKeys", str(self.label))

    @property
    def printed(self) -> str:
        """The first key as it is written on this system."""
        return native(self.keys[0])


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


def native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def command_of(event: QKeyEvent) -> Command | None:
    """The command of a key that works outside text fields."""
    return _TABLE.get(_pressed(event))


def editor_command_of(event: QKeyEvent) -> Command | None:
    """The command of a key that works inside a text field."""
    return _TEXT_TABLE.get(_pressed(event))


def _pressed(event: QKeyEvent) -> int:
    modifiers = event.modifiers() & ~_IGNORED
    if event.text() and event.text() in "?/":  # where they need Shift depends on the keyboard
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeyCombination(modifiers, Qt.Key(event.key())).toCombined()


def _combined(key: str) -> int:
    combination: QKeyCombination = QKeySequence(key)[0]  # type: ignore[index]  # missing in the stubs
    return combination.toCombined()


def _table(*, in_text: bool) -> dict[int, Command]:
    return {_combined(key): entry.command for entry in KEYS if entry.in_text is in_text for key in entry.keys}


_TABLE = _table(in_text=False)
_TEXT_TABLE = _table(in_text=True)
