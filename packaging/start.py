"""The script that the frozen program runs: ``embtrainer`` with all its sub-commands, ``worker`` among them."""

import sys

from embtrainer_gui.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
