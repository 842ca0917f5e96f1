"""A form made from a config: labels, help and bounds come from its fields, errors stand at the field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.field_words import fault_words, field_help, field_label
from embtrainer_gui.gui.widgets.basics import button, card, column, label, row, set_property
from embtrainer_gui.gui.widgets.field_editor import (
    ChoicesEditor,
    Editor,
    ListEditor,
    NumberEditor,
    TextEditor,
    editor_of,
)

CAPTION_WIDTH = 168
NO_VALUE = object()  # of no field's type
Check = Callable[[Mapping[str, Any]], Mapping[str, str]]


class ConfigForm(QWidget):
    """Fields of ``model_class`` in titled groups; those of ``advanced`` are folded away below their group.

    ``check`` may find further faults, ``{field: sentence}``, in values that each fit their bounds. ``idle`` tells
    which fields have no effect under the values, ``{field: why}``: those are disabled and say so.
    Each editor has the objectName ``form.<field>``, its error ``form.<field>.error``.

    Signals: ``changed`` after every edit and after ``set_values`` that changed something.
    """

    changed = Signal()

    def __init__(
        self,
        model_class: type[BaseModel],
        groups: Sequence[tuple[str, Sequence[str]]],
        advanced: Collection[str] = (),
        check: Check | None = None,
        idle: Check | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model, self._check, self._idle = model_class, check, idle
        self._enabled = True
        self._lines: dict[str, _FieldLine] = {}
        self.setLayout(column(*(self._group(title, names, advanced) for title, names in groups), None, spacing=16))
        self._errors: dict[str, str] = {}
        self._quiet = False
        self.set_values(self._defaults())

    def values(self) -> dict[str, Any]:
        """What is typed, by field; a text that is no number as it stands."""
        return {name: line.editor.value() for name, line in self._lines.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values; names that are no field of the form are passed over."""
        before = self.values()
        self._quiet = True
        for name, value in values.items():
            if name in self._lines:
                self._lines[name].editor.set_value(value)
        self._quiet = False
        self._validate()
        if self.values() != before:
            self.changed.emit()

    def errors(self) -> dict[str, str]:
        """``{field: what is wrong with it}``; empty where ``model_class`` takes the values."""
        return dict(self._errors)

    def is_default(self) -> bool:
        return self.values() == {name: self._defaults()[name] for name in self._lines}

    def editor(self, name: str) -> QWidget:
        return self._lines[name].editor

    def add_beside(self, name: str, widget: QWidget) -> None:
        """Put a further widget right of a field's editor."""
        self._lines[name].editors.insertWidget(1, widget)

    def add_below(self, name: str, widget: QWidget) -> None:
        """Put a further widget under a field and its help."""
        self._lines[name].grid.addWidget(widget, 5, 0, 1, 2)

    def set_enabled(self, enabled: bool) -> None:
        """Editable or only to be read."""
        self._enabled = enabled
        self._show_lines()

    def show_notes(self, notes: Mapping[str, str]) -> None:
        """What a value will really do where that is not what it says, by field."""
        for name, line in self._lines.items():
            line.show_note(notes.get(name, ""))

    def revalidate(self) -> None:
        """Check again: something outside the form changed."""
        self._validate()

    def _defaults(self) -> dict[str, Any]:
        return {name: field.get_default(call_default_factory=True) for name, field in self._model.model_fields.items()}

    def _group(self, title: str, names: Sequence[str], advanced: Collection[str]) -> QFrame:
        parts: list[QWidget] = [self._line(name) for name in names if name not in advanced]
        folded = [self._line(name) for name in names if name in advanced]
        if folded:
            parts.append(_Fold(folded))
        return card(label(title, "section"), column(*parts, spacing=16))

    def _line(self, name: str) -> _FieldLine:
        field = self._model.model_fields[name]
        line = _FieldLine(name, field_label(name), field_help(field), editor_of(field))
        line.editor.edited.connect(self._on_editor_edited)
        self._lines[name] = line
        return line

    def _on_editor_edited(self) -> None:
        if not self._quiet:
            self._validate()
            self.changed.emit()

    def _validate(self) -> None:
        values = self.values()
        self._errors = {}
        typed = {name: NO_VALUE if line.editor.is_garbled() else values[name] for name, line in self._lines.items()}
        try:
            self._model.model_validate(typed)
        except ValidationError as problem:
            for fault in problem.errors():
                name = str(fault["loc"][0]) if fault["loc"] else ""
                self._errors.setdefault(name, fault_words(fault["type"], fault.get("ctx", {}), fault["msg"]))
        if self._check is not None and not self._errors:
            self._errors.update(self._check(values))
        self._show_lines()

    def _show_lines(self) -> None:
        idle = self._idle(self.values()) if self._idle is not None else {}
        for name, line in self._lines.items():
            error = self._errors.get(name, "")
            line.show_error(error)
            line.show_idle(idle.get(name, ""))
            line.editor.setEnabled(self._enabled and (name not in idle or bool(error)))


