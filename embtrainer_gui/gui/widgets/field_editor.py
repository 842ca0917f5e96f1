"""The editors of a form: one small widget for each kind of value, all with the same few members."""

from __future__ import annotations

import math
import types
from collections.abc import Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QWidget

from embtrainer_gui.gui.field_words import choice_label, number_text

NUMBER_WIDTH = 128
CHOICES_A_ROW = 2
SPACES = dict.fromkeys(map(ord, "\u2009\u202f\u00a0 "))


class _Plain:
    def is_garbled(self) -> bool:
        """Whether what is typed is no value of the field's kind at all."""
        return False


class TextEditor(_Plain, QLineEdit):
    """A line of text; ``value`` is what stands in it, without spaces at its ends."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.textChanged.connect(self.edited)

    def value(self) -> Any:
        return self.text().strip()

    def set_value(self, value: Any) -> None:
        self.setText(str(value))
        self.setCursorPosition(0)


class NumberEditor(TextEditor):
    """A number as it is typed: out of bounds is said beside it, never corrected behind the user's back.

    ``value`` is the text itself where it is no number, and None for nothing typed where that is ``optional``. Without
    a wheel and arrows nothing changes by accident while the form is scrolled.
    """

    def __init__(self, whole: bool, optional: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole, self._optional = whole, optional
        if optional:
            self.setPlaceholderText(self.tr("automatic"))
        self.setFixedWidth(NUMBER_WIDTH)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def value(self) -> Any:
        text = self.text().translate(SPACES)
        if self._optional and not text:
            return None
        if "." not in text:
            text = text.replace(",", ".")
        try:
            number = int(text) if self._whole else float(text)
        except ValueError:
            return self.text().strip()
        return number if math.isfinite(number) else text

    def is_garbled(self) -> bool:
        return isinstance(self.value(), str)

    def set_value(self, value: Any) -> None:
        self.setText(number_text(value) if isinstance(value, int | float) else str("" if value is None else value))


class ListEditor(TextEditor):
    """Words with commas between them; ``value`` is a tuple."""

    def value(self) -> Any:
        return tuple(word.strip() for word in self.text().split(",") if word.strip())

    def set_value(self, value: Any) -> None:
        self.setText(", ".join(map(str, value)))


class ChoiceEditor(_Plain, QComboBox):
    edited = Signal()

    def __init__(self, choices: Sequence[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        for choice in choices:
            self.addItem(choice_label(choice, choices), choice)
        self.currentIndexChanged.connect(lambda _: self.edited.emit())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """The form scrolls; the choice stays."""
        event.ignore()

    def value(self) -> Any:
        return self.currentData()

    def set_value(self, value: Any) -> None:
        self.setCurrentIndex(self.findData(value))


class SwitchEditor(_Plain, QCheckBox):
    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggled.connect(lambda _: self.edited.emit())

    def value(self) -> Any:
        return self.isChecked()

    def set_value(self, value: Any) -> None:
        self.setChecked(bool(value))


class ChoicesEditor(_Plain, QWidget):
    """A box to tick for each choice; ``value`` is the tuple of those that are ticked."""

    edited = Signal()

    def __init__(self, choices: Sequence[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes = {choice: QCheckBox(choice_label(choice)) for choice in choices}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        for number, (choice, box) in enumerate(self._boxes.items()):
            box.setObjectName(f"choice.{choice}")
            box.toggled.connect(lambda _: self.edited.emit())
            grid.addWidget(box, *divmod(number, CHOICES_A_ROW))
        self.setFocusProxy(next(iter(self._boxes.values())))

    def value(self) -> Any:
        return tuple(choice for choice, box in self._boxes.items() if box.isChecked())

    def set_value(self, value: Any) -> None:
        for choice, box in self._boxes.items():
            box.setChecked(choice in value)


Editor = TextEditor | ChoiceEditor | ChoicesEditor | SwitchEditor


def editor_of(field: FieldInfo) -> Editor:
    """The editor for a field's type; that of a text where nothing else fits."""
    kind = _without_none(field.annotation)
    if get_origin(kind) is Literal:
        return ChoiceEditor(get_args(kind))
    if kind is bool:
        return SwitchEditor()
    if kind in (int, float):
        return NumberEditor(whole=kind is int, optional=kind is not field.annotation)
    if get_origin(kind) in (tuple, list):
        item = get_args(kind)[0]
        return ChoicesEditor(get_args(item)) if get_origin(item) is Literal else ListEditor()
    return TextEditor()


def _without_none(kind: Any) -> Any:
    if get_origin(kind) is types.UnionType:
        return next(part for part in get_args(kind) if part is not types.NoneType)
    return kind
