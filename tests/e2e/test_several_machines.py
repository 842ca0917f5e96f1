"""The manual's Slurm script as it stands: two nodes at two loopback addresses meet and train one run."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import CommandLine
from paired_project import project_of
from tiny_model import make_tiny_model

PAGE = Path(__file__).resolve().parents[2] / "resources" / "help" / "machines.md"
NODES = ("127.0.0.1", "127.0.0.2")
SCONTROL = "#!/bin/sh\nprintf '%s\\n' {nodes}\n"
SRUN = """#!/bin/sh
# The command once for each node, with the address of the node; its output in a file of the node.
for last; do :; done
for node in {nodes}; do
  "$1" "$2" "$3" "$last --local-addr $node" --json > "$node.out" 2> "$node.err" &
done
wait
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="127.0.0.2 is an address of Linux"),
]


def free_port() -> int:
    with socket.create_server((NODES[0], 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def cluster(tmp_path: Path) -> dict[str, str]:
    """The environment of a job of two nodes without cards."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, text in (("scontrol", SCONTROL), ("srun", SRUN)):
        (tools / name).write_text(text.format(nodes=" ".join(NODES)), encoding="utf-8")
        (tools / name).chmod(0o755)
    job = {"SLURM_JOB_NODELIST": "node[1-2]", "SLURM_NNODES": "2", "SLURM_JOB_ID": "7", "PORT": str(free_port())}
    root = str(PAGE.parents[2])
    return {**os.environ, **job, "PATH": f"{tools}:{os.environ['PATH']}", "PYTHON": sys.executable, "PYTHONPATH": root}


def test_that_the_slurm_script_of_the_manual_trains_one_run_on_two_nodes(
    tmp_path: Path, cluster: dict[str, str], embtrainer: CommandLine
) -> None:
    script = re.search(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert script is not None
    (tmp_path / "train.sbatch").write_text(script[1], encoding="utf-8")
    flags = ["--epochs=1", "--soup=1", "--batch-size=8", "--max-seq-length=32", "--evaluations=1"]
    packed = tmp_path / "run-for-the-cluster"
    embtrainer.ok(
        "export", project_of(tmp_path), "--as", "bundle", packed, *flags, "--base-model", make_tiny_model(tmp_path)
    )
    ran = subprocess.run(
        ["sh", "train.sbatch"], cwd=tmp_path, env=cluster, capture_output=True, text=True, check=False, timeout=240
    )
    errors = {node: (tmp_path / f"{node}.err").read_text(encoding="utf-8") for node in NODES}
    assert ran.returncode == 0, ran.stderr
    told = [(tmp_path / f"{node}.out").read_text(encoding="utf-8") for node in NODES]
    assert all(told), errors
    summaries = [json.loads(text.splitlines()[-1]) for text in told]
    assert [summary["processes"] for summary in summaries] == [2, 2]
    assert sum("trains along" in text for text in errors.values()) == 1
    lines = (packed / "run" / "training_metrics.jsonl").read_text(encoding="utf-8").splitlines()
    steps = [row["step"] for row in map(json.loads, lines) if "loss" in row]
    assert steps == list(range(1, summaries[0]["steps"] + 1))
    assert (packed / "result.json").is_file()
