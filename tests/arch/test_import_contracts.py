"""The layers of the design hold, and a violation is caught."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
LINT = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT], cwd=folder, env=_environment(folder), capture_output=True, text=True, check=False
    )


def _environment(folder: Path) -> dict[str, str]:
    import os

    return os.environ | {"PYTHONPATH": str(folder)}


def copy_of_package(folder: Path) -> Path:
    shutil.copytree(
        REPOSITORY / "embtrainer_gui", folder / "embtrainer_gui", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    return folder


def test_that_the_contracts_hold() -> None:
    result = lint(REPOSITORY)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("core/errors.py", "import torch", "core imports no Qt"),
        ("core/errors.py", "from embtrainer_gui.text import sentences", "Each layer imports only those below it"),
        ("stages/search.py", "import pymupdf", "PyMuPDF and OCR"),
        ("gui/__init__.py", "from embtrainer_gui.stages import search", "The window imports core"),
        ("extract/passages.py", "from embtrainer_gui.ml import ranking", "Each layer imports only those below it"),
        ("text/sentences.py", "def late():\n    import spacy", "spaCy is imported only below generate"),
    ],
)
def test_that_a_planted_violation_is_caught(tmp_path: Path, module: str, line: str, broken: str) -> None:
    folder = copy_of_package(tmp_path)
    target = folder / "embtrainer_gui" / module
    target.write_text(target.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    result = lint(folder)
    assert result.returncode == 1
    assert any(broken in text and "BROKEN" in text for text in result.stdout.splitlines()), result.stdout
