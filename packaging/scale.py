"""What 10 thousand, 1 million and 100 million papers cost: the tables of the manual's page "How it scales".

Every input was measured; its source is named beside it, a section of ``tests/bench/RESULTS.md`` or the bench that
prints it. ``packaging/manual.py`` writes the tables into the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SIZES = (10_000, 1_000_000, 100_000_000)
ROOM = 16e9  # bytes of memory of the machine that the limits are told for
DISK = 1e12
PATIENCE = 7 * 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class Input:
    name: str
    value: float
    unit: str
    source: str


HERE = "tests/bench/scale_inputs.py"
_INPUTS = (
    Input("pages", 23.4, "pages a paper", "Import: 724 pages of 31 papers, three of them books"),
    Input("passages", 63.8, "passages a paper", HERE),
    Input("asked", 3.09, "questions a passage", "The built-in questions and the checks"),
    Input("read", 436, "pages a second, two processors", "Import: speed, second round"),
    Input("scan", 3.7, "processor seconds a scanned page", "Scans and hidden text"),
    Input("pdf", 0.8e6, "bytes of a PDF", "size of the same 31 files"),
    Input("row", 109e3, "bytes of a paper in the project", HERE),
    Input("alike", 18.4e3, "bytes of memory a paper, to find papers that come twice", HERE),
    Input("held", 3300, "bytes of memory a passage with its text and places", HERE),
    Input("make", 6.6e-3, "processor seconds a passage, built-in questions", HERE),
    Input("pair", 583, "bytes of a question in the project", "same project before and after 2,433 questions"),
    Input("calls", 61.2, "calls a second, 64 at a time, answers after 1 s", "Servers of language models"),
    Input("sent", 4800, "bytes of a call: 238 tokens a pair, 5.07 pairs, 4 bytes each", "Questions by a server"),
    Input("learn", 32.3, "pairs a second, two processors", "Questions, training, verdict"),
    Input("encode", 45e-3, "processor seconds a passage of 152 tokens", HERE),
    Input("vector", 1536, "bytes of a vector: 384 numbers", "float32"),
    Input("code", 7.6e-6, "processor seconds a passage, codes", "Large libraries"),
    Input("scan_codes", 3.9e-9, "processor seconds a passage and search", "Large libraries"),
    Input("coded", 94, "bytes of memory a passage in a search: 6.1 % of the vectors", "Large libraries"),
    Input("count", 60e-6, "processor seconds a passage, BM25 built", HERE),
    Input("counted", 2090, "bytes of memory a passage, BM25", HERE),
    Input("stored", 389 + 48, "bytes on disk a passage, BM25 and codes", HERE),
    Input("replied", 5.07, "questions a passage by a server", "Questions by a server: 1,257 of 248 passages"),
    Input("reader", 0.215e9, "bytes of memory, reading papers", "Import"),
    Input("ocr", 1.2e9, "bytes of memory, reading scans", "Scans and hidden text: peak of addresses"),
    Input("parser", 0.4e9, "bytes of memory, parser of the built-in questions", "generate/builtin.py"),
    Input("torch", 0.8e9, "bytes of memory, a process that encodes", HERE),
    Input("train", 2.4e9, "bytes of memory, training", "Questions, training, verdict: peak of the sample"),
    Input("run", 1.2e9, "bytes on disk of a run: three checkpoints and the model", "a run of the sample"),
)
IN = {each.name: each.value for each in _INPUTS}
PASSES = 4  # two rounds of two passes
ENOUGH = 10_000  # questions that a model of this size learns most from


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a stage for ``n`` papers: seconds, bytes of memory, disk and network."""

    stage: str
    time: Callable[[float], float]
    memory: Callable[[float], float]
    disk: Callable[[float], float]
    network: Callable[[float], float]


def _none(_: float) -> float:
    return 0.0


def _passages(n: float) -> float:
    return n * IN["passages"]


