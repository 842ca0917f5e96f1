"""What the check before training found: the machine, the time, and the first batch as the model reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QDialog, QGridLayout, QTextEdit, QVBoxLayout, QWidget

from embtrainer_gui.core.training_memory import Fit
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import count, seconds, size
from embtrainer_gui.gui.widgets.basics import button, column, label, line, row
from embtrainer_gui.gui.widgets.held_memory import HeldMemory

SIZE = (920, 600)
FIGURES = 330


class CheckDialog(QDialog):
    """``summary`` is that of the stage "preflight". Signal: ``start_wanted``."""

    start_wanted = Signal()

    def __init__(self, summary: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary = summary
        self.setWindowTitle(self.tr("Check before training"))
        self.resize(*SIZE)
        start = button(self.tr("Start training"), "primary", "play", "check.start")
        close = button(self.tr("Close"), "", "", "check.close")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label(self._heading(), "section"))
        layout.addWidget(label(self._advice(), "secondary", wrap=True))
        figures, batch = QWidget(), QWidget()
        figures.setLayout(column(self._grid(), None))
        figures.setFixedWidth(FIGURES)
        batch.setLayout(column(label(self._batch_words(), "secondary", wrap=True), self._batch()))
        body = row(figures, batch, spacing=24)
        body.setStretch(1, 1)
        if self._summary["held"]:
            layout.addWidget(HeldMemory(self._summary["held"]))
        layout.addLayout(body, 1)
        layout.addLayout(row(None, close, start))
        close.clicked.connect(self.reject)
        start.clicked.connect(self._on_start_clicked)
        start.setFocus()

    def _heading(self) -> str:
        told = self._summary["estimate"]["told"]
        one = self.tr("One process alone would take about {time}")
        text = one if self._summary["launch"] else self.tr("The run will take about {time}")
        return text.format(time=_time(told["wall"]))

    def _advice(self) -> str:
        told, spent = self._summary["estimate"]["told"], self._summary["seconds"]
        text = self.tr(
            "Measured in {spent} with real steps of short and long batches: {cpu} of processor time in all. Other"
            " programs that compute meanwhile make it longer. Nothing of the check is kept but this figure."
        )
        text = text.format(spent=seconds(spent), cpu=_time(told["cpu"]))
        if not self._summary["launch"]:
            return text
        many = self.tr("Each of the processes that train together takes this much memory; their time was not measured.")
        return f"{text} {many}"

    def _machine(self) -> list[tuple[str, str, str]]:
        found = self._summary
        memory, disk, cut = found["memory"], found["disk"], found["truncated"]
        rows = [
            (self.tr("Computes on"), found["device"], ""),
            (self.tr("Memory"), self._memory_words(memory), _tone(memory["fit"] == Fit.TOO_LITTLE.value)),
            (
                self.tr("Disk"),
                self.tr("{need} of {free} free").format(need=size(disk["needed"]), free=size(disk["free"])),
                _tone(not disk["fits"]),
            ),
            (
                self.tr("Too long"),
                self.tr("{passages} of the passages, {questions} of the questions").format(
                    passages=_percent(cut["passages"]), questions=_percent(cut["questions"])
                ),
                _tone(cut["passages"] > 0),
            ),
        ]
        alike = found["data"]["alike"]
        if alike:
            text = self.tr("{number} passages are nearly equal to another one; they never share a batch")
            rows.append((self.tr("Alike"), text.format(number=count(alike)), ""))
        return rows

    def _memory_words(self, memory: Mapping[str, Any]) -> str:
        if not memory["needed"]:
            return self.tr("{taken} taken by the check").format(taken=size(memory["taken"]))
        return self.tr("about {need} of {free} free; {taken} taken by the check").format(
            need=size(memory["needed"]), free=size(memory["free"]), taken=size(memory["taken"])
        )

    def _times(self) -> list[tuple[str, str, str]]:
        names = {
            "read": self.tr("Reading, libraries"),
            "load": self.tr("Loading the model"),
            "prepare": self.tr("Preparing"),
            "steps": self.tr("Steps"),
            "search": self.tr("Checks on dev"),
            "save": self.tr("Checkpoints"),
            "finish": self.tr("Choosing, saving"),
        }
        rows = []
        for part in self._summary["estimate"]["parts"]:
            times = self.tr("{times} times, ").format(times=count(part["times"])) if part["times"] > 1 else ""
            rows.append((names[part["name"]], f"{times}{seconds(part['wall'])}", ""))
        return rows

    def _grid(self) -> QGridLayout:
        """The machine, then where the time goes."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        machine, times = self._machine(), self._times()
        for place, (name, text, tone) in enumerate([*machine, ("", "", ""), *times]):
            if name:
                grid.addWidget(label(name, "secondary"), place, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(label(text, tone, wrap=True, selectable=True), place, 1)
        grid.addWidget(line(), len(machine), 0, 1, 2)
        return grid

    def _batch_words(self) -> str:
        rows = self._summary["first_batch"]
        passages = sum(each["role"] == "passage" for each in rows)
        text = self.tr(
            "The first batch, from the very tokens that the model gets: {passages} passages, {questions} questions."
            " What it does not read is marked."
        )
        return text.format(passages=count(passages), questions=count(len(rows) - passages))

    def _batch(self) -> QTextEdit:
        shown = QTextEdit()
        shown.setObjectName("check.batch")
        shown.setAccessibleName(self.tr("First batch"))
        shown.setReadOnly(True)
        shown.setTabChangesFocus(True)
        cursor = shown.textCursor()
        plain, faint, cut = (_format(token) for token in ("text", "text-2", "warn"))
        cut.setFontStrikeOut(True)
        for each in self._summary["first_batch"]:
            text = each["text"]
            length = self.tr("{tokens} tokens").format(tokens=count(text["tokens"]))
            if text["cut"]:
                length = self.tr("{tokens} of {whole} tokens").format(
                    tokens=count(text["tokens"]), whole=count(text["whole"])
                )
            is_passage = each["role"] == "passage"
            name = self.tr("Passage {number}") if is_passage else self.tr("Question")
            if is_passage and each["passage"] > 1:
                cursor.insertText("\n", plain)
            cursor.insertText(f"{name.format(number=each['passage'])}, {length}\n", faint)
            cursor.insertText(text["read"], plain)
            if text["cut"]:
                cursor.insertText(" " + text["cut"], cut)
            cursor.insertText("\n", plain)
        cursor.movePosition(QTextCursor.MoveOperation.Start)
        shown.setTextCursor(cursor)
        return shown

    def _on_start_clicked(self) -> None:
        self.accept()
        self.start_wanted.emit()


def show_check(summary: Mapping[str, Any], parent: QWidget, start: Callable[[], object]) -> None:
    """Over ``parent``, which goes on; ``start`` is called where the user starts the run from there."""
    dialog = CheckDialog(summary, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.start_wanted.connect(start)
    dialog.open()


def _format(token: str) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(theme.color(token))
    return made


def _tone(wrong: bool) -> str:
    return "warn" if wrong else ""


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"


def _time(spent: float) -> str:
    """As exact as it is known: seconds below a minute, else tens of them."""
    return seconds(spent if spent < 60 else round(spent / 10) * 10)
