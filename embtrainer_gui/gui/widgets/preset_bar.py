"""Presets by data size: three buttons, the one that fits is marked, and a line that says why."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from embtrainer_gui.core.presets import PRESETS, Preset, chosen_preset, preset_for
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.widgets.basics import button, card, column, label, row


class PresetBar(QWidget):
    """Signals: ``preset_chosen`` (Preset)."""

    preset_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._why = label("", "hint", wrap=True)
        self._why.setObjectName("train.preset-why")
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)  # none is chosen once a setting was changed by hand
        self._buttons: dict[str, QPushButton] = {}
        for preset in PRESETS:
            made = button(_core(preset.title), "", "", f"train.preset.{preset.key}")
            made.setCheckable(True)
            made.setToolTip(f"{_core(preset.fits)}: {_core(preset.why)}")
            made.setAccessibleDescription(_core(preset.why))
            made.clicked.connect(lambda _=False, chosen=preset: self.preset_chosen.emit(chosen))
            self._buttons[preset.key] = made
        bar = row(label(self.tr("Size of the data"), "section"), None, *self._buttons.values())
        outer = column(card(bar, self._why))
        self.setLayout(outer)

    def show_values(self, values: Mapping[str, object], pairs: int) -> None:
        """Mark the preset that ``values`` are, and say which one fits ``pairs`` questions."""
        chosen, fitting = chosen_preset(values), preset_for(pairs)
        for preset in PRESETS:
            self._buttons[preset.key].setChecked(preset is chosen)
        self._why.setText(self._words(chosen, fitting, pairs))

    def _words(self, chosen: Preset | None, fitting: Preset, pairs: int) -> str:
        if chosen is fitting and not pairs:
            return self.tr("No questions are accepted yet. {title} is for {range}. {why}").format(
                title=_core(chosen.title), range=_core(chosen.fits), why=_core(chosen.why)
            )
        if chosen is fitting:
            return self.tr("Fits your {pairs} questions ({range}). {why}").format(
                pairs=count(pairs), range=_core(chosen.fits), why=_core(chosen.why)
            )
        if chosen is None:
            return self.tr("Your own settings. For {pairs} questions, {title} is the usual start.").format(
                pairs=count(pairs), title=_core(fitting.title)
            )
        return self.tr("{title} is for {range}; you have {pairs}. {why}").format(
            title=_core(chosen.title), range=_core(chosen.fits), pairs=count(pairs), why=_core(chosen.why)
        )


def _core(text: str) -> str:
    return QCoreApplication.translate("core", text)
