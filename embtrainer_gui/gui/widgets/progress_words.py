"""How far a job is, how fast and how long it still takes, in one line."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.gui import format as fmt


def progress_words(done: int, total: int, rate: float | None, left: float | None, *, in_bytes: bool) -> str:
    """``rate`` is a second, ``left`` seconds; both None where they are not known."""
    amount = fmt.size if in_bytes else fmt.count
    parts = [_tr("{done} of {total}").format(done=amount(done), total=amount(total))]
    if rate is not None and left is not None:
        parts += [_speed(rate, in_bytes), _tr("{time} left").format(time=fmt.seconds(left))]
    return " · ".join(parts)


def _speed(rate: float, in_bytes: bool) -> str:
    if in_bytes:
        return _tr("{rate}/s").format(rate=fmt.size(rate))
    if rate >= 1:
        return _tr("{rate}/s").format(rate=f"{rate:.1f}")
    return _tr("{rate}/min").format(rate=f"{rate * 60:.1f}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("JobPanel", text)
