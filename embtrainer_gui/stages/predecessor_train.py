"""``train --config``: questions_answers.jsonl in, a model out, as the predecessor's command did, without its faults."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embtrainer_gui.core.config import SplitConfig, TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange import ImportedPair, document_name, passage_text, read_pairs
from embtrainer_gui.core.legacy.to_train import to_split_config, to_train_config
from embtrainer_gui.core.legacy.trainer import LegacyTrainerConfig, read_trainer_config
from embtrainer_gui.core.lora import refuse_without_peft
from embtrainer_gui.core.loss_fields import refuse_untrainable
from embtrainer_gui.core.records import Document, FileState, Split
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.watch import Watch
from embtrainer_gui.core.workflow import RUN_LOCK
from embtrainer_gui.ml.request import DevSet, TrainingRequest, further_record
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.descent import descent_of
from embtrainer_gui.stages.split import assign
from embtrainer_gui.stages.training_data import ALIKE_PASSAGES
from embtrainer_gui.text.near_duplicate import groups, near_pairs, sketch

TEST_QUERIES = (
    "What is the main finding?",
    "Which method was used?",
    "How large was the effect?",
)


def run(
    ctx: JobContext,
    config_path: Path,
    overrides: Mapping[str, Any],
    *,
    input_jsonl: str | None = None,
    output_dir: str | None = None,
    resume: bool = False,
) -> dict[str, Any]:
    """Train as the config says; gives the object that ``train --json`` prints.

    The pairs are split by document. The share that is not trained on chooses the checkpoint; it is not a test.

    Raises:
        UserError: a broken config or too few pairs.
        EnvironmentProblem: the output cannot be written.
    """
    legacy = read_trainer_config(config_path)
    out = Path(output_dir) if output_dir else legacy.output_dir
    train, dev = _split(ctx, _records(ctx, _source(legacy, input_jsonl)), to_split_config(legacy))
    passages = _passages(train)
    config, warnings = to_train_config(legacy, overrides, passages=len(passages))
    for warning in warnings:
        ctx.warn(warning)
    refuse_untrainable(config)
    refuse_without_peft(config.lora_rank)
    descent = descent_of(config.base_model, [], out, ctx)
    ctx.watch = Watch(config)
    ctx.status(mark("Loading PyTorch..."))
    from embtrainer_gui.ml.trainer import train as train_model

    row_of = {text: row for row, text in enumerate(passages)}
    request = TrainingRequest(
        config=config,
        base_model_dir=descent.start,
        out_dir=out,
        passages=passages,
        passage_groups=groups(len(passages), near_pairs([sketch(text) for text in passages], ALIKE_PASSAGES)),
        pairs=[(record.question, row_of[passage_text(record)]) for record in train],
        dev=_dev_set(dev, passages),
        documents=_documents(train, passages),
        answers=[record.answer for record in train] if config.answer_weight else [],
        lineage=descent.lineage(out.name, "", None, config.matryoshka),
        original_dir=descent.original,
        resume=resume,
    )
    out.mkdir(parents=True, exist_ok=True)
    with FolderLock(out, RUN_LOCK):
        result = train_model(request, ctx)
    return {
        "run": out.name,
        "steps": result.steps,
        "pairs": result.pairs,
        "best_step": result.best_step,
        "dev": {"base": result.dev_base, "best": result.dev_best},
        "model": str(result.final_model),
        "seconds": round(result.seconds, 1),
        **further_record(result),
        **descent.record(),
    }


def plan(
    ctx: JobContext, config_path: Path, overrides: Mapping[str, Any], *, input_jsonl: str | None = None
) -> dict[str, Any]:
    """What ``run`` would do, without doing it: ``{"settings", "changed", "pairs", "passages", "steps"}``, where
    ``changed`` are sentences on values that cannot do what they say. Raises as ``run`` does for its config and data."""
    legacy = read_trainer_config(config_path)
    train, _ = _split(ctx, _records(ctx, _source(legacy, input_jsonl)), to_split_config(legacy))
    passages = len(_passages(train))
    config, warnings = to_train_config(legacy, overrides, passages=passages)
    steps = math.ceil(passages / config.batch_size) * config.epochs * config.soup
    size = {"pairs": len(train), "passages": passages, "steps": steps}
    return {"settings": config.model_dump(), "changed": warnings, **size}


def test_only(ctx: JobContext, config_path: Path, output_dir: str | None) -> dict[str, Any]:
    """Encode three fixed queries with the trained model; gives ``{"model", "shape", "norms"}``.

    Raises:
        UserError: there is no trained model in the output folder.
    """
    legacy = read_trainer_config(config_path)
    folder = (Path(output_dir) if output_dir else legacy.output_dir) / "final_model"
    if not folder.is_dir():
        raise UserError(
            mark("There is no trained model in {path}."),
            mark("Train it first: embtrainer train --config {config}"),
            path=folder,
            config=config_path,
        )
    from embtrainer_gui.ml.encoder import Encoder

    ctx.status(mark("Loading the model..."))
    length = legacy.max_seq_length or TrainConfig().max_seq_length
    vectors = Encoder(folder, length).encode_queries(TEST_QUERIES)
    norms = [round(float(norm), 4) for norm in np.linalg.norm(vectors, axis=1)]
    return {"model": str(folder), "shape": list(vectors.shape), "norms": norms}


def _source(legacy: LegacyTrainerConfig, input_jsonl: str | None) -> Path:
    return Path(input_jsonl) if input_jsonl else legacy.input_jsonl


def _passages(records: Sequence[ImportedPair]) -> list[str]:
    return list(dict.fromkeys(passage_text(record) for record in records))


def _records(ctx: JobContext, source: Path) -> list[ImportedPair]:
    file = read_pairs(source)
    for row in file.rejected[:20]:
        ctx.warn(mark("line {line} left out: {reason}").format(line=row.line, reason=row.reason))
    if len(file.rejected) > 20:
        ctx.warn(mark("{count} rows left out in all").format(count=len(file.rejected)))
    if not file.records:
        raise UserError(
            mark("{path} holds no usable pair."), mark("Each row needs a question and an answer."), path=source
        )
    return file.records


def _split(
    ctx: JobContext, records: Sequence[ImportedPair], config: SplitConfig
) -> tuple[list[ImportedPair], list[ImportedPair]]:
    """Training and dev pairs by document; near-duplicate documents stay together."""
    texts: dict[str, list[str]] = {}
    for record in records:
        texts.setdefault(document_name(record), []).append(passage_text(record))
    alike = near_pairs([sketch("\n".join(dict.fromkeys(found))) for found in texts.values()], 0.3)
    group = groups(len(texts), alike)
    documents = [
        Document(n, name, name, name, 1, FileState.DONE, "", "", None, group[n]) for n, name in enumerate(texts)
    ]
    if len(set(group)) < 2:
        ctx.warn(mark("All pairs come from one document, so none can be held out to choose the best checkpoint."))
        return list(records), []
    parts = assign(documents, config)
    part_of = {document.file_name: parts[document.id] for document in documents}
    train = [record for record in records if part_of[document_name(record)] is Split.TRAIN]
    return train, [record for record in records if part_of[document_name(record)] is not Split.TRAIN]


def _documents(records: Sequence[ImportedPair], passages: Sequence[str]) -> list[int]:
    """The number of the document of each passage."""
    numbers: dict[str, int] = {}
    of_text = {passage_text(record): numbers.setdefault(document_name(record), len(numbers)) for record in records}
    return [of_text[text] for text in passages]


def _dev_set(records: Sequence[ImportedPair], others: Sequence[str]) -> DevSet:
    """The held-out questions over their own passages and those of training."""
    texts = list(dict.fromkeys([*(passage_text(record) for record in records), *others]))
    row_of = {text: row for row, text in enumerate(texts)}
    relevant: dict[str, dict[int, int]] = {}
    for record in records:
        relevant.setdefault(record.question, {})[row_of[passage_text(record)]] = 1
    return DevSet(list(relevant), texts, list(relevant.values()))
