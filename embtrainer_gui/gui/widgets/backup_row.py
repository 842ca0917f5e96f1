"""One backup on the Project page: when and why it was made, what it holds, and the button that puts it back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from embtrainer_gui.core.store.restore import Contents
from embtrainer_gui.gui import format as fmt
from embtrainer_gui.gui.models.backup_list import BackupRow
from embtrainer_gui.gui.widgets.basics import ElidedLabel, button, column, label, row


class BackupLine(QWidget):
    """Signal ``restore_wanted`` with its row."""

    restore_wanted = Signal(object)  # BackupRow

    def __init__(self, found: BackupRow, number: int) -> None:
        super().__init__()
        backup = found.backup
        when = label(fmt.date(backup.at.isoformat()))
        why = label(f"{self._why(backup.reason)} · {fmt.size(backup.size)}", "hint")
        self.holds = ElidedLabel(in_words(self, found.holds) if found.holds else found.fault, "hint")
        self.restore = button(self.tr("Put back..."), "", "", f"project.restore-{number}")
        self.restore.setEnabled(found.holds is not None)
        self.restore.setToolTip(backup.path.name)
        self.restore.clicked.connect(lambda: self.restore_wanted.emit(found))
        texts = column(row(when, why, None, spacing=12), self.holds, spacing=2)
        layout = row(texts, self.restore, spacing=16)
        layout.setStretch(0, 1)
        layout.setContentsMargins(0, 4, 0, 4)
        self.setLayout(layout)

    def _why(self, reason: str) -> str:
        words = {
            "asked": self.tr("you asked for it"),
            "daily": self.tr("once a day"),
            "bulk": self.tr("before many decisions at once"),
            "reread": self.tr("before papers were read again"),
            "restore": self.tr("before a backup was put back"),
            "upgrade": self.tr("before the upgrade to a newer version"),
            "damaged": self.tr("damaged file, set aside"),
        }
        return words[reason]


def in_words(widget: QWidget, found: Contents) -> str:
    text = widget.tr(
        "{papers} papers · {accepted} accepted, {rejected} rejected, {pending} open questions · {runs} runs"
    )
    return text.format(
        papers=fmt.count(found.papers), accepted=fmt.count(found.accepted), rejected=fmt.count(found.rejected),
        pending=fmt.count(found.pending), runs=fmt.count(found.runs),
    )  # fmt: skip
