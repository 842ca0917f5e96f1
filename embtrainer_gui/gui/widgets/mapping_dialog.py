"""Which column of a file of questions holds what, beside its first rows, before anything is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from embtrainer_gui.core.interchange.columns import Role, Target, lacking
from embtrainer_gui.core.translate import mark
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import ElidedLabel, button, label, row

SIZE = QSize(860, 600)
NARROWEST, WIDEST, LETTER = 96, 260, 8  # px of a column, and of a letter
CELL = 160  # characters of a cell that are shown
IN_A_ROW = 3
NOTHING = ""
_NAMES = {
    Role.QUESTION: mark("Question"),
    Role.ANSWER: mark("Answer"),
    Role.PASSAGE: mark("Passage"),
    Role.PAPER: mark("Paper"),
    Role.KIND: mark("Kind of question"),
    Role.RELEVANCE: mark("Relevance"),
    Role.ID: mark("Identifier"),
}
_HELP = {
    Role.QUESTION: mark("What is asked."),
    Role.ANSWER: mark("The answer, best in the words of the passage. It is what you read in Review."),
    Role.PASSAGE: mark("The text that answers the question: what a search has to find."),
    Role.PAPER: mark("The paper that the passage is from. Papers are kept together when some are held out for tests."),
    Role.KIND: mark("Definition, cause, method, quantity, comparison, fact or keyword."),
    Role.RELEVANCE: mark("A number, or yes and no: 0 and no mean that the passage is wrong for the question."),
    Role.ID: mark("A name of each row, kept when you export."),
}
_TEST_ROLES = (Role.QUESTION, Role.PASSAGE, Role.RELEVANCE, Role.PAPER, Role.KIND)


def _tr(text: str) -> str:
    return QCoreApplication.translate("core", text)


class MappingDialog(QDialog):
    """Signals: ``import_wanted`` with the options of the job, ``sheet_wanted`` with the name of another sheet."""

    import_wanted = Signal(dict)
    sheet_wanted = Signal(str)

    def __init__(self, look: Mapping[str, Any], parent: QWidget | None = None, target: Target | None = None) -> None:
        """``look`` is what the stage ``question-table`` gives; ``target`` what is to be made of the file, if known."""
        super().__init__(parent)
        self.setObjectName("mapping")
        self.setWindowTitle(self.tr("Import questions"))
        self.resize(SIZE)
        self._look = look
        self._boxes: dict[Role, QComboBox] = {}
        self._target = self._build_target(target or Target(look["as"]))
        self._name = QLineEdit(PurePath(str(look["file"])).stem)
        self._name.setObjectName("mapping.name")
        self._name.setMaxLength(100)
        self._name.setAccessibleName(self.tr("Name of the test set"))
        self._sheet = QComboBox()
        self._sheet.setObjectName("mapping.sheet")
        self._sheet.setAccessibleName(self.tr("Sheet"))
        self._form = self._build_form()
        self._table = self._build_table()
        self._hint = label("", "secondary", wrap=True)
        self._hint.setObjectName("mapping.hint")
        self._error = label("", "error", wrap=True)
        self._error.setObjectName("mapping.error")
        self._import = button(self.tr("Import"), "primary", name="mapping.import")
        self._import.setDefault(True)
        self._cancel = button(self.tr("Cancel"), name="mapping.cancel")
        self._lay_out()
        self._connect()
        self.show_look(look)

    def show_look(self, look: Mapping[str, Any]) -> None:
        """Another sheet of the same file."""
        self._look = look
        self._sheet.blockSignals(True)
        self._sheet.clear()
        self._sheet.addItems(look["sheets"])
        self._sheet.setCurrentText(str(look.get("sheet", "")) or (look["sheets"] or [""])[0])
        self._sheet.blockSignals(False)
        self._sheet.setEnabled(True)
        for part in (self._sheet, self._sheet_label):
            part.setVisible(len(look["sheets"]) > 1)
        for role, box in self._boxes.items():
            box.blockSignals(True)
            box.clear()
            box.addItem(self.tr("(no column)"), NOTHING)
            for name in look["columns"]:
                box.addItem(name, name)
            box.setCurrentIndex(max(0, box.findData(look["guess"].get(role, NOTHING))))
            box.blockSignals(False)
        self._fill_table()
        self._show_state()

    def keep_sheet(self) -> None:
        """The other sheet cannot be read now: back to the one on show."""
        self.show_look(self._look)

    def columns(self) -> dict[str, str]:
        """The chosen column of each role that has one, among those that the target needs or can use."""
        if self._look["fixed"]:
            return {}
        return {role.value: box.currentData() for role, box in self._boxes.items() if self._is_used(role, box)}

    def target(self) -> Target:
        return Target(self._target.currentData())

    def _is_used(self, role: Role, box: QComboBox) -> bool:
        return bool(box.currentData()) and (self.target() is Target.PAIRS or role in _TEST_ROLES)

    def _build_target(self, target: Target) -> QComboBox:
        box = QComboBox()
        box.setObjectName("mapping.target")
        box.setAccessibleName(self.tr("Import as"))
        box.addItem(self.tr("Questions to review and train on"), Target.PAIRS.value)
        box.addItem(self.tr("A labelled test set, kept out of training"), Target.TEST_SET.value)
        box.setCurrentIndex(box.findData(target.value))
        return box

    def _build_form(self) -> QWidget:
        form = QWidget()
        self._grid = grid = QGridLayout(form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        self._captions = {role: label(_tr(name), "hint") for role, name in _NAMES.items()}
        for role in Role:
            box = QComboBox(form)
            box.setObjectName(f"mapping.{role}")
            box.setAccessibleName(_tr(_NAMES[role]))
            box.setToolTip(_tr(_HELP[role]))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(14)
            box.currentIndexChanged.connect(self._show_state)
            self._boxes[role] = box
            self._captions[role].setToolTip(_tr(_HELP[role]))
        for place in range(IN_A_ROW):
            grid.setColumnStretch(place, 1)
        return form

    def _build_table(self) -> QTableWidget:
        table = QTableWidget()
        table.setObjectName("mapping.rows")
        table.setAccessibleName(self.tr("The first rows of the file"))
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().setDefaultSectionSize(theme.size("row"))
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.horizontalHeader().setHighlightSections(False)
        return table

    def _lay_out(self) -> None:
        self._sheet_label, self._name_label = label(self.tr("Sheet"), "hint"), label(self.tr("Name"), "hint")
        as_ = row(label(self.tr("Import as"), "hint"), self._target, self._name_label, self._name, None)
        as_.setStretch(3, 100)  # all the room where it is shown
        self._fixed = label(self.tr("The layout of this file says what is what; nothing is to be chosen."), "secondary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        title = row(ElidedLabel(str(self._look["file"]), "section"), self._sheet_label, self._sheet)
        title.setStretch(0, 1)
        layout.addLayout(title)
        layout.addLayout(as_)
        layout.addWidget(self._form)
        layout.addWidget(self._fixed)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._hint)
        layout.addWidget(self._error)
        layout.addLayout(row(None, self._cancel, self._import))

    def _connect(self) -> None:
        self._target.currentIndexChanged.connect(self._show_state)
        self._name.textChanged.connect(self._show_state)
        self._sheet.currentTextChanged.connect(self._on_sheet_chosen)
        self._import.clicked.connect(self._on_import_clicked)
        self._cancel.clicked.connect(self.reject)

    def _fill_table(self) -> None:
        names, rows = self._look["columns"], self._look["rows"]
        self._table.clear()
        self._table.setColumnCount(len(names))
        self._table.setRowCount(len(rows))
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                item = QTableWidgetItem(" ".join(cell.split())[:CELL])
                item.setToolTip(" ".join(cell.split()))
                self._table.setItem(number, place, item)
        for place, name in enumerate(names):
            longest = max(len(text) for text in (name, *(cells[place] for cells in rows)))
            self._table.setColumnWidth(place, min(WIDEST, max(NARROWEST, longest * LETTER)))

    @Slot()
    def _show_state(self) -> None:
        is_test, is_fixed = self.target() is Target.TEST_SET, bool(self._look["fixed"])
        self._place_boxes(_TEST_ROLES if is_test else tuple(Role))
        for part in (self._name, self._name_label):
            part.setVisible(is_test)
        self._form.setVisible(not is_fixed)
        self._fixed.setVisible(is_fixed)
        self._show_header()
        self._hint.setText(self._hint_words())
        fault = self._fault()
        self._error.setText(fault)
        self._error.setVisible(bool(fault))
        self._import.setEnabled(not fault and self._sheet.isEnabled())

    def _place_boxes(self, roles: Sequence[Role]) -> None:
        """Those of ``roles`` side by side without gaps, the others out of sight."""
        for role, box in self._boxes.items():
            for part in (self._captions[role], box):
                self._grid.removeWidget(part)
                part.setVisible(role in roles)
        for number, role in enumerate(roles):
            line, place = divmod(number, IN_A_ROW)
            self._grid.addWidget(self._captions[role], 2 * line, place)
            self._grid.addWidget(self._boxes[role], 2 * line + 1, place)

    def _show_header(self) -> None:
        """Each column's name, and under it what it is taken for."""
        role_of = {name: _tr(_NAMES[Role(role)]) for role, name in self.columns().items()}
        names = [f"{name}\n{role_of.get(name, '–')}" for name in self._look["columns"]]
        self._table.setHorizontalHeaderLabels(self._look["columns"] if self._look["fixed"] else names)

    def _hint_words(self) -> str:
        if self.target() is Target.TEST_SET:
            return self.tr(
                "Its questions, and the passages that are right for them, are never trained on. Passages that your "
                "project lacks come in as test papers."
            )
        chosen = self.columns()
        if Role.ANSWER not in chosen and Role.PASSAGE in chosen:
            return self.tr("No column holds answers: the sentence that fits the question best stands as the answer.")
        if Role.PASSAGE not in chosen and Role.ANSWER in chosen:
            return self.tr("No column holds passages: the answer itself is what a search has to find.")
        return self.tr("Rows that cannot be used are listed with their line and reason; the others come in together.")

    def _fault(self) -> str:
        if self.target() is Target.TEST_SET and not self._name.text().strip():
            return self.tr("A test set needs a name.")
        if self._look["fixed"]:
            return ""
        chosen = {Role(role): name for role, name in self.columns().items()}
        if len(set(chosen.values())) < len(chosen):
            return self.tr("One column is chosen twice.")
        for group in lacking(chosen, self.target()):
            names = self.tr(" or ").join(_tr(_NAMES[role]) for role in group)
            return self.tr("Choose the column for: {names}.").format(names=names)
        return ""

    @Slot(str)
    def _on_sheet_chosen(self, sheet: str) -> None:
        """Columns of one sheet are no columns of another: nothing is imported until ``show_look``."""
        self._sheet.setEnabled(False)
        self._import.setEnabled(False)
        self.sheet_wanted.emit(sheet)

    @Slot()
    def _on_import_clicked(self) -> None:
        options: dict[str, Any] = {"columns": self.columns(), "as": self.target().value}
        if self.target() is Target.TEST_SET:
            options["name"] = self._name.text().strip()
        if len(self._look["sheets"]) > 1:
            options["sheet"] = self._sheet.currentText()
        self.accept()
        self.import_wanted.emit(options)
