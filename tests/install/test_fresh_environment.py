"""The wheel in a new environment, from the line of the README to the verdict of the sample."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from install.program import Program

pytestmark = [pytest.mark.packages, pytest.mark.timeout(3000)]
MOST_SECONDS = 600  # from pip install to the verdict


def test_that_the_wheel_alone_runs_the_sample_to_its_verdict(top: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=top, check=True
    )
    wheel = next(tmp_path.glob("*.whl"))
    began = time.monotonic()
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    constraints = str(top / "tests" / "constraints.txt")
    pip = [str(environment / "bin" / "pip"), "install", "--quiet", "--constraint", constraints, str(wheel)]
    subprocess.run(pip, check=True, cwd=tmp_path)
    installed = time.monotonic() - began
    program = Program(environment / "bin" / "embtrainer", tmp_path / "home")
    summary = program.json("sample", tmp_path / "sample", "--no-open")
    took = time.monotonic() - began
    print({"install": round(installed), "all": round(took)})
    assert summary
    assert took < MOST_SECONDS
