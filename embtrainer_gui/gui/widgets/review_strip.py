"""Where the reviewer stands: place in the list, what is left, the pace, and acts on the whole list."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QSizePolicy, QWidget

from embtrainer_gui.core.records import PairState
from embtrainer_gui.gui import format as figures
from embtrainer_gui.gui.review_keys import Command
from embtrainer_gui.gui.widgets.basics import ElidedLabel, button, icon_button, label
from embtrainer_gui.gui.widgets.key_label import KeyLabel


class ReviewStrip(QWidget):
    """Signals: ``accept_shown``, ``reject_shown``, ``keep_first`` of similar questions, ``accept_clean``, ``stop``,
    ``progress_wanted`` how far the review is."""

    accept_shown = Signal()
    reject_shown = Signal()
    keep_first = Signal()
    accept_clean = Signal()
    stop = Signal()
    progress_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._build()

    def show_place(self, row: int | None, length: int, *, complete: bool) -> None:
        total = figures.count(length) + ("" if complete else "…")
        if row is None:
            self._place.setText(self.tr("{total} in this list").format(total=total))
        else:
            self._place.setText(self.tr("{place} of {total}").format(place=figures.count(row + 1), total=total))

    def show_counts(self, counts: Mapping[str, int], pace: float | None) -> None:
        text = self.tr("{accepted} accepted · {rejected} rejected · {left} left").format(
            accepted=figures.count(counts.get(PairState.ACCEPTED, 0)),
            rejected=figures.count(counts.get(PairState.REJECTED, 0)),
            left=figures.count(counts.get(PairState.PENDING, 0)),
        )
        if pace is not None:
            text += " · " + self.tr("{pace} a minute").format(pace=figures.count(round(pace)))
        self._counts.setText(text)

    def show_bulk(self, shown: int, *, enabled: bool, clean: bool, similar: bool) -> None:
        """What the acts on the whole list would do; ``similar`` questions are those of one group."""
        self._is_group = similar
        self._first.setEnabled(enabled)
        self._first.setVisible(similar and self._progress.isHidden())
        self._clean.setVisible(not similar and self._progress.isHidden())
        number = figures.count(shown)
        self._accept.setText(self.tr("Accept {number} shown").format(number=number))
        self._reject.setText(self.tr("Reject {number} shown").format(number=number))
        self._accept.setEnabled(enabled and shown > 0)
        self._reject.setEnabled(enabled and shown > 0)
        self._clean.setEnabled(clean)

    def show_progress(self, done: int, total: int) -> None:
        """A bulk act runs (``done`` below ``total``), or has ended."""
        running = done < total
        for widget in (self._done, self._progress, self._stop):
            widget.setVisible(running)
        for widget in (self._clean, self._accept, self._more):
            widget.setVisible(not running)
        self._first.setVisible(not running and self._is_group)
        self._clean.setVisible(not running and not self._is_group)
        self._progress.setMaximum(max(1, total))
        self._progress.setValue(done)
        self._done.setText(self.tr("{done} of {total}").format(done=figures.count(done), total=figures.count(total)))

    def _build(self) -> None:
        self._place = label("", "section")
        self._place.setObjectName("review.place")
        self._counts = ElidedLabel("", "hint")
        self._counts.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._counts.setObjectName("review.counts")
        self._how_far = icon_button("info", "", "review.progress")
        tip = self.tr("How far the review is, what each paper gave, and when to stop ({key})")
        KeyLabel(self._how_far, Command.PROGRESS, lambda key: self._how_far.setToolTip(tip.format(key=key)))
        self._how_far.setAccessibleName(self.tr("How far the review is"))
        self._clean = button(self.tr("Accept all without a reason"), "", "", "review.accept-clean")
        self._clean.setToolTip(self.tr("Accepts every pair to review in which no check found a fault. Can be undone."))
        self._first = button(self.tr("Keep the first"), "", "", "review.keep-first")
        self._first.setToolTip(
            self.tr("Rejects the others of these similar questions that are still to review. Can be undone.")
        )
        self._is_group = False
        self._accept = button("", "", "", "review.accept-shown")
        self._accept.setToolTip(self.tr("Accepts every pair of this list. Can be undone."))
        self._more = icon_button("more", self.tr("More"), "review.more")
        menu = QMenu(self._more)
        self._reject = QAction("", menu)
        menu.addAction(self._reject)
        self._more.clicked.connect(lambda: menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft())))
        self._progress = QProgressBar()
        self._progress.setMaximumWidth(160)
        self._progress.setTextVisible(False)
        self._done = label("", "hint")
        self._stop = button(self.tr("Stop"), "", "stop", "review.stop")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._place)
        layout.addSpacing(8)
        layout.addWidget(self._counts)
        layout.addWidget(self._how_far)
        layout.addStretch(1)
        for widget in (self._first, self._clean, self._accept, self._more, self._done, self._progress, self._stop):
            layout.addWidget(widget)
        for choice in (self._how_far, self._first, self._clean, self._accept, self._more, self._stop):
            choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._first.clicked.connect(self.keep_first)
        self._clean.clicked.connect(self.accept_clean)
        self._accept.clicked.connect(self.accept_shown)
        self._reject.triggered.connect(self.reject_shown)
        self._stop.clicked.connect(self.stop)
        self._how_far.clicked.connect(self.progress_wanted)
        self.show_progress(0, 0)
