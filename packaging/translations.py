"""Brings the catalogues of ``resources/i18n`` up to the strings that the program marks for translation.

``python packaging/translations.py`` adds new strings with an empty translation and takes out those that are gone;
``--check`` only says what is missing. A string is what stands in ``tr``, ``_tr``, ``translate``, ``mark`` or
``QT_TRANSLATE_NOOP``. The command line speaks English, so its own modules are left out.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
CATALOGUES = TOP / "resources" / "i18n"
ENGLISH_ONLY = ("cli/", "core/legacy/", "stages/predecessor_")  # what only the command line uses
MARKERS = {"tr": 0, "_tr": 0, "mark": 0, "translate": 1, "QT_TRANSLATE_NOOP": 1}  # which argument is the text


def marked_strings(package: Path) -> list[str]:
    """Every marked string of the modules below ``package``, sorted, once each."""
    found: set[str] = set()
    for path in package.rglob("*.py"):
        if not path.relative_to(package).as_posix().startswith(ENGLISH_ONLY):
            found.update(_strings_in(path.read_text(encoding="utf-8")))
    return sorted(found)


def _strings_in(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = MARKERS.get(name, len(node.args))
            if place < len(node.args):
                text = node.args[place]
                if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value.strip():
                    yield text.value


def merged(strings: list[str], old: dict[str, str]) -> dict[str, str]:
    """``strings`` with the translations that there are."""
    return {text: old.get(text, "") for text in strings}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where translations are missing")
    only_check = parser.parse_args(arguments).check
    strings = marked_strings(TOP / "embtrainer_gui")
    missing = 0
    for path in sorted(CATALOGUES.glob("*.json")):
        catalogue = merged(strings, json.loads(path.read_text(encoding="utf-8")))
        empty = [text for text, translation in catalogue.items() if not translation]
        print(f"{path.name}: {len(strings) - len(empty)} of {len(strings)} strings are translated")
        missing += len(empty)
        if not only_check:
            text = json.dumps(catalogue, ensure_ascii=False, indent=1) + "\n"
            path.write_text(text, encoding="utf-8")
    return 1 if only_check and missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
