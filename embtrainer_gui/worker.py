"""Child processes: ``embtrainer worker KIND``. In a frozen program the program itself is the only executable."""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int:
    """Run one kind of child until its standard input ends; gives the exit code."""
    match arguments:
        case ["read"]:
            from embtrainer_gui.extract import child

            return child.main()
        case _:
            print("embtrainer worker: for the program's own use", file=sys.stderr)
            return 2
