"""What a training run would really do, worked out from the project alone: no torch, nothing is loaded.

It follows ``ml.training_set``, ``ml.batching`` and ``ml.schedule``; tests hold the two against each other.
"""

from __future__ import annotations

import json
import math
import shutil
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from embtrainer_gui.core.base_model import readable_tokens
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.held_back import held_back, held_back_words
from embtrainer_gui.core.lineage import lineage_of, start_folder
from embtrainer_gui.core.lora import adapter_bytes
from embtrainer_gui.core.loss_fields import hard_negatives_of, random_negatives_of
from embtrainer_gui.core.prompts import prompt_advice, prompt_tokens, prompts_of
from embtrainer_gui.core.records import PairState, QuestionKind, Split
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.store.documents import TEST_SET
from embtrainer_gui.core.store.doubts import DoubtAnswer
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.training_memory import MemoryPlan, memory_plan, model_shape
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import FEWEST_TRAINING_PAIRS

FEWEST_PAPERS = 3  # one for each part of the split
FEWEST_PASSAGES = 2
COPIES_IN_A_CHECKPOINT = 3  # the weights and AdamW's two moments of each
Pair = TypeVar("Pair")
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
MODELS = "models"  # in the folder of a project
FEWEST_TITLES = 2
SPEED_FIELDS = ("max_seq_length", "loss", "answer_weight", "title_weight", "excerpt_weight", "lora_rank")


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """What the project holds for training. ``pairs`` and ``passages`` are distinct ones of the training papers;
    ``tokens`` the lengths of those passages, ascending; ``keywords`` accepted keyword queries that only hold the
    model to its ranking; ``waiting`` pending questions on training papers; ``answered`` pairs have an answer, and
    ``titled`` training papers a title."""

    papers: Mapping[Split, int] = field(default_factory=dict)
    unlike_papers: int = 0
    pairs: int = 0
    passages: int = 0
    keywords: int = 0
    questions: Mapping[Split, int] = field(default_factory=dict)  # accepted
    waiting: int = 0
    tokens: Sequence[int] = ()
    answered: int = 0
    titled: int = 0
    repeated: int = 0  # accepted questions to train on that repeat another one on the same text
    held_back: int = 0  # accepted questions that a labelled test set keeps out of training
    unasked: Sequence[int] = ()  # lengths of the passages of training papers without a question, ascending

    def trained(self, config: TrainConfig) -> TrainingFacts:
        """With the passages that train by a phrase of their own. The run draws which; their lengths here are spread
        over all of them."""
        more = 0 if self.lacking else stand_ins_of(config, self.passages, len(self.unasked))
        drawn = [self.unasked[(2 * number + 1) * len(self.unasked) // (2 * more)] for number in range(more)]
        tokens = array("l", sorted([*self.tokens, *drawn]))
        return replace(self, pairs=self.pairs + more, passages=self.passages + more, tokens=tokens)

    @property
    def lacking(self) -> int:
        """Accepted questions that are missing before training can start."""
        return max(0, FEWEST_TRAINING_PAIRS - self.pairs)


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """``hard`` and ``random`` negatives are those of each question at most; ``evaluations`` count the one before
    training; ``cut`` is the share of passages that are longer than the model
    reads; bytes of ``disk`` for ``kept`` checkpoints and the model, and ``free`` ones; ``seconds`` None where no
    earlier run of this project tells the speed (``pairs_per_second``); ``memory`` None where it cannot be told;
    ``notes`` are sentences on settings that will do nothing, or on one that is missing."""

    pairs: int
    passages: int
    batch: int
    steps_per_epoch: int
    steps: int
    warmup_steps: int
    hard: int
    random: int
    evaluations: int
    cut: float
    kept: int
    disk: int
    free: int
    pairs_per_second: float | None = None
    seconds: float | None = None
    memory: MemoryPlan | None = None
    notes: tuple[str, ...] = ()
    checked: bool = False  # the seconds are those of a check with these settings
    stand_ins: int = 0  # of the pairs: passages without a question

    @property
    def fits_disk(self) -> bool:
        return self.disk <= self.free


def training_facts(project: Project) -> TrainingFacts:
    """Read the project; takes some tenths of a second for 100,000 pairs, so not on the GUI thread."""
    papers, groups, titled = _papers(project)
    kinds = project.passages.included_kinds()
    columns = "q.question, p.id, d.split, q.kind, q.id, trim(q.answer) != ''"
    accepted = project.database.rows(f"SELECT {columns}{_pairs(kinds)}", [PairState.ACCEPTED, *kinds])
    waiting = project.database.rows(
        f"SELECT count(*){_pairs(kinds)} AND d.split = ?", [PairState.PENDING, *kinds, Split.TRAIN]
    )
    every = [row for row in accepted if row[2] == Split.TRAIN]
    held = held_back(
        project,
        [row[0] for row in every],
        lambda: {number: text for number, text, _ in _texts(project, sorted({row[1] for row in every}))},
    )
    train = [row for row in every if not held.holds(row[0], row[1])]
    chosen, keywords = without_keywords(train, lambda pair: pair[3])
    found = [one for one in _found_right(project, kinds, {row[4] for row in chosen}) if one[1] not in held.passages]
    pairs, lengths = _usable(project, [row[:2] for row in chosen] + found)
    asked = {row[1] for row in chosen}.union(passage for _, passage in found)
    return TrainingFacts(
        papers=papers,
        unlike_papers=groups,
        pairs=pairs,
        passages=len(lengths),
        keywords=len(keywords),
        questions={part: sum(row[2] == part for row in accepted) for part in Split},
        waiting=int(waiting[0][0]),
        tokens=array("l", sorted(lengths)),
        answered=sum(bool(row[5]) for row in chosen),
        titled=titled,
        repeated=len(chosen) + len(found) - pairs,
        held_back=len(every) - len(train),
        unasked=array("l", sorted(_unasked(project, kinds, asked, held.passages))),
    )


def stand_ins_of(config: TrainConfig, asked: int, unasked: int) -> int:
    """Passages that no question asks for that a run trains on by a phrase of their own."""
    return min(unasked, int(config.stand_ins * asked))


def training_plan(
    config: TrainConfig, facts: TrainingFacts, runs: Sequence[Run], folder: Path, free_memory: int | None = None
) -> TrainingPlan:
    """What ``config`` makes of ``facts``; ``runs`` of this project tell the speed, ``folder`` is where they lie.

    ``free_memory`` in bytes where the processor trains; None leaves the memory out.
    """
    asked, facts = facts.passages, facts.trained(config)
    batch = max(1, min(config.batch_size, facts.passages))
    per_epoch = math.ceil(facts.passages / batch)
    steps = per_epoch * config.epochs * config.soup
    evaluations = len({round(number * steps / config.evaluations) for number in range(config.evaluations + 1)})
    kept = min(evaluations - 1, config.checkpoints + 1)  # the best one is kept besides the newest
    start = _start(config, runs, folder)
    weights = weights_bytes(start)
    speed = measured_speed(runs, config, folder)
    length = readable_tokens(config.base_model, config.max_seq_length)
    return TrainingPlan(
        pairs=facts.pairs,
        passages=facts.passages,
        batch=batch,
        steps_per_epoch=per_epoch,
        steps=steps,
        warmup_steps=math.ceil(config.warmup_ratio * steps / config.soup),
        hard=hard_negatives_of(config),
        random=random_negatives_of(config),
        evaluations=evaluations,
        cut=share_over(facts.tokens, length - prompt_tokens(config.passage_prompt)),
        kept=kept,
        disk=(kept + 1) * _checkpoint_bytes(config, start, weights) + weights,  # one more before the oldest goes
        free=free_bytes(folder),
        pairs_per_second=speed,
        seconds=facts.pairs * config.epochs * config.soup / speed if speed else None,
        memory=_memory(config, facts, start, weights, free_memory),
        notes=tuple(_notes(config, facts, start)),
        stand_ins=facts.passages - asked,
    )


def _start(config: TrainConfig, runs: Sequence[Run], folder: Path) -> Path | None:
    """The folder of the model to start from; None where it is not on this disk."""
    try:
        return start_folder(config.base_model, runs, folder / MODELS, verify=False)
    except AppError:
        return None


def _checkpoint_bytes(config: TrainConfig, start: Path | None, weights: int) -> int:
    shape = model_shape(start, weights) if start and config.lora_rank else None
    if shape is None:
        return COPIES_IN_A_CHECKPOINT * weights
    return weights + COPIES_IN_A_CHECKPOINT * adapter_bytes(config.lora_rank, shape.layers, shape.width)


def _memory(
    config: TrainConfig, facts: TrainingFacts, start: Path | None, weights: int, free: int | None
) -> MemoryPlan | None:
    if free is None or start is None or not weights or not facts.passages:
        return None
    shape = model_shape(start, weights)
    return memory_plan(config, shape, facts.pairs, facts.tokens, free) if shape else None


def _notes(config: TrainConfig, facts: TrainingFacts, start: Path | None) -> Iterator[str]:
    if config.answer_weight and facts.pairs and not facts.answered:
        yield mark("No question has an answer, so the weight of answers has no effect.")
    if config.title_weight and facts.pairs and facts.titled < FEWEST_TITLES:
        yield mark("Fewer than two training papers have a title, so the weight of titles has no effect.")
    if facts.held_back:
        yield held_back_words(facts.held_back)
    advice = prompt_advice(config.base_model, start, prompts_of(config)) if start else ""
    if advice:
        yield advice


def measured_speed(runs: Sequence[Run], config: TrainConfig, folder: Path) -> float | None:
    """Pairs a second of the newest finished run with the same model (or one that was tuned from it), length, loss and
    parts of it, loading and dev searches included."""
    untrained = lineage_of(config.base_model, runs, folder / MODELS).original
    for run in reversed(runs):
        then = TrainConfig.model_construct(**run.config)  # an older program's, with the newer fields' defaults
        alike = all(getattr(then, name) == getattr(config, name) for name in SPEED_FIELDS)
        alike = alike and lineage_of(then.base_model, runs, folder / MODELS).original == untrained
        alike = alike and hard_negatives_of(then) == hard_negatives_of(config)
        seconds, pairs = run.summary.get("seconds"), run.summary.get("pairs")
        if run.state == "done" and alike and seconds and pairs:
            return float(pairs) * then.epochs * then.soup / float(seconds)
    return None


def weights_bytes(folder: Path | None) -> int:
    """Size of the weights in a model's folder; 0 where there are none."""
    if folder is None:
        return 0
    return next(((folder / name).stat().st_size for name in WEIGHTS if (folder / name).is_file()), 0)


def free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def without_keywords(pairs: Sequence[Pair], kind: Callable[[Pair], str]) -> tuple[list[Pair], list[Pair]]:
    """Questions, and keyword queries apart where there are enough questions: trained on as questions, they made the
    model worse on people's questions (0.545 with them left out, 0.537 with them: tests/bench/RESULTS.md)."""
    questions = [pair for pair in pairs if kind(pair) != QuestionKind.KEYWORD]
    if len(questions) < FEWEST_TRAINING_PAIRS:
        return list(pairs), []
    return questions, [pair for pair in pairs if kind(pair) == QuestionKind.KEYWORD]


def _pairs(kinds: Sequence[str]) -> str:
    """Pairs of a state on passages in use."""
    return (
        " FROM pairs q JOIN passages p ON p.id = q.passage_id JOIN documents d ON d.id = p.document_id"
        " JOIN sources s ON s.id = d.source_id WHERE q.state = ? AND s.state IN ('done', 'partial')"
        f" AND s.removed_at IS NULL AND p.kind IN ({','.join('?' * len(kinds))})"
    )


def _found_right(project: Project, kinds: Sequence[str], pair_ids: Set[int]) -> list[tuple[str, int]]:
    """Doubtful passages of training papers that were found right for the questions of these pairs."""
    right = [doubt for doubt in project.doubts.all((DoubtAnswer.RIGHT,)) if doubt.pair_id in pair_ids]
    rows = project.database.rows(
        "SELECT p.id FROM passages p JOIN documents d ON d.id = p.document_id"
        f" WHERE d.split = ? AND p.kind IN ({','.join('?' * len(kinds))})"
        " AND p.id IN (SELECT value FROM json_each(?))",
        [Split.TRAIN, *kinds, json.dumps([doubt.passage_id for doubt in right])],
    )
    trained_on = {row[0] for row in rows}
    return [(doubt.question, doubt.passage_id) for doubt in right if doubt.passage_id in trained_on]


def _papers(project: Project) -> tuple[dict[Split, int], int, int]:
    """Papers of each part, how many unlike ones there are, and how many training papers have a title; those that
    came with a labelled test set are not dealt and not counted."""
    documents = [document for document in project.documents.all() if document.extractor != TEST_SET]
    parts = {part: sum(document.split is part for document in documents) for part in Split}
    titled = {document.title.casefold() for document in documents if document.split is Split.TRAIN}
    return parts, len({document.group for document in documents}), len(titled - {""})


def _usable(project: Project, pairs: Sequence[tuple[str, int]]) -> tuple[int, list[int]]:
    """Distinct pairs, and the length of each distinct passage: as the trainer, equal texts are one passage, and
    questions that differ in case or spaces are one question."""
    ids = sorted({passage for _, passage in pairs})
    first: dict[str, int] = {}
    merged: dict[int, int] = {}
    lengths: dict[int, int] = {}
    for passage, text, tokens in _texts(project, ids):
        merged[passage] = first.setdefault(text.strip(), passage)
        lengths.setdefault(merged[passage], tokens)
    distinct = {(merged[passage], " ".join(question.casefold().split())) for question, passage in pairs}
    distinct = {(passage, question) for passage, question in distinct if question}
    return len(distinct), [lengths[passage] for passage in {passage for passage, _ in distinct}]


def _unasked(project: Project, kinds: Sequence[str], asked: Set[int], held: Set[int]) -> list[int]:
    """Lengths of the distinct passages of training papers of which none in ``asked`` has the text."""
    rows = project.database.rows(
        "SELECT p.id, trim(d.title || ' ' || p.text), p.tokens FROM passages p JOIN documents d ON d.id = p.document_id"
        " JOIN sources s ON s.id = d.source_id WHERE d.split = ? AND s.state IN ('done', 'partial')"
        f" AND s.removed_at IS NULL AND p.kind IN ({','.join('?' * len(kinds))})",
        [Split.TRAIN, *kinds],
    )
    known = {hash(text) for number, text, _ in rows if number in asked} | {hash("")}
    found = {hash(text): tokens for number, text, tokens in rows if number not in held and number not in asked}
    return [tokens for text, tokens in found.items() if text not in known]


def _texts(project: Project, ids: Sequence[int]) -> list[tuple[int, str, int]]:
    rows = project.database.rows(
        "SELECT id, text, tokens FROM passages WHERE id IN (SELECT value FROM json_each(?))", (str(list(ids)),)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def share_over(tokens: Sequence[int], length: int) -> float:
    """The share of the lengths, in ascending order, that are over ``length``."""
    return (len(tokens) - bisect_right(tokens, length)) / len(tokens) if tokens else 0.0
