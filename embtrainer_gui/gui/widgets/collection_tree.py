"""The collections of a Zotero library with boxes to tick: all of it, or some with what lies in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QTreeWidgetItemIterator, QWidget

from embtrainer_gui.core.zotero import ZoteroCollection
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import count

NAME, ITEMS = range(2)
COUNT_WIDTH = 84
_ROLE = Qt.ItemDataRole.UserRole  # the ZoteroCollection of a row; None of the whole library
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CollectionTree(QTreeWidget):
    """Signals: ``changed`` when other rows are ticked."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("zotero.tree")
        self.setAccessibleName(self.tr("Collections of Zotero"))
        self.setHeaderLabels([self.tr("Collection"), self.tr("Items")])
        self.setUniformRowHeights(True)
        self.headerItem().setTextAlignment(ITEMS, _RIGHT)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(ITEMS, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(ITEMS, COUNT_WIDTH)
        self._total = 0
        self.itemChanged.connect(self._on_item_changed)

    def show_library(self, collections: Sequence[ZoteroCollection], items: int) -> None:
        """``items`` are those of the whole library; nothing is ticked but that, where there are no collections."""
        self._total = items
        self.blockSignals(True)
        self.clear()
        whole = self._row(self.tr("Whole library"), items, None)
        self.addTopLevelItem(whole)
        rows = {each.key: self._row(each.name, each.items, each) for each in collections}
        for each in collections:
            above = rows.get(each.parent)
            if above is None or _lies_in(rows[each.key], above):
                self.addTopLevelItem(rows[each.key])
            else:
                above.addChild(rows[each.key])
        if not collections:
            whole.setCheckState(NAME, Qt.CheckState.Checked)
        self.expandToDepth(0)
        self.setCurrentItem(whole)
        self.blockSignals(False)

    def keys(self) -> list[str] | None:
        """Of the collections that are ticked; None for the whole library."""
        return None if self._is_whole() else [each.key for each in self._ticked()]

    def items(self) -> int:
        """How many items that is; one that lies in several of them counts several times."""
        return self._total if self._is_whole() else sum(each.items for each in self._ticked())

    def _is_whole(self) -> bool:
        first = self.topLevelItem(0)
        return first is not None and first.checkState(NAME) == Qt.CheckState.Checked

    def _ticked(self) -> Iterator[ZoteroCollection]:
        for item in self._rows():
            collection = item.data(NAME, _ROLE)
            if collection is not None and item.checkState(NAME) == Qt.CheckState.Checked:
                yield collection

    def _rows(self) -> Iterator[QTreeWidgetItem]:
        walk = QTreeWidgetItemIterator(self)
        while (item := walk.value()) is not None:
            yield item
            walk += 1

    def _row(self, name: str, items: int, collection: ZoteroCollection | None) -> QTreeWidgetItem:
        item = QTreeWidgetItem([name, count(items)])
        item.setData(NAME, _ROLE, collection)
        item.setToolTip(NAME, name)
        item.setSizeHint(NAME, QSize(0, theme.size("row")))
        item.setTextAlignment(ITEMS, _RIGHT)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(NAME, Qt.CheckState.Unchecked)
        return item

    def _on_item_changed(self, item: QTreeWidgetItem) -> None:
        """What lies in a collection is ticked with it and can be unticked by itself; the whole library and some of its
        collections exclude each other."""
        for inner in [item.child(number) for number in range(item.childCount())]:
            if inner is not None:
                inner.setCheckState(NAME, item.checkState(NAME))
        if item.checkState(NAME) == Qt.CheckState.Checked:
            is_whole = item.data(NAME, _ROLE) is None
            for other in [self.topLevelItem(number) for number in range(self.topLevelItemCount())]:
                if other is not None and (other.data(NAME, _ROLE) is None) != is_whole:
                    other.setCheckState(NAME, Qt.CheckState.Unchecked)
        self.changed.emit()


def _lies_in(above: QTreeWidgetItem, item: QTreeWidgetItem) -> bool:
    """Whether ``item`` is ``above`` or below it: what Zotero says may go round in a ring."""
    found: QTreeWidgetItem | None = item
    while found is not None:
        if found is above:
            return True
        found = found.parent()
    return False
