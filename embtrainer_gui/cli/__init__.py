"""The command line: the same stages as the window, in this process. Exit codes are those of ``core.errors``."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from types import FrameType

from embtrainer_gui.cli.output import Output
from embtrainer_gui.cli.parser import build_parser, normalised
from embtrainer_gui.core.errors import AppError, Cancelled
from embtrainer_gui.core.logs import set_up_logging
from embtrainer_gui.core.messages import Failed, Stopped
from embtrainer_gui.core.translate import mark

BUG = 1
CANCELLED = 130


def main(arguments: Sequence[str]) -> int:
    """Run one command; gives its exit code."""
    options = build_parser().parse_args(normalised(arguments))
    output = Output(as_json=getattr(options, "json", False))
    cancelled = threading.Event()
    _catch_signals(cancelled)
    try:
        from embtrainer_gui.cli import commands

        return commands.run(options, output, cancelled)
    except Cancelled as stop:
        output.fail(Stopped(checkpoint=stop.checkpoint), mark("Stopped. What was done so far is kept."))
        return stop.exit_code
    except AppError as problem:
        kind = "user" if problem.exit_code == 2 else "environment"
        output.fail(Failed(kind=kind, message=problem.message, hint=problem.hint), str(problem))
        return problem.exit_code
    except KeyboardInterrupt:
        output.fail(Stopped(), mark("Stopped at once."))
        return CANCELLED
    except BrokenPipeError:
        return 0  # the reader of our output has seen enough
    except Exception as bug:  # noqa: BLE001 - the last border: everything else is a bug and says so
        trace = "".join(traceback.format_exception(bug))
        set_up_logging()
        logging.getLogger(__name__).error("%s", trace)
        text = mark("A fault in the program: {kind}: {detail}").format(kind=type(bug).__name__, detail=bug)
        output.fail(Failed(kind="bug", message=text, trace=trace), f"{trace}\n{text}")
        return BUG
    finally:
        output.close()


def _catch_signals(cancelled: threading.Event) -> None:
    """The first Ctrl-C (or SIGTERM) asks the stage to stop, the second ends the program."""

    def ask(number: int, frame: FrameType | None) -> None:
        if cancelled.is_set():
            raise KeyboardInterrupt
        cancelled.set()
        print(mark("\nStopping... (once more to stop at once)"), file=sys.stderr)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, ask)
        signal.signal(signal.SIGTERM, ask)
