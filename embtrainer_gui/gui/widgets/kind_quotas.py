"""How many of the questions are to be of which kind: a small number for each, with the share that it comes to."""

from __future__ import annotations

import math
from fractions import Fraction

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSpinBox, QWidget

from embtrainer_gui.core.generate_config import GenerateConfig
from embtrainer_gui.core.question_kinds import ASKABLE, read_kinds
from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.gui.pair_words import kind_words
from embtrainer_gui.gui.widgets.basics import label

MOST = 20
SIDE_BY_SIDE = 2
SPIN_WIDTH, SHARE_WIDTH = 54, 34


class KindQuotas(QWidget):
    """``value`` is the text of ``GenerateConfig.kinds``. Signal: ``edited``."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quiet = False
        self._spins: dict[QuestionKind, QSpinBox] = {}
        self._shares: dict[QuestionKind, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(6)
        for number, kind in enumerate(ASKABLE):
            line, place = divmod(number, SIDE_BY_SIDE)
            for at, part in enumerate(self._parts(kind)):
                grid.addWidget(part, line, 4 * place + at)
        for place in range(SIDE_BY_SIDE):
            grid.setColumnStretch(4 * place, 1)
        grid.setColumnMinimumWidth(3, 8)  # between the two halves
        self.set_value(GenerateConfig().kinds)

    def value(self) -> str:
        return ", ".join(f"{kind}={spin.value()}" for kind, spin in self._spins.items() if spin.value())

    def set_value(self, text: str) -> None:
        """Raises ValueError as ``read_kinds`` does."""
        wanted = _small_numbers(read_kinds(text))
        self._quiet = True
        for kind, spin in self._spins.items():
            spin.setValue(wanted.get(kind, 0))
        self._quiet = False
        self._show_shares()

    def _parts(self, kind: QuestionKind) -> tuple[QWidget, ...]:
        name, share = label(kind_words(kind), "hint"), label("", "hint")
        spin = _Spin()
        spin.setObjectName(f"questions.kind-{kind}")
        spin.setAccessibleName(self.tr("Share of the kind {kind}").format(kind=kind_words(kind)))
        share.setFixedWidth(SHARE_WIDTH)
        share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        spin.valueChanged.connect(self._on_spin_changed)
        name.setBuddy(spin)
        self._spins[kind], self._shares[kind] = spin, share
        return name, spin, share

    def _on_spin_changed(self) -> None:
        if not self._quiet:
            self._show_shares()
            self.edited.emit()

    def _show_shares(self) -> None:
        shares = read_kinds(self.value())  # none at all means all alike
        for kind, shown in self._shares.items():
            shown.setText(f"{100 * shares.get(kind, 0):.0f} %")


class _Spin(QSpinBox):
    def __init__(self) -> None:
        super().__init__()
        self.setRange(0, MOST)
        self.setFixedWidth(SPIN_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setTextMargins(6, 0, 0, 0)  # the style sheet does not reach it

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """The page scrolls; the number stays."""
        event.ignore()


def _small_numbers(shares: dict[QuestionKind, float]) -> dict[QuestionKind, int]:
    """The smallest whole numbers that stand to each other as the shares do, none above ``MOST``."""
    parts = {kind: Fraction(share).limit_denominator(1000) for kind, share in shares.items()}
    common = math.lcm(*(part.denominator for part in parts.values()))
    whole = {kind: int(part * common) for kind, part in parts.items()}
    shrunk = min(1.0, MOST / max(whole.values()))
    return {kind: max(1, round(number * shrunk)) for kind, number in whole.items()}
