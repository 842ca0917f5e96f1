"""What there is after a run: questions by kind and by reason, and the passages that failed, with Retry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from embtrainer_gui.gui import format as words
from embtrainer_gui.gui.widgets.basics import Icon, button, label, row, set_property

LINES = 2  # of reasons; the list has them all


class GenerateOutcome(QFrame):
    """Signals: ``review_wanted``, ``retry_wanted``, ``failed_wanted`` to see which passages failed."""

    review_wanted = Signal()
    retry_wanted = Signal()
    failed_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setObjectName("questions.outcome")
        self.title = label("", "section", wrap=True)
        self._kinds = label("", "secondary", wrap=True)
        self._reasons = label("", "secondary", wrap=True)
        self._similar = label("", "secondary", wrap=True)
        self._similar.setObjectName("questions.similar")
        self._review = button(self.tr("Review them"), "", name="questions.review")
        self._failed = self._build_failed()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(6)
        first = row(self.title, self._review)
        first.setStretch(0, 1)
        layout.addLayout(first)
        layout.addWidget(self._kinds)
        layout.addWidget(self._reasons)
        layout.addWidget(self._similar)
        layout.addWidget(self._failed)
        self._review.clicked.connect(self.review_wanted)
        self._retry.clicked.connect(self.retry_wanted)
        self._list.clicked.connect(self.failed_wanted)
        self.show_similar(0, 0)
        self.show_failed({})

    def _build_failed(self) -> QWidget:
        self._failed_words = label("", "warn", wrap=True)
        self._failed_words.setObjectName("questions.failed")
        self._list = button(self.tr("Show them"), "plain", name="questions.show-failed")
        self._retry = button("", "", "retry", "questions.retry")
        made = QWidget()
        line = row(Icon("warning", "warn"), self._failed_words, self._list, self._retry)
        line.setStretch(1, 1)
        made.setLayout(line)
        return made

    def set_next(self, is_next: bool) -> None:
        """Whether to review is what comes next: there is one filled button on a page."""
        set_property(self._review, "kind", "primary" if is_next else "")

    def set_can_retry(self, can: bool) -> None:
        self._retry.setEnabled(can)

    def show_counts(self, title: str, kinds: Sequence[tuple[str, int]], reasons: Sequence[tuple[str, int]]) -> None:
        self.title.setText(title)
        self._kinds.setText(self.tr("By kind: {list}").format(list=_listed(kinds)))
        self._kinds.setVisible(bool(kinds))
        self._reasons.setText(self.tr("Flagged for: {list}").format(list=_listed(reasons)))
        self._reasons.setVisible(bool(reasons))

    def show_similar(self, pairs: int, groups: int) -> None:
        """``pairs`` ask what another one asks as well, in so many ``groups``."""
        text = self.tr("{pairs} questions resemble another one, in {groups} groups")
        if groups == 1:
            text = self.tr("{pairs} questions resemble each other")
        self._similar.setText(text.format(pairs=words.count(pairs), groups=words.count(groups)))
        self._similar.setVisible(bool(groups))

    def show_failed(self, reasons: Mapping[str, int]) -> None:
        """How many passages failed, by the reason; nothing where none did."""
        total = words.count(sum(reasons.values()))
        shown = dict(reasons) if len(reasons) <= LINES else dict(list(reasons.items())[: LINES - 1])
        more = sum(reasons.values()) - sum(shown.values())
        told = [f"{words.count(count)} × {reason}" for reason, count in shown.items()]
        told += [self.tr("{count} × other reasons").format(count=words.count(more))] if more else []
        self._failed_words.setText("\n".join(told))
        self._retry.setText(self.tr("Retry {count}").format(count=total))
        self._retry.setAccessibleName(self.tr("Retry the {count} passages that failed").format(count=total))
        self._failed.setVisible(bool(reasons))
        set_property(self.title, "tone", "warn" if reasons else "")


def _listed(counts: Sequence[tuple[str, int]]) -> str:
    return "  ·  ".join(f"{name} {words.count(count)}" for name, count in counts)
