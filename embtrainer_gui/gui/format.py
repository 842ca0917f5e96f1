"""Figures as look.md has them: seconds, counts, metrics, sizes and dates in words that people read."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QLocale

THIN_SPACE = "\u202f"  # narrow, and no line breaks there
MINUS = "\u2212"


def _tr(text: str) -> str:
    return QCoreApplication.translate("format", text)


def seconds(value: float) -> str:
    """``0.4 s``, ``42 s``, ``3 min 10 s``, ``2 h 5 min``."""
    if value < 1:
        return _tr("{number} s").format(number=f"{max(value, 0):.1f}")
    whole = round(value)
    if whole < 60:
        return _tr("{number} s").format(number=whole)
    minutes, left = divmod(whole, 60)
    if minutes < 60:
        return (_tr("{minutes} min {seconds} s") if left else _tr("{minutes} min")).format(
            minutes=minutes, seconds=left
        )
    hours, minutes = divmod(minutes, 60)
    return (_tr("{hours} h {minutes} min") if minutes else _tr("{hours} h")).format(hours=hours, minutes=minutes)


def count(number: int) -> str:
    """``12 480`` with thin spaces."""
    return f"{number:,}".replace(",", THIN_SPACE)


def metric(value: float | None) -> str:
    """Three decimals; a dash where there is none."""
    return "–" if value is None else f"{value:.3f}"


def change(value: float | None) -> str:
    """Three decimals with a sign."""
    return "–" if value is None else f"{value:+.3f}".replace("-", MINUS)


def size(number: float) -> str:
    """Bytes as ``12 MB``: powers of ten, as file managers count."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    digits = 1 if unit == "GB" or (unit == "MB" and number < 10) else 0
    return f"{number:.{digits}f} {unit}"


def date(iso: str) -> str:
    """``24 Nov, 21:40`` in this place's time, with the year where it is another one; "" for what is no date."""
    try:
        moment = datetime.fromisoformat(iso).astimezone()
    except ValueError:
        return ""
    month = QLocale().monthName(moment.month, QLocale.FormatType.ShortFormat).rstrip(".")
    if moment.year != datetime.now().astimezone().year:
        return f"{moment.day} {month} {moment.year}"
    return f"{moment.day} {month}, {moment:%H:%M}"
