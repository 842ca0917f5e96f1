"""The program's icon in the sizes and formats of the three systems, painted from one drawing."""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image

DRAWING = Path(__file__).parent / "linux" / "embtrainer.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
WINDOWS_SIZES = [(size, size) for size in SIZES if size <= 256]


def paint(size: int) -> Image.Image:
    """The drawing, ``size`` pixels wide and high."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QIODevice, Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication([])
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    del application
    return Image.open(io.BytesIO(bytes(buffer.data().data())))


def write_icons(folder: Path) -> None:
    """Write ``SIZE.png``, ``embtrainer.ico`` (Windows) and ``embtrainer.icns`` (macOS) into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        paint(size).save(folder / f"{size}.png")
    largest = paint(1024)
    largest.save(folder / "embtrainer.ico", sizes=WINDOWS_SIZES)
    largest.save(folder / "embtrainer.icns")
