"""The pages of the manual that are made, not written: contents, settings, keys and commands.

``python packaging/manual.py`` writes them into ``resources/help``, from the help texts of the configs and of the
command line, and the tables of ``scale.py`` into their page; ``--check`` only says what is out of date.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout, not what is installed

from man_page import command_usage, commands_of, is_shown, place_words
from scale import tables

from embtrainer_gui.cli.parser import build_parser
from embtrainer_gui.gui import manual

HELP = Path(__file__).resolve().parents[1] / "resources" / "help"
EXIT_CODES = """## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | a fault in the program |
| 2 | the request cannot be done as asked |
| 3 | disk, network, memory, or a project that is in use |
| 130 | stopped by Ctrl-C |

With `--json` a command prints one JSON object as the last line, and its events on stderr."""


def contents() -> str:
    """What a reader of the files begins with; the window has a list instead."""
    lines = [f"- [{manual.title_of(topic)}]({topic}.md)" for topic in manual.TOPICS]
    head = (
        "# Manual\n\nThe window shows these pages under *Help*, with a search, and F1 opens the one of the page shown."
    )
    return "\n".join([head, "", *lines, "- [Every setting](fields.md)"]) + "\n"


def keys() -> str:
    """As on Linux and Windows, wherever it is made."""
    return manual.keys(native=str) + "\n"


def fields() -> str:
    """Every field of every config; the window shows those of a step at the end of its page."""
    parts = ["Every setting, in the order of the steps. A setting's name in code and configs stands behind its text."]
    for topic in manual.CONFIGS:
        parts += [f"## {manual.title_of(topic)}", manual.fields_of(topic)]
    return "\n\n".join(parts) + "\n"


def commands() -> str:
    """Every command with every option."""
    parts = [
        "The whole job can be done in a terminal, on a machine without a screen too; single questions are decided on"
        " in the window."
    ]
    for name, command in commands_of(build_parser()).items():
        options = [_option(action) for action in command._actions if is_shown(action)]
        parts += [f"## {name}", f"`{command_usage(command)}`", command.description or "", "\n".join(options)]
    return "\n\n".join([*filter(None, parts), EXIT_CODES]) + "\n"


def scale() -> str:
    """The written page with its tables, which stand under their heading at the end."""
    written, heading, _ = (HELP / "scale.md").read_text(encoding="utf-8").partition("\n## The figures\n")
    return f"{written}{heading}\n{tables()}\n"


def _option(action: argparse.Action) -> str:
    name = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    value = f" {place_words(action)}" if action.option_strings and action.metavar else ""
    help_ = " ".join((action.help or "").replace("%%", "%").split())
    choices = f" [{', '.join(map(str, action.choices))}]" if action.choices and not action.metavar else ""
    return f"- `{name}{value}`: {help_}{choices}".rstrip(": ")


PAGES = {"README.md": contents, "fields.md": fields, "keys.md": keys, "commands.md": commands, "scale.md": scale}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where a page is out of date")
    only_check = parser.parse_args(arguments).check
    stale = []
    for name, page in PAGES.items():
        path, text = HELP / name, page()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not only_check:
                path.write_text(text, encoding="utf-8")
    print(f"{', '.join(stale)}: {'out of date' if only_check else 'written'}" if stale else "all pages are up to date")
    return 1 if only_check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
