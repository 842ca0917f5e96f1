"""Other keys for the review: which ones are possible, and those of the user's settings in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from embtrainer_gui.gui import review_keys
from embtrainer_gui.gui.review_keys import KEY_OF, KEYS, Command, Key, combined, native
from embtrainer_gui.gui.window_keys import WINDOW_KEYS

if TYPE_CHECKING:
    from embtrainer_gui.gui.session import Session

_MOVES = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)
_LAST_WRITING = 0x01000000  # keys above it write no character


def follow(session: Session) -> None:
    """Use the keys of the user's settings, now and whenever they change."""
    session.settings_changed.connect(lambda: use(session.settings.review_keys))
    use(session.settings.review_keys)


def use(wanted: Mapping[str, str]) -> None:
    """Use what is possible of ``{command: key}``; the rest of it, written by hand or by another version, is left."""
    chosen = {Command(name): key for name, key in wanted.items() if name in set(Command)}
    while bad := next((each for each in reversed(chosen) if why_not(each, chosen[each], chosen)), None):
        del chosen[bad]  # its standard key is taken again, which may bar another one
    review_keys.use(chosen)


def why_not(command: Command, key: str, chosen: Mapping[Command, str]) -> str:
    """Why ``key`` cannot be the first key of ``command`` beside the other ``chosen`` ones; "" where it can."""
    code = combined(key)
    if not code:
        return _tr("This is no single key.")
    if Qt.Key(code & ~_modifier_bits()) in (*_MOVES, *_MODIFIERS):
        return _tr("{key} moves through the window or is held with other keys.").format(key=native(key))
    if Qt.Key(code) is Qt.Key.Key_Escape and not KEY_OF[command].in_text:
        return _tr("Esc closes what lies over the page.")
    for taken, words in window_keys():
        if combined(taken) == code:
            return _tr("{key} is “{what}” in the whole window.").format(key=native(key), what=words)
    for entry in KEYS:
        if entry.command is not command and code in map(combined, _keys_of(entry, chosen)):
            return _tr("{key} is “{what}” already.").format(key=native(key), what=entry.text)
    if KEY_OF[command].in_text and _writes(code):
        return _tr("{key} writes into the text: hold Ctrl or Alt with it.").format(key=native(key))
    return ""


def window_keys() -> Iterator[tuple[str, str]]:
    """Each key of the whole window with what it does."""
    for keys, words in WINDOW_KEYS:
        first, _, last = keys.partition(" ... ")
        several = [f"{first[:-1]}{number}" for number in range(int(first[-1]), int(last[-1]) + 1)] if last else []
        for key in several or keys.split(", "):
            yield key, QCoreApplication.translate("core", words)


def _keys_of(entry: Key, chosen: Mapping[Command, str]) -> tuple[str, ...]:
    return (chosen.get(entry.command, entry.standard[0]), *entry.standard[1:])


def _writes(code: int) -> bool:
    key, modifiers = code & ~_modifier_bits(), code & _modifier_bits()
    shift = Qt.KeyboardModifier.ShiftModifier.value
    return key < _LAST_WRITING and not modifiers & ~shift


def _modifier_bits() -> int:
    return Qt.KeyboardModifier.KeyboardModifierMask.value


def key_name(code: int) -> str:
    """A key that was pressed, in Qt's portable notation."""
    return QKeySequence(QKeyCombination.fromCombined(code)).toString(QKeySequence.SequenceFormat.PortableText)


def _tr(text: str) -> str:
    return QCoreApplication.translate("KeyChoice", text)
