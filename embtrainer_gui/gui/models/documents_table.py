"""The table of papers: files that could not be read come first, with the reason in words."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt

from embtrainer_gui.core.store import Project
from embtrainer_gui.core.store.document_list import DocumentList, DocumentRow
from embtrainer_gui.gui import format as words
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.models.paged_table import PagedTable
from embtrainer_gui.gui.widgets.paper_words import about_words, has_failed, how_read, reader_words, state_words

TITLE, YEAR, PAGES, PASSAGES, READER, STATE = range(6)
_FIGURES = (YEAR, PAGES, PASSAGES)
REASON_ROLE = int(Qt.ItemDataRole.UserRole)  # of the title: a second line


class DocumentsTable(PagedTable[DocumentRow]):
    """Call ``show_project`` again after documents changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        titles = [_tr("Title"), _tr("Year"), _tr("Pages"), _tr("Passages"), _tr("Read by"), _tr("State")]
        super().__init__(titles, parent)
        self._list: DocumentList | None = None

    def show_project(self, project: Project, words: str = "") -> None:
        """``words``: only rows that have them, see DocumentList."""
        listed = DocumentList(project.database, words)
        self._list = listed
        count_passages = project.passages.counts_of_documents
        self.set_source(lambda start, count: listed.rows(start, count, count_passages), len(listed))

    def failed(self) -> list[DocumentRow]:
        return self._list.failed() if self._list else []

    def files(self) -> int:
        """Imported files, readable or not."""
        return self._list.files() if self._list else 0

    def number_of(self, source: int, document: int) -> int:
        """The row of a document; -1 where it is not listed."""
        return self._list.number_of(source, document) if self._list else -1

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and section in _FIGURES:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)  # as the figures below
        return super().headerData(section, orientation, role)

    def cell(self, row: DocumentRow, number: int, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return _tip(row, column)
            case Qt.ItemDataRole.DecorationRole if column == STATE:
                state = state_words(row.state)
                return theme.icon(state.icon, state.token, 16)
            case Qt.ItemDataRole.TextAlignmentRole if column in _FIGURES:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case Qt.ItemDataRole.AccessibleTextRole if column == TITLE and row.reason:
                return f"{_text(row, TITLE)}: {row.reason}"
        return row.reason if role == REASON_ROLE and column == TITLE and has_failed(row) else None


def _tr(text: str) -> str:
    return QCoreApplication.translate("papers", text)


def _text(row: DocumentRow, column: int) -> str:
    match column:
        case 0:
            return row.title or row.file_name
        case 1:
            return str(row.year) if row.year else "–"
        case 2:
            return words.count(row.pages) if row.pages else "–"
        case 3:
            return words.count(row.passages) if row.document else "–"
        case 4:
            return reader_words(row.extractor) if row.document else "–"
        case _:
            return state_words(row.state).text


def _tip(row: DocumentRow, column: int) -> str:
    if column == READER:
        return how_read(row)
    lines = [row.title, about_words(row), row.file_name] if column == TITLE else []
    return "\n".join(filter(None, [*lines, row.reason])) if column in (TITLE, STATE) else ""
