"""What a project gives a training run: pairs of the training papers, and the dev questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.held_back import held_back
from embtrainer_gui.core.loss_fields import hard_negatives_of
from embtrainer_gui.core.records import PairState, QAPair, Split
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.training_plan import stand_ins_of, without_keywords
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import FEWEST_TRAINING_PAIRS
from embtrainer_gui.ml.judged import question_key
from embtrainer_gui.ml.request import DevSet
from embtrainer_gui.stages.descent import papers_of
from embtrainer_gui.stages.judgements import Judgements, judgements
from embtrainer_gui.stages.retrieval import Library
from embtrainer_gui.stages.split import VERSION
from embtrainer_gui.stages.title_texts import title_texts
from embtrainer_gui.text.excerpt import excerpt
from embtrainer_gui.text.near_duplicate import groups, near_pairs, sketch

ALIKE_PASSAGES = 0.5  # estimated Jaccard: no two such passages stand in one batch, each would be a false negative


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a project gives a run: passages of the training papers that have accepted questions, or a phrase in the
    place of one (all of them where hard negatives are looked for), and the dev set. ``papers`` are the keys of those
    learned from; ``answers`` and ``titles`` are empty unless asked for."""

    passages: list[str]
    groups: list[int]
    documents: list[int]
    pairs: list[tuple[str, int]]
    general: list[tuple[str, int]]  # keyword queries
    dev: DevSet
    papers: list[str]
    answers: list[str]
    titles: list[tuple[str, str, int]]
    judged: Judgements  # in the rows of ``passages``; right ones are among ``pairs``
    asked: list[QAPair]
    passage_ids: list[int]
    held_back: int = 0  # accepted pairs that a labelled test set keeps out
    stand_ins: int = 0  # of the pairs: passages without a question, asked for by a phrase of their own


def data_for(project: Project, config: TrainConfig, as_of: str = "") -> TrainingData:
    """What a run with ``config`` needs of ``training_data``; the same errors."""
    return training_data(
        project,
        whole_papers=hard_negatives_of(config) > 0,
        answers=config.answer_weight > 0,
        titles=config.title_weight > 0,
        stand_ins=partial(stand_ins_of, config),
        seed=config.seed,
        as_of=as_of,
    )


