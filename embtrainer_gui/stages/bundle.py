"""Pack a training run into one folder that trains on any computer with this program, by one command."""

from __future__ import annotations

import shutil
from pathlib import Path

from embtrainer_gui import __version__
from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.lineage import start_folder
from embtrainer_gui.core.loss_fields import refuse_untrainable
from embtrainer_gui.core.model_licence import CARD
from embtrainer_gui.core.new_folder import new_folder
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.workflow import data_fingerprint
from embtrainer_gui.ml.model_files import model_fingerprint
from embtrainer_gui.stages.bundle_files import BASE, BUNDLE, FORMAT, sealed, write_data
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.training_data import data_for

MODEL_SUFFIXES = (".json", ".safetensors", ".txt", ".model")
SCRIPT = """#!/bin/sh
# Trains the run in this folder. Stopped or killed, it goes on from its last checkpoint when it is started again.
cd "$(dirname "$0")" && exec "${PYTHON:-python3}" -m embtrainer_gui train . "$@"
"""
GUIDE = """# A training run of the project {project}

Everything that this run needs but the program itself: Embedding Trainer {version} (`embtrainer --version`).

1. Copy this folder to the computer that is to train.
2. There: `sh train.sh` (or `embtrainer train THIS_FOLDER`). Ctrl-C stops it without losing what is done; started
   again, it goes on. On several graphics cards: `sh train.sh --launch "torchrun --nproc-per-node 2"`; on several
   machines with a copy of this folder each, the same on each of them with torchrun's `--nnodes` and `--rdzv-endpoint`.
3. Copy the folder back, and take the result into the project: `embtrainer import-run PROJECT THIS_FOLDER`.

It holds {pairs} questions to train on, {passages} passages of their papers, and {dev} questions of the papers that
choose the checkpoint. Nothing of the test papers is in it. The settings are in `bundle.json` and fixed: the result is
refused where a sealed file was changed. The base model is {base}.
"""


def run(ctx: Context, config: TrainConfig, out: Path) -> int:
    """Write the bundle ``out``; gives the number of training questions.

    Raises:
        UserError: nothing to train on, settings that cannot train, or ``out`` is taken.
        EnvironmentProblem: it cannot be written.
    """
    refuse_untrainable(config)
    project = ctx.project
    base = start_folder(config.base_model, project.runs.all(), project.models)
    included = base != bundled_folder()
    data = data_for(project, config)
    with new_folder(out) as draft:
        write_data(draft, data)
        if included:
            _copy_model(base, draft / BASE)
        files = [path for path in draft.rglob("*") if path.is_file()]
        name = project.folder.resolve().name
        described = {
            "format": FORMAT,
            "made_by": __version__,
            "made_at": utc_now(),
            "project": name,
            "data_fingerprint": data_fingerprint(project),
            "config": config.model_dump(mode="json"),
            "base_model": {"hash": model_fingerprint(base), "included": included},
            "stand_ins": data.stand_ins,
            "files": sealed(draft, files),
        }
        atomic_write_json(draft / BUNDLE, described)
        (draft / "train.sh").write_text(SCRIPT, encoding="utf-8", newline="\n")
        (draft / "train.sh").chmod(0o755)
        guide = GUIDE.format(
            project=name,
            version=__version__,
            pairs=len(data.pairs) - data.stand_ins,
            passages=len(data.passages),
            dev=len(data.dev.questions),
            base="in `base_model`" if included else "the one that comes with the program",
        )
        (draft / CARD).write_text(guide, encoding="utf-8")
    return len(data.pairs) - data.stand_ins


def _copy_model(source: Path, target: Path) -> None:
    """What loading reads of a model, and its card for the licence; neither code nor other formats of the weights."""
    for path in sorted(source.rglob("*")):
        if path.is_file() and (path.suffix in MODEL_SUFFIXES or path.name == CARD):
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