STAGES = (
    Cost(
        "Papers with text, read",
        lambda n: n * IN["pages"] / IN["read"],
        lambda n: IN["reader"] + n * IN["alike"],
        lambda n: n * (IN["row"] + IN["pdf"]),
        _none,
    ),
    Cost(
        "Scans, read (instead)",
        lambda n: n * IN["pages"] * IN["scan"] / 2,
        lambda n: IN["ocr"] + n * IN["alike"],
        lambda n: n * (IN["row"] + IN["pdf"]),
        _none,
    ),
    Cost(
        "Questions, built-in, of all passages",
        lambda n: _passages(n) * IN["make"],
        lambda n: IN["parser"] + _passages(n) * IN["held"],
        lambda n: _passages(n) * IN["asked"] * IN["pair"],
        _none,
    ),
    Cost(
        "Questions, by a server, of all passages",
        lambda n: _passages(n) / IN["calls"],
        lambda n: _passages(n) * IN["held"],
        lambda n: _passages(n) * IN["replied"] * IN["pair"],
        lambda n: _passages(n) * IN["sent"],
    ),
    Cost(
        f"Training on {ENOUGH:,} questions",
        lambda _: ENOUGH * PASSES / IN["learn"],
        lambda n: IN["train"] + _passages(n) * IN["held"],
        lambda _: IN["run"],
        _none,
    ),
    Cost(
        "Training on all questions",
        lambda n: _passages(n) * IN["asked"] * PASSES / IN["learn"],
        lambda n: IN["train"] + _passages(n) * IN["held"],
        lambda _: IN["run"],
        _none,
    ),
    Cost(
        "Passages encoded for the search",
        lambda n: _passages(n) * IN["encode"] / 2,
        lambda n: IN["torch"] + _passages(n) * IN["coded"],
        lambda n: _passages(n) * IN["vector"],
        _none,
    ),
    Cost(
        "Search index: codes and BM25",
        lambda n: _passages(n) * (IN["code"] + IN["count"]),
        lambda n: _passages(n) * IN["counted"],
        lambda n: _passages(n) * IN["stored"],
        _none,
    ),
    Cost(
        "One search, codes",
        lambda n: _passages(n) * IN["scan_codes"],
        lambda n: IN["torch"] + _passages(n) * IN["coded"],
        _none,
        _none,
    ),
)


def tables() -> str:
    """One table for each size, where each stage ends, and the inputs, in Markdown."""
    parts = []
    for n in SIZES:
        parts += [f"### {n:,} papers, {round(_passages(n)):,} passages", _costs(n)]
    parts += ["### How many papers fit", _ends(), "### From what this is computed", _sources()]
    return "\n\n".join(parts)


def _costs(n: int) -> str:
    rows = ["| stage | time | memory | disk | network |", "|---|---|---|---|---|"]
    for cost in STAGES:
        sizes = [_bytes(each(n)) for each in (cost.memory, cost.disk, cost.network)]
        rows.append(f"| {cost.stage} | {_duration(cost.time(n))} | {' | '.join(sizes)} |")
    return "\n".join(rows)


def _ends() -> str:
    rows = ["| stage | in a week | in 16 GB of memory | on 1 TB of disk |", "|---|---|---|---|"]
    for cost in STAGES[:-1]:
        ends = [_most(cost.time, PATIENCE), _most(cost.memory, ROOM), _most(cost.disk, DISK)]
        rows.append(f"| {cost.stage} | {' | '.join(ends)} |")
    rows.append(f"| One search in a second | {_most(STAGES[-1].time, 1.0)} | {_most(STAGES[-1].memory, ROOM)} | - |")
    return "\n".join(rows)


def _sources() -> str:
    rows = ["| input | value | measured in |", "|---|---|---|"]
    rows += [f"| {each.unit} | {each.value:g} | {each.source} |" for each in _INPUTS]
    return "\n".join(rows)


def _most(cost: Callable[[float], float], limit: float) -> str:
    """The largest number of papers whose cost keeps to ``limit``; costs grow in a straight line."""
    fixed, slope = cost(0), (cost(1e6) - cost(0)) / 1e6
    if slope <= 0:
        return "any"
    most = (limit - fixed) / slope
    for size, word in ((1e9, "thousand million"), (1e6, "million")):
        if most >= size:
            return f"{_round(most / size)} {word}"
    return f"{float(f'{most:.2g}'):,.0f}"


def _duration(seconds: float) -> str:
    units = ((365 * 86_400, "years"), (2 * 86_400, "days"), (2 * 3600, "h"), (120, "min"), (1, "s"))
    each = {"years": 365 * 86_400, "days": 86_400, "h": 3600, "min": 60, "s": 1}
    for least, name in units:
        if seconds >= least:
            return f"{_round(seconds / each[name])} {name}"
    return f"{_round(seconds * 1000)} ms"


def _bytes(size: float) -> str:
    for unit, name in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{_round(size / unit)} {name}"
    return "-"


def _round(value: float) -> str:
    """Two digits: the inputs are no more exact."""
    return f"{float(f'{value:.2g}'):,g}"
