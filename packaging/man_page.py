"""The man page, from the same parser that reads the command line: it cannot fall behind."""

from __future__ import annotations

import argparse
import datetime

from embtrainer_gui import __version__
from embtrainer_gui.cli.parser import build_parser

HEAD = r""".\" Made from the program's own parser of arguments.
.TH EMBTRAINER 1 "{day}" "embtrainer {version}" "User Commands"
.SH NAME
embtrainer \- from a folder of scientific papers to a better search model
.SH SYNOPSIS
.B embtrainer
[\fIPROJECT\fR]
.br
.B embtrainer
\fICOMMAND\fR [\fIARGUMENTS\fR]
.SH DESCRIPTION
Without arguments, or with a project's folder alone, the window opens. Every command works without a screen, stops on
Ctrl\-C without losing what is done, and goes on from there when it is started again.
.SH COMMANDS
"""
FOOT = r""".SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
A fault in the program.
.TP
.B 2
The request cannot be done as asked.
.TP
.B 3
Disk, network, memory, or a project that is in use.
.TP
.B 130
Stopped by Ctrl\-C.
.SH ENVIRONMENT
.TP
.B EMBTRAINER_API_KEY
The key of a server of language models, in place of one in the keyring.
.TP
.B EMBTRAINER_DEVICE
.I cpu
computes on the processor only.
"""


def man_page(day: datetime.date) -> str:
    """The page in man(7)'s language."""
    parts = [HEAD.format(day=day.isoformat(), version=__version__)]
    for name, command in commands_of(build_parser()).items():
        about = command.description or ""
        parts.append(f".SS {_escaped(command_usage(command))}\n{_escaped(about) or _escaped(name)}\n")
        parts += [_option(action) for action in command._actions if is_shown(action)]
    return "".join(parts) + FOOT


def commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    choices = next(action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(choices or {})


def command_usage(command: argparse.ArgumentParser) -> str:
    places = [place_words(action) for action in command._actions if not action.option_strings]
    return " ".join([command.prog, *places])


def place_words(action: argparse.Action) -> str:
    """Its name as a usage line says whether it may be left out or said again."""
    name = str(action.metavar or action.dest)
    return {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} ..."}.get(str(action.nargs), name)


def is_shown(action: argparse.Action) -> bool:
    return action.help is not argparse.SUPPRESS and action.dest != "help"


def _option(action: argparse.Action) -> str:
    name = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    value = f" \\fI{_escaped(place_words(action))}\\fR" if action.option_strings and action.metavar else ""
    return f".TP\n.B {_escaped(name)}{value}\n{_escaped((action.help or '').replace('%%', '%'))}\n"


def _escaped(text: str) -> str:
    """One line; no letter of it is a command to roff."""
    line = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{line}" if line.startswith((".", "'")) else line
