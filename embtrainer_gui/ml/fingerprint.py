"""What a run was started with, so that a resumed run can refuse anything else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from embtrainer_gui.core.config import EARLIER, TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.model_files import model_fingerprint
from embtrainer_gui.ml.ranks import Ranks
from embtrainer_gui.ml.request import TrainingRequest

FREE_FIELDS = frozenset({"base_model", "checkpoints"})  # the name is not the model; how many are kept changes no weight
NAMES = {
    "pairs": mark("the training pairs"),
    "passages": mark("the passages"),
    "dev": mark("the dev questions or their passages"),
    "base_model": mark("the base model"),
    "documents": mark("the documents of the passages"),
    "general": mark("the keyword queries"),
    "answers": mark("the answers"),
    "titles": mark("the titles and abstracts"),
    "original": mark("the untrained model"),
    "doubts": mark("the answers on doubtful passages"),
}
NONE = {"count": 0}  # of a part that a run was begun without, or before there was such a part


def _digest(rows: Iterable[Any]) -> dict[str, Any]:
    digest, count = hashlib.blake2b(digest_size=16), 0
    for row in rows:
        digest.update(json.dumps(row, ensure_ascii=True).encode() + b"\n")
        count += 1
    return {"count": count, "hash": digest.hexdigest()}


def run_fingerprint(request: TrainingRequest) -> dict[str, Any]:
    """Counts and hashes of the data (their order counts too), the base model and the configuration."""
    relevant = [sorted(grades.items()) for grades in request.dev.relevant]
    doubts = [(*pair, wrong) for wrong, pairs in enumerate((request.spared, request.cleared)) for pair in sorted(pairs)]
    return {
        "pairs": _digest(request.pairs),
        "passages": _digest(zip(request.passages, map(int, request.passage_groups), strict=True)),
        "documents": _digest(map(int, request.documents)),
        "general": _digest(request.general),
        "answers": _digest(request.answers),
        "titles": _digest([list(title) for title in request.titles]),
        "original": {"hash": model_fingerprint(request.original_dir) if request.original_dir else ""},
        "dev": _digest([*request.dev.questions, *request.dev.passages, *relevant]),
        "doubts": _digest(doubts) if doubts else NONE,
        "base_model": {"hash": model_fingerprint(request.base_model_dir)},
        "config": {
            key: value for key, value in request.config.model_dump(mode="json").items() if key not in FREE_FIELDS
        },
    }


def refuse_if_changed(then: dict[str, Any], now: dict[str, Any]) -> None:
    """Raise UserError that says what differs between two fingerprints."""
    changes = _differences(then, now)
    if changes:
        raise UserError(
            mark("This run cannot be continued, because this changed since it began: {changes}."),
            mark("Start a new run (it may start from this run's model), or put back what was changed."),
            changes=", ".join(changes),
        )


def refuse_unlike_ranks(ranks: Ranks, own: dict[str, Any]) -> None:
    """Raise UserError on a rank that would train something else than the first one, so that all of them stop."""
    theirs = ranks.from_first(lambda: own)
    with ranks.together():
        changes = _differences(theirs, own)
        if changes:
            raise UserError(
                mark("This machine would train something else than the first one: {changes}."),
                mark("Give all machines the same project, the same model and the same version of this program."),
                changes=", ".join(changes),
            )


def _differences(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    changes = []
    for part, name in NAMES.items():
        was = then.get(part, NONE if part == "doubts" else now[part])  # an older run lacks what it could not have
        if was != now[part]:
            before, after = was.get("count"), now[part].get("count")
            changes.append(name if before == after else f"{name} ({before} -> {after})")
    # a run of an older program lacks the newer settings: it had what their defaults say, but for some
    old, new = TrainConfig().model_dump(mode="json") | EARLIER | then["config"], now["config"]
    return changes + [
        f"{key} ({old.get(key)} -> {new.get(key)})"
        for key in sorted({*old, *new} - FREE_FIELDS)
        if old.get(key) != new.get(key)
    ]
