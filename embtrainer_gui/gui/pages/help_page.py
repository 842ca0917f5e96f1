"""The manual with its contents and search, a way to report a problem, and what the program is made of."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout

from embtrainer_gui.core.translate import mark
from embtrainer_gui.gui import manual, manual_search, theme
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.widgets.basics import button, column, label, row
from embtrainer_gui.gui.widgets.manual_view import ManualView

TOPICS_WIDTH = 250
MOST_FOUND = 100
FOUND_HEIGHT = 44  # px: two lines
FEWEST_LETTERS = 2
PLACE = Qt.ItemDataRole.UserRole


class HelpPage(Page):
    title: ClassVar[str] = mark("Help")
    subtitle: ClassVar[str] = mark("The manual, with every setting and every key.")
    icon: ClassVar[str] = "help"

    def _build(self) -> None:
        self._been: list[str] = []  # topics before this one
        self._topic = ""
        self._sections: list[manual_search.Section] = []
        self._search = QLineEdit()
        self._search.setObjectName("help.search")
        self._search.setPlaceholderText(self.tr("Search the manual"))
        self._search.setAccessibleName(self.tr("Search the manual"))
        self._search.setMaxLength(200)
        self._topics = self._list("help.topics", self.tr("Topics"))
        self._topics.addItems([manual.title_of(topic) for topic in manual.TOPICS])
        self._found = self._list("help.found", self.tr("Places found"))
        self._lists = QStackedWidget()
        self._lists.setFixedWidth(TOPICS_WIDTH)
        self._search.setFixedWidth(TOPICS_WIDTH)
        self._lists.addWidget(self._topics)
        self._lists.addWidget(self._found)
        self._text = ManualView()
        self._text.setObjectName("help.text")
        self._text.setAccessibleName(self.tr("Manual"))
        self._english = label(self.tr("This page of the manual is in English only."), "secondary")
        self._english.setObjectName("help.english")
        self._back = button(self.tr("Page before"), "plain", "left", "help.back")
        self._report = button(self.tr("Report a problem..."), "", "warning", "help.report")
        self._computer = button(self.tr("This computer..."), "", "chip", "help.computer")
        self._about = button(self.tr("Versions and licences..."), "", "info", "help.about")
        both = row(column(self._search, self._lists), column(self._english, self._text), spacing=16)
        both.setStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(both, 1)
        layout.addLayout(row(self._report, self._computer, self._about, None, self._back))

    def _list(self, name: str, accessible: str) -> QListWidget:
        made = QListWidget()
        made.setObjectName(name)
        made.setAccessibleName(accessible)
        made.setProperty("role", "menu")
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return made

    def _connect(self) -> None:
        self._topics.currentRowChanged.connect(self._on_topic_changed)
        self._found.currentItemChanged.connect(self._on_found_chosen)
        self._search.textChanged.connect(self._on_search_changed)
        self._search.returnPressed.connect(self._on_search_entered)
        self._text.topic_wanted.connect(self._on_topic_wanted)
        self._back.clicked.connect(self._on_back_clicked)
        self._report.clicked.connect(self._on_report_clicked)
        self._computer.clicked.connect(self._on_computer_clicked)
        self._about.clicked.connect(self._on_about_clicked)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._search.setFocus)
        theme.changes().changed.connect(self._on_theme_changed)
        self._topics.setCurrentRow(0)

    def show_topic(self, topic: str) -> None:
        """``topic`` is one of ``manual.TOPICS``, such as a step; any other one shows the beginning."""
        self._search.clear()
        self._show(topic if topic in manual.TOPICS else manual.START)

    def _show(self, topic: str, slug: str = "", *, keep: bool = True) -> None:
        if topic != self._topic:
            if keep and self._topic:
                self._been.append(self._topic)
            self._topic = topic
            self._text.show_topic(topic)
            self._english.setVisible(not manual.is_translated(topic))
            self._topics.setCurrentRow(manual.TOPICS.index(topic))
        self._back.setEnabled(bool(self._been))
        if slug:
            self._text.scroll_to(slug)

    @Slot(int)
    def _on_topic_changed(self, number: int) -> None:
        self._show(manual.TOPICS[max(number, 0)])

    @Slot(str, str)
    def _on_topic_wanted(self, topic: str, slug: str) -> None:
        """A link to the file of all fields leads to the page of its step, which ends with them."""
        if topic in manual.TOPICS:
            self._show(topic, slug)
        elif slug in manual.CONFIGS:
            self._show(slug, manual.slug(manual.settings_heading()))

    @Slot()
    def _on_back_clicked(self) -> None:
        self._show(self._been.pop(), keep=False)

    @Slot(str)
    def _on_search_changed(self, words: str) -> None:
        searching = len(words.strip()) >= FEWEST_LETTERS
        self._lists.setCurrentWidget(self._found if searching else self._topics)
        self._found.clear()
        if not searching:
            self._text.mark_words("")
            return
        self._sections = self._sections or manual_search.sections()
        for section in manual_search.found(self._sections, words)[:MOST_FOUND]:
            topic = manual.title_of(section.topic)
            item = QListWidgetItem(f"{section.heading}\n{topic}" if section.heading else topic)
            item.setToolTip(item.text())
            item.setSizeHint(QSize(0, FOUND_HEIGHT))
            item.setData(PLACE, section)
            self._found.addItem(item)
        if not self._found.count():
            nothing = QListWidgetItem(self.tr("Nothing found"))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self._found.addItem(nothing)

    @Slot()
    def _on_search_entered(self) -> None:
        self._found.setCurrentRow(0)

    @Slot(QListWidgetItem, QListWidgetItem)
    def _on_found_chosen(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        section = item.data(PLACE) if item else None
        if section is not None:
            self._show(section.topic)
            self._text.mark_words(self._search.text())
            self._text.scroll_to(manual.slug(section.heading))

    @Slot()
    def _on_theme_changed(self) -> None:
        bar = self._text.verticalScrollBar()
        place = bar.value()
        self._text.show_topic(self._topic)
        self._text.mark_words(self._search.text())
        bar.setValue(place)

    @Slot()
    def _on_report_clicked(self) -> None:
        from embtrainer_gui.gui.widgets.report_dialog import ReportDialog

        dialog = ReportDialog(self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show_log()

    @Slot()
    def _on_computer_clicked(self) -> None:
        from embtrainer_gui.gui.widgets.computer_dialog import ComputerDialog

        dialog = ComputerDialog(self.jobs, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()
        dialog.look()

    @Slot()
    def _on_about_clicked(self) -> None:
        from embtrainer_gui.gui.widgets.about_dialog import AboutDialog

        dialog = AboutDialog(self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()
