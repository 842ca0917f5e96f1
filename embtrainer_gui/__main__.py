"""Entry point of every process of the program: the command line, a child, and later the window."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    multiprocessing.freeze_support()  # in a frozen program a child starts here too
    arguments = sys.argv[1:]
    if arguments[:1] == ["worker"]:
        from embtrainer_gui import worker

        return worker.main(arguments[1:])
    if arguments[:1] == ["import"]:
        from embtrainer_gui.core.child_process import start_early

        start_early("read")
    from embtrainer_gui import cli

    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
