"""PySide6 6.12 aborts Python 3.11 after some 570 signals: the installed one must not."""

from __future__ import annotations

import os
import subprocess
import sys

EMIT = """
from PySide6.QtCore import QObject, Signal

class Sender(QObject):
    changed = Signal(object)

sender = Sender()
seen = []
sender.changed.connect(seen.append)
for number in range(5000):
    sender.changed.emit(number)
print(len(seen))
"""


def test_that_5000_signals_leave_the_process_alive() -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    result = subprocess.run([sys.executable, "-c", EMIT], capture_output=True, text=True, env=environment, check=False)
    assert (result.returncode, result.stdout.strip()) == (0, "5000"), result.stderr
