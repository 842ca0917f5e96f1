"""Entry point of every process of the program: the window, the command line, a child."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from embtrainer_gui.core.loading import begin_loading

if TYPE_CHECKING:
    from pathlib import Path


def main() -> int:
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()  # a child starts here too
        give_back_environment()
    arguments = sys.argv[1:]
    # Pydantic would read the metadata of every installed package to look for plugins: a tenth of the start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if arguments[:1] == ["worker"]:
        from embtrainer_gui import worker

        return worker.main(arguments[1:])
    if arguments[:1] == ["import"] and not any(argument.partition("=")[0] == "--on" for argument in arguments):
        from embtrainer_gui.core.child_process import start_early

        start_early("read")
    from embtrainer_gui.cli import window

    if window.wants_window(arguments) and window.has_display() and not window.lacks_libraries():
        from embtrainer_gui.gui import app

        return app.run(window.project_of(arguments))
    from embtrainer_gui import cli

    begin_loading()  # not in the window, which stays and loads no model
    code = cli.main(window.with_command(arguments))
    gc.freeze()  # the process ends: a last look for cycles among all that was loaded is a fiftieth of an import
    result = window.window_after(arguments) if code == 0 else None
    return code if result is None else _open_in_new_process(result)


def give_back_environment() -> None:
    """The frozen program's start has the linker look into its own folder first. This process has read that; a browser
    or file manager that it opens must find the libraries of the system, and a child of ours starts from the
    beginning: without this it would believe that it looks there already, and take the system's libraries."""
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", "")
    os.environ.pop("LD_LIBRARY_PATH", None)
    if before:
        os.environ["LD_LIBRARY_PATH"] = before
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"


def _open_in_new_process(project: Path) -> int:
    """The window in a fresh process: this one holds a model library that the window has no use for."""
    from embtrainer_gui.core.child_process import program_command

    command = [*program_command(), "open", str(project.resolve())]
    if os.name == "posix":
        os.execv(command[0], command)
    import subprocess

    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