class _FieldLine(QWidget):
    """Label and editor side by side, help and error under them."""

    def __init__(self, name: str, title: str, help_text: str, editor: Editor) -> None:
        super().__init__()
        self.editor = editor
        editor.setObjectName(f"form.{name}")
        editor.setAccessibleName(title)
        editor.setAccessibleDescription(help_text)
        caption = label(title, wrap=True)
        caption.setFixedWidth(CAPTION_WIDTH)
        caption.setBuddy(editor)
        for widget in (caption, editor):
            widget.setToolTip(help_text)
        self._help_text = help_text
        self._help = label(help_text, "hint", wrap=True)
        self._help.setObjectName(f"form.{name}.help")
        self._error = label("", "error", wrap=True)
        self._error.setObjectName(f"form.{name}.error")
        self._error.hide()
        self._note = label("", "warn", wrap=True)
        self._note.setObjectName(f"form.{name}.note")
        self._note.hide()
        self.editors = row(editor)
        if isinstance(editor, NumberEditor):
            self.editors.addStretch(1)
        grid = self.grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        wide = type(editor) in (TextEditor, ListEditor, ChoicesEditor)
        grid.addWidget(caption, 0, 0)
        grid.addLayout(self.editors, *((1, 0, 1, 2) if wide else (0, 1)))
        grid.addWidget(self._error, 2, 0, 1, 2)
        grid.addWidget(self._note, 3, 0, 1, 2)
        grid.addWidget(self._help, 4, 0, 1, 2)
        grid.setColumnMinimumWidth(0, CAPTION_WIDTH)
        grid.setColumnStretch(1, 1)

    def show_note(self, text: str) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def show_idle(self, why: str) -> None:
        """Why the field has no effect, in the place of its help; "" where it has."""
        text = QCoreApplication.translate("core", why) if why else self._help_text
        self._help.setText(text)
        self.editor.setAccessibleDescription(text)

    def show_error(self, text: str) -> None:
        self._error.setText(text)
        self._error.setVisible(bool(text))
        set_property(self.editor, "state", "bad" if text else "")
        body = self.parentWidget() if text else None
        fold = body.parentWidget() if body else None
        if isinstance(fold, _Fold):
            fold.unfold()


class _Fold(QWidget):
    """A button that shows and hides the advanced fields of a group."""

    def __init__(self, lines: Sequence[_FieldLine]) -> None:
        super().__init__()
        self._count = len(lines)
        self._button = button("", "link", "right", "form.advanced")
        self._body = QWidget()
        self._body.setLayout(column(*lines, spacing=16))
        self.setLayout(column(row(self._button, None), self._body))
        self._button.clicked.connect(self._on_button_clicked)
        self._fold(True)

    def unfold(self) -> None:
        self._fold(False)

    def _on_button_clicked(self) -> None:
        self._fold(not self._body.isHidden())

    def _fold(self, folded: bool) -> None:
        self._body.setHidden(folded)
        text = self.tr("Advanced ({count})") if folded else self.tr("Hide advanced ({count})")
        text = text.format(count=self._count)
        self._button.setText(text)
        self._button.setAccessibleName(text)
        self._button.setIcon(theme.icon("right" if folded else "down"))
