"""One thing that can be taken out of the project: what it is for, what it holds, Save, and where it went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.gui.widgets.basics import ElidedLabel, Icon, button, label, row


class ExportCard(QFrame):
    """Signals: ``save_asked`` with whether another folder is to be chosen first; ``open_asked``; ``back_asked`` where
    what was saved can come ``back``, which is the text of its button."""

    save_asked = Signal(bool)
    open_asked = Signal()
    back_asked = Signal()

    def __init__(
        self,
        name: str,
        title: str,
        purpose: str,
        *,
        primary: bool = False,
        formats: Sequence[tuple[str, str]] = (),
        back: str = "",
    ) -> None:
        super().__init__()
        self.setObjectName(f"export.card-{name}")
        self.setProperty("role", "card")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.holds = label("", "secondary", wrap=True)
        self.holds.setObjectName(f"export.holds-{name}")
        self.save = button(self.tr("Save"), "primary" if primary else "", "download", f"export.save-{name}")
        self.save.setAccessibleName(self.tr("Save {title}").format(title=title))
        self.elsewhere = button(self.tr("Choose folder..."), "plain", name=f"export.choose-{name}")
        self.formats = QComboBox()
        self.formats.setObjectName(f"export.format-{name}")
        self.formats.setAccessibleName(self.tr("Format"))
        for key, text in formats:
            self.formats.addItem(text, key)
        self.formats.setVisible(bool(formats))
        self.back = button(back, "plain", name=f"export.back-{name}")
        self.back.setVisible(bool(back))
        self.open = button(self.tr("Open folder"), "link", name=f"export.open-{name}")
        self.where = ElidedLabel("", "good")
        self.where.setObjectName(f"export.where-{name}")
        self._went = self._line()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(label(title, "section"))
        layout.addWidget(label(purpose, wrap=True))
        layout.addWidget(self.holds)
        layout.addStretch(1)
        layout.addLayout(row(self.formats, self.save, self.elsewhere, self.back, None))
        layout.addWidget(self._went)
        self._went.hide()
        self.save.clicked.connect(lambda: self.save_asked.emit(False))
        self.elsewhere.clicked.connect(lambda: self.save_asked.emit(True))
        self.open.clicked.connect(self.open_asked)
        self.back.clicked.connect(self.back_asked)

    def _line(self) -> QWidget:
        widget = QWidget()
        layout = row(Icon("check", "good"), self.where, self.open)
        layout.setStretch(1, 1)
        widget.setLayout(layout)
        return widget

    @property
    def format(self) -> str:
        return str(self.formats.currentData() or "")

    def show_state(self, holds: str, *, available: bool, running: bool) -> None:
        """``running``: this card is being saved now."""
        self.holds.setText(holds)
        for part in (self.save, self.elsewhere, self.formats):
            part.setEnabled(available and not running)
        self.save.setText(self.tr("Saving...") if running else self.tr("Save"))

    def show_saved(self, path: Path | None, text: str) -> None:
        self._went.setVisible(path is not None)
        self.where.setText(text)
        self.where.setToolTip(str(path) if path else "")
