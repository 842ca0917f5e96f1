"""Child processes: ``embtrainer worker KIND``. In a frozen program the program itself is the only executable."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

    from embtrainer_gui.core.child_stream import Commands, EventPipe
    from embtrainer_gui.core.messages import JobSpec, Secrets

NICENESS = 10  # of a job: the window and whatever else the user does come first
OUT_OF_USE = 2


def main(arguments: list[str]) -> int:
    """Run one kind of child until its work or its standard input ends; gives the exit code."""
    match arguments:
        case ["read"]:
            gc.disable()  # libraries and files make many objects and no cycles; it is replaced after some files
            os.environ["OPENBLAS_NUM_THREADS"] = "1"  # its threads would spin beside the reading ones
            from embtrainer_gui.extract import child

            return child.main()
        case ["pictures"]:
            from embtrainer_gui.extract import picture_child

            return picture_child.main()
        case ["job" | "search" | "pages"]:
            return _Served(arguments[0]).run()
        case ["rank", job]:
            return _Served("rank", job).run()
        case _:
            print("embtrainer worker: for the program's own use", file=sys.stderr)
            return OUT_OF_USE


class _Served:
    """A child that speaks core.messages: the first line is Secrets, the second the JobSpec.

    A rank is one of several that torchrun started: its job is in its command line, since all of them have the same
    standard input, where any of them may hear Cancel; the first of each machine speaks.
    """

    def __init__(self, kind: str, job: str = "") -> None:
        self._kind, self._job = kind, job
        # Closed by the system when this process ends: a parent that saw it closed before would take its leave, and
        # the exit code would be that of an orphan.
        self._events: BinaryIO = os.fdopen(os.dup(1), "wb", closefd=False)
        os.dup2(2, 1)  # what libraries print must not get between the events: before any of them is imported

    def run(self) -> int:
        import faulthandler

        faulthandler.enable()
        from embtrainer_gui.core.loading import begin_loading

        if self._kind != "pages":  # that one loads little and holds large pictures
            begin_loading()
        from embtrainer_gui.core.child_stream import Commands, EventPipe
        from embtrainer_gui.core.messages import COMMANDS, JobSpec, Secrets, Started
        from embtrainer_gui.core.process_place import process_place

        if process_place().local_rank:
            self._events = open(os.devnull, "wb")  # noqa: SIM115 - until the end of the process
        pipe, commands = EventPipe(self._events), Commands()
        secrets = Secrets() if self._job else commands.next()
        spec = COMMANDS.validate_json(self._job) if self._job else commands.next()
        if not (isinstance(secrets, Secrets) and isinstance(spec, JobSpec)):
            print("the first two lines are not secrets and a job", file=sys.stderr)
            return OUT_OF_USE
        pipe.emit(Started(stage=spec.stage, pid=os.getpid()))
        _share_the_machine(spec, nice=self._kind in ("job", "rank"))
        return self._work(pipe, commands, spec, secrets)

    def _work(self, pipe: EventPipe, commands: Commands, spec: JobSpec, secrets: Secrets) -> int:
        from pathlib import Path

        from embtrainer_gui.core.errors import Cancelled
        from embtrainer_gui.core.failure import EXIT_CODES, failure_of
        from embtrainer_gui.core.messages import Finished, Stopped

        try:
            if self._kind in ("job", "rank"):
                from embtrainer_gui.stages.registry import run_stage

                summary = run_stage(spec, secrets, pipe.emit, commands.cancelled)
                pipe.emit(Finished(summary=summary))
                return 0
            from embtrainer_gui.stages.serve import serve

            serve(spec, secrets, pipe.emit, commands)
        except Cancelled as stop:
            pipe.emit(Stopped(checkpoint=stop.checkpoint))
            return 0 if self._kind == "rank" else stop.exit_code  # to torchrun anything else is a failure
        except Exception as error:  # noqa: BLE001 - the border of this process: what is no error of ours is a bug
            failure = failure_of(error, Path(spec.project))
            pipe.emit(failure)
            if self._kind == "rank":
                print(failure.message, failure.trace, file=sys.stderr)
            return EXIT_CODES[failure.kind]
        return 0


def _share_the_machine(spec: JobSpec, *, nice: bool) -> None:
    """Before torch is loaded: it reads the number of threads once."""
    from embtrainer_gui.core.process_place import shared_threads
    from embtrainer_gui.core.settings import DEVICE_VARIABLE

    threads = shared_threads(spec.threads)
    if threads:
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
            os.environ[name] = str(threads)
    if spec.device == "cpu":
        os.environ[DEVICE_VARIABLE] = "cpu"
    if nice and sys.platform != "win32":
        os.nice(NICENESS)
    elif nice:
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
