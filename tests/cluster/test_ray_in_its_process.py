"""The tests that load Ray, in a process of their own: its threads outlive its end, and die with what others do there.

One of them alone: ``TESTS_OF_RAY=1 pytest -n0 tests/cluster/test_ray.py -k NAME``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent
TOP = FOLDER.parents[1]


@pytest.mark.timeout(2400)
@pytest.mark.parametrize("name", ["test_ray.py", "test_ray_shared.py"])
def test_that_all_of_it_works_on_ray(name: str, tmp_path: Path) -> None:
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed: pip install 'embtrainer[cluster]'")
    command = [sys.executable, "-m", "pytest", "-q", "-n0", f"--basetemp={tmp_path / 'ray'}", str(FOLDER / name)]
    environment = os.environ | {"TESTS_OF_RAY": "1"}
    ran = subprocess.run(command, cwd=TOP, env=environment, capture_output=True, text=True, check=False)
    print(ran.stdout[-20_000:])
    assert ran.returncode == 0, ran.stderr[-2_000:]
    assert " passed" in ran.stdout
