"""Starts the window: theme, loop, faults, garbage, signals, and the exit code of the program."""

from __future__ import annotations

import gc
import logging
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from embtrainer_gui import __version__
from embtrainer_gui.core.child_process import worker_command
from embtrainer_gui.core.errors import AppError, UserError
from embtrainer_gui.core.logs import set_up_logging
from embtrainer_gui.core.settings import Settings, set_broken_settings_aside
from embtrainer_gui.core.translate import mark
from embtrainer_gui.gui import language, theme
from embtrainer_gui.gui.background import threads
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.garbage import Garbage
from embtrainer_gui.gui.integrity_watch import IntegrityWatch
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.main_window import MainWindow
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.wizard import Place

GOOD, STOPPED = 0, 130
THREAD_TURN_SECONDS = 0.001  # 5 ms by default, and the window waits for one at each step beside a thread that computes

after_first_paint: list[Callable[[], None]] = []
"""Called once each when the window has been painted: for tests and measurements."""

log = logging.getLogger(__name__)


def run(project: Path | None = None) -> int:
    """Show the window until it is closed; gives the exit code of the program."""
    set_up_logging()
    sys.setswitchinterval(THREAD_TURN_SECONDS)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("embtrainer")
    app.setApplicationDisplayName("Embedding Trainer")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("org.embtrainer.Embtrainer")
    feedback = Feedback()
    faults = Faults(feedback)
    session, warning = _session()
    translators = language.set_up(app, session.settings.language)
    theme.set_up(app, session.settings.theme)
    session.settings_changed.connect(lambda: theme.choose(session.settings.theme))
    window = MainWindow(session, JobManager(session, feedback), feedback)
    watch = IntegrityWatch(session, feedback, worker_command("job"), lambda: window.wizard.go(Place.PROJECT))
    window.closed.connect(watch.stop)
    window.start(project)
    if warning is not None:
        feedback.problem(warning)
    FirstPaint(window)
    signals = Signals(window)
    window.show()
    for _ in range(2):  # the first paint, and who waits for it; what comes now may take its time
        app.processEvents()
    _loop(app, window, faults)
    for translator in translators:
        app.removeTranslator(translator)
    return signals.exit_code


def _session() -> tuple[Session, UserError | None]:
    try:
        return Session(), None
    except UserError:
        aside = set_broken_settings_aside()
        return Session(settings=Settings()), UserError(
            mark("Your settings could not be read, so the program starts with its defaults."),
            mark("The old file is kept as {path}."),
            path=aside,
        )


def _loop(app: QApplication, window: MainWindow, faults: Faults) -> None:
    """The loop of qasync, which runs Qt's: short requests are coroutines on it."""
    import asyncio

    import qasync  # type: ignore[import-untyped]

    garbage = Garbage(app)
    loop = qasync.QEventLoop(app)
    loop.set_exception_handler(lambda _, context: faults.take_asyncio(context))
    asyncio.set_event_loop(loop)
    window.closed.connect(loop.stop)
    try:
        with loop:
            if not window.has_closed:
                loop.run_forever()
            loop.run_until_complete(requests.end())
    finally:
        window.deleteLater()
        app.processEvents()
        threads.end()
        garbage.stop()
        faults.let_go()


class Signals:
    """Ctrl-C in the terminal, or the system that ends: the window closes without a question, exit 130.

    Python looks at signals between two of its own instructions: the timer of ``Garbage`` gives it some.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.exit_code = GOOD
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.exit_code == GOOD:
            self.exit_code = STOPPED
            QTimer.singleShot(0, self._window, self._window.end_at_once)


class FirstPaint(QObject):
    """Waits for the window's first paint, then tells who asked, and loads what pages need later."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window: MainWindow | None = window
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if self._window is not None and event.type() == QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            self._window = None
            QTimer.singleShot(0, self, self._on_painted)
        return False

    @Slot()
    def _on_painted(self) -> None:
        while after_first_paint:
            after_first_paint.pop(0)()
        load_charts()


def load_charts() -> None:
    """They bring pyqtgraph, which holds up the GUI thread for a quarter of a second: better now than at a click. Not on
    a thread of its own: it reads all names of Qt's modules, which crashes beside another import of them."""
    from embtrainer_gui.gui.widgets import run_view  # noqa: F401

    gc.freeze()  # as Garbage does with the modules loaded before: these stay as well


class Faults(QObject):
    """What nobody caught, on whatever thread: errors of ours become a banner, everything else a report."""

    raised = Signal(object)  # BaseException

    def __init__(self, feedback: Feedback) -> None:
        super().__init__()
        self._feedback = feedback
        self.raised.connect(self._on_raised)
        sys.excepthook = self._hook
        threading.excepthook = lambda arguments: self.raised.emit(arguments.exc_value)

    def let_go(self) -> None:
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__

    def take_asyncio(self, context: dict[str, object]) -> None:
        error = context.get("exception")
        self.raised.emit(error if isinstance(error, BaseException) else RuntimeError(str(context.get("message"))))

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.raised.emit(error)

    @Slot(object)
    def _on_raised(self, error: BaseException | None) -> None:
        if error is None or isinstance(error, KeyboardInterrupt | SystemExit):
            return
        if isinstance(error, AppError):
            self._feedback.problem(error)
            return
        trace = "".join(traceback.format_exception(error))
        log.error("%s", trace)
        self._feedback.bug.emit(trace)