def training_data(
    project: Project,
    *,
    whole_papers: bool = False,
    answers: bool = False,
    titles: bool = False,
    stand_ins: Callable[[int, int], int] = lambda asked, unasked: 0,
    seed: int = 0,
    as_of: str = "",
) -> TrainingData:
    """Accepted questions by split; with ``whole_papers`` also the passages of the training papers without one.
    ``stand_ins`` says how many of these, given how many passages have questions and how many have none, are asked for
    by a phrase of their own, drawn by ``seed``.

    A doubtful passage that was found right is a further right one of its question. ``as_of`` is when a run began that
    goes on: see ``judgements``.

    Raises:
        UserError: no split yet (fewer than three unlike papers), or no accepted question.
    """
    if not project.meta.get(VERSION, 0):
        raise UserError(
            mark("There are no test papers: the project has fewer than three unlike papers."),
            mark("Import more papers: without unseen ones nobody can tell whether the model got better."),
        )
    library = Library(project)
    accepted = project.pairs.all(state=PairState.ACCEPTED)
    if not accepted:
        raise UserError(
            mark("No question is accepted yet."),
            mark("Accept those that no check flagged: embtrainer pairs {path} accept --checks clean"),
            path=project.folder,
        )
    split_of = {p.id: library.document_of[p.document_id].split for p in library.passages}
    learnt = {p.id: p.text for p in library.passages if split_of[p.id] is not Split.TEST}
    held = held_back(project, [pair.question for pair in accepted], lambda: learnt, as_of)
    every = [pair for pair in accepted if pair.passage_id in learnt]
    accepted = [pair for pair in every if not held.holds(pair.question, pair.passage_id)]
    train = [pair for pair in accepted if split_of.get(pair.passage_id) is Split.TRAIN]
    train, keywords = without_keywords(train, lambda pair: pair.kind)
    judged = judgements(project, library, train, (Split.TRAIN,), as_of)
    judged = replace(judged, right=[one for one in judged.right if library.passages[one[1]].id not in held.passages])
    asked = {library.row_of[pair.passage_id] for pair in train}.union(row for _, row in judged.right)
    others = [
        row
        for row, p in enumerate(library.passages)
        if split_of[p.id] is Split.TRAIN and p.id not in held.passages and row not in asked
    ]
    pairs = [(library.row_of[pair.passage_id], pair.question) for pair in train]
    pairs += [(row, question) for question, row in judged.right]
    different = {(library.texts[row].strip(), question_key(question)) for row, question in pairs}
    enough = len(different) >= FEWEST_TRAINING_PAIRS  # phrases alone are no training
    phrases = phrases_of(library.texts, asked, others, stand_ins, seed) if enough else {}
    rows = sorted(asked.union(others if whole_papers else phrases))
    place = {row: number for number, row in enumerate(rows)}
    texts = [library.texts[row] for row in rows]
    alike = near_pairs([sketch(text) for text in texts], ALIKE_PASSAGES)
    papers: dict[int, int] = {}  # by their first passage: ids follow the order in which files happened to be read
    return TrainingData(
        passages=texts,
        groups=groups(len(texts), alike),
        documents=[papers.setdefault(library.passages[row].document_id, len(papers)) for row in rows],
        pairs=[
            *((pair.question, place[library.row_of[pair.passage_id]]) for pair in train),
            *((question, place[row]) for question, row in judged.right),
            *((phrase, place[row]) for row, phrase in phrases.items()),
        ],
        general=[
            (pair.question, place[library.row_of[pair.passage_id]])
            for pair in keywords
            if library.row_of[pair.passage_id] in place
        ],
        dev=_dev_set(project, library, [pair for pair in accepted if split_of.get(pair.passage_id) is Split.DEV]),
        papers=papers_of(library.document_of, {library.passages[row].document_id for row in rows}, every=titles),
        answers=[*(pair.answer for pair in train), *[""] * (len(judged.right) + len(phrases))] if answers else [],
        titles=title_texts(library, ALIKE_PASSAGES, held.passages) if titles else [],
        judged=judged.within(place),
        asked=train,
        passage_ids=[library.passages[row].id for row in rows],
        held_back=len(every) - len(accepted),
        stand_ins=len(phrases),
    )


def phrases_of(
    texts: Sequence[str], asked: Set[int], others: Sequence[int], wanted: Callable[[int, int], int], seed: int
) -> dict[int, str]:
    """A phrase of each of the passages ``others`` that are drawn, by their rows; of equal texts one."""
    known = {texts[row].strip() for row in asked} | {""}
    fresh = {texts[row].strip(): row for row in reversed(others) if texts[row].strip() not in known}
    rows, rng = sorted(fresh.values()), np.random.default_rng(seed)
    drawn = rng.permutation(len(rows))[: wanted(len(known) - 1, len(rows))]
    return {rows[number]: excerpt(texts[rows[number]], rng) for number in sorted(drawn.tolist())}


def _dev_set(project: Project, library: Library, pairs: Sequence[QAPair]) -> DevSet:
    """Dev questions over the passages of dev and training papers; test papers are not looked at."""
    seen = [
        row
        for row, passage in enumerate(library.passages)
        if library.document_of[passage.document_id].split is not Split.TEST
    ]
    place = {row: number for number, row in enumerate(seen)}
    relevant: dict[str, dict[int, int]] = {}
    for pair in pairs:
        relevant.setdefault(pair.question, {})[place[library.row_of[pair.passage_id]]] = 1
    for question, row in judgements(project, library, pairs, (Split.DEV, Split.TRAIN)).right:
        relevant[question][place[row]] = 1
    return DevSet(list(relevant), [library.texts[row] for row in seen], list(relevant.values()))
