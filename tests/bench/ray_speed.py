"""Import and built-in questions on Ray against the built-in pool, and two nodes of one processor against one machine of
two; one JSON line.

Each is done once to warm up, then ``--runs`` times in turn. Start-up (Ray, its workers, their libraries) is told apart:
the steady rate counts from the first result of a run to its end. Where Ray is started here, nodes see the files; to the
two nodes the papers travel.

python tests/bench/ray_speed.py [SHARED_DATA] [--runs 3] [--copies 1] [--skip-generate]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil

from embtrainer_gui.core.cluster_address import cluster_address
from embtrainer_gui.core.config import GenerateConfig, ImportConfig
from embtrainer_gui.core.messages import Event, ItemsChanged
from embtrainer_gui.core.store import create_project, open_project
from embtrainer_gui.stages import generate_builtin, import_papers
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@dataclass
class Clock:
    """Of one run: when its results came."""

    started: float = field(default_factory=time.monotonic)
    times: list[float] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        if isinstance(event, ItemsChanged):
            self.times += [time.monotonic()] * (event.count if event.table == "pairs" else 1)

    def figures(self, seconds: float) -> dict[str, float]:
        first, steady = self.times[0], [each for each in self.times if each > self.times[0]]
        rate = len(steady) / (self.times[-1] - first) if steady else 0.0
        return {"seconds": round(seconds, 2), "first_result_s": round(first - self.started, 2), "steady_per_s": rate}


def cpu_seconds() -> float:
    """Of this process and all that it started, the ended ones that were waited for among them."""
    total = 0.0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


def timed(work: Callable[[Clock], None]) -> dict[str, float]:
    cpu, clock = cpu_seconds(), Clock()
    work(clock)
    seconds = time.monotonic() - clock.started
    return clock.figures(seconds) | {"cpu_s": round(cpu_seconds() - cpu, 2)}


@contextmanager
def place(kind: str, folder: Path) -> Iterator[Callable[[Context], object]]:
    """Gives what is called with a context to make it work there: "pool", "ray" or "two-nodes"."""
    if kind == "pool":
        yield lambda ctx: None
        return
    from embtrainer_gui.cluster.workplace import ray_workplace

    class Silent(Context):
        def __init__(self) -> None:
            super().__init__(None, lambda event: None, threading.Event())  # type: ignore[arg-type]

    if kind == "ray":
        with ray_workplace(cluster_address("ray"), Silent(), 2) as workplace:
            yield lambda ctx: setattr(ctx, "workplace", workplace)
        return
    from two_nodes import two_nodes

    (other := folder / "other").mkdir()
    with two_nodes(other) as nodes, ray_workplace(cluster_address(nodes.address), Silent()) as workplace:
        yield lambda ctx: setattr(ctx, "workplace", workplace)


def measure(kind: str, options: argparse.Namespace, papers: list[Path]) -> dict[str, object]:
    config = ImportConfig(workers=2)
    rows: dict[str, list[dict[str, float]]] = {"import": [], "generate": []}
    with tempfile.TemporaryDirectory() as temporary:
        folder, began = Path(temporary), time.monotonic()
        with place(kind, folder) as move:
            start = time.monotonic() - began
            for number in range(options.runs + 1):
                with create_project(folder / f"{kind}-{number}") as project:

                    def read(clock: Clock, project: object = project) -> None:
                        ctx = Context(project, clock, threading.Event())  # type: ignore[arg-type]
                        move(ctx)
                        import_papers.run(ctx, config, papers)

                    rows["import"].append(timed(read))
            for number in range(0 if options.skip_generate else options.runs):
                with open_project(folder / f"{kind}-{number}", write=True) as project:

                    def ask(clock: Clock, project: object = project) -> None:
                        ctx = Context(project, clock, threading.Event())  # type: ignore[arg-type]
                        move(ctx)
                        generate_builtin.run(ctx, GenerateConfig(), Library(project, ctx.workplace), "run")  # type: ignore[arg-type]

                    rows["generate"].append(timed(ask))
    del rows["import"][0]
    return {"start_s": round(start, 1)} | {
        what: {key: round(statistics.median(row[key] for row in found), 2) for key in found[0]}
        for what, found in rows.items()
        if found
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--copies", type=int, default=1, help="repeat the papers, for a longer run")
    parser.add_argument("--skip-generate", action="store_true")
    parser.add_argument("--only", choices=("pool", "ray", "two-nodes"), help="a process of its own for each kind")
    options = parser.parse_args()
    papers = [path for path in sorted((options.data / "papers").glob("*.pdf")) if not path.name.startswith("scan-")]
    with tempfile.TemporaryDirectory() as folder:
        files = list(papers)
        for copy in range(1, options.copies):  # another hash, so that a copy is read again
            for path in papers:
                files.append(Path(folder) / f"{copy}-{path.name}")
                files[-1].write_bytes(path.read_bytes() + f"\n% {copy}\n".encode())
        if options.only:
            print(json.dumps(measure(options.only, options, files)))
            return
    found = {kind: in_own_process(kind) for kind in ("pool", "ray", "two-nodes")}
    ratios = {
        f"{kind}_{what}": round(found[kind][what]["steady_per_s"] / found[base][what]["steady_per_s"], 3)
        for kind, base in (("ray", "pool"), ("two-nodes", "ray"))
        for what in ("import", "generate")
        if what in found[kind]
    }
    print(json.dumps(found | {"steady_ratios": ratios, "load_average": round(os.getloadavg()[0], 2)}))


def in_own_process(kind: str) -> dict[str, dict[str, float]]:
    """Ray is loaded once a process, with one token."""
    import subprocess

    command = [sys.executable, __file__, *sys.argv[1:], "--only", kind]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(ran.stderr)
    return json.loads(ran.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
