"""Checks on question-answer pairs of any source; they give reasons and delete nothing (features.md, section 3).

Vectors and lexical ranks come as arguments; everything that compares all with all runs in blocks of rows, so that
memory grows with the number of passages, not with its square.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.records import QuestionKind, Reason
from embtrainer_gui.generate.deixis import needs_paper
from embtrainer_gui.generate.language import is_foreign_question, is_foreign_script, is_running_text
from embtrainer_gui.generate.quotes import find_quote

_WORD = re.compile(r"[^\W_]+")
_OPENING = re.compile(
    r"^(?:what|which|who|whom|whose|where|when|why|how|is|are|was|were|do|does|did|can|could|has|have|had|should|"
    r"will|would|may|might|"
    r"in|on|at|by|from|to|for|with|under|among|through|if|name|list|describe|explain)\b",
    re.IGNORECASE,
)
Vectors = NDArray[np.float32]
Bm25Rank = Callable[[int], int | None]
"""Rank (from 1) at which BM25 finds the own passage of a question, None when it does not find it."""
Bm25Scores = Callable[[int], NDArray[np.float32]]
"""BM25 scores (m,) of every passage for a question."""

DUPLICATE_COSINE = 0.9
ROUND_TRIP_TOP = 10
AMBIGUOUS_SHARE = 0.95
KNOWN_TOP = 3
SAME_PASSAGE_COSINE = 0.95
COPIED_SHARE = 0.8
_BLOCK = 512


def check_text(question: str, answer: str, passage: str, kind: QuestionKind, quote: str = "") -> list[Reason]:
    """Checks 1 to 4 and 8 on one pair; ``passage`` is the text that the model reads.

    An answer in other words than the passage's is as good where ``quote``, what it rests on, stands there.
    """
    reasons = []
    if not _stands_in(answer, passage) and not (answer.strip() and quote and find_quote(quote, passage)):
        reasons.append(Reason.QUOTE_MISSING)
    if needs_paper(question):
        reasons.append(Reason.NEEDS_PAPER)
    if copied_share(question, passage) >= COPIED_SHARE:
        reasons.append(Reason.COPIED)
    if is_malformed(question, kind):
        reasons.append(Reason.MALFORMED)
    if not _is_prose(passage):
        reasons.append(Reason.BAD_PASSAGE)
    return reasons


def _stands_in(answer: str, passage: str) -> bool:
    """Whether an answer is in the passage word by word; line ends and double spaces do not matter."""
    if not answer.strip() or answer in passage:
        return bool(answer.strip())
    return " ".join(answer.split()) in _one_line(passage)


@lru_cache(maxsize=8)
def _one_line(passage: str) -> str:
    return " ".join(passage.split())


def copied_share(question: str, passage: str) -> float:
    """Longest run of words that the question shares with the passage, as a share of the question's words."""
    asked = _WORD.findall(question.lower())
    if not asked:
        return 0.0
    text = _spaced(passage)
    longest = 0
    for start in range(len(asked)):
        while start + longest < len(asked) and f" {' '.join(asked[start : start + longest + 1])} " in text:
            longest += 1
    return longest / len(asked)


@lru_cache(maxsize=8)  # pairs come passage by passage
def _spaced(passage: str) -> str:
    return f" {' '.join(_WORD.findall(passage.lower()))} "


@lru_cache(maxsize=8)
def _is_prose(passage: str) -> bool:
    return is_running_text(passage)


def is_malformed(question: str, kind: QuestionKind) -> bool:
    """Too short or long, no question (keyword queries need not be one), or not English."""
    size = len(question.split())
    if kind is QuestionKind.KEYWORD:
        return not 2 <= size <= 12 or is_foreign_script(question)
    if not 3 <= size <= 40 or is_foreign_question(question):
        return True
    return not (question.rstrip().endswith("?") or _OPENING.match(question.strip()))


def near_duplicate_questions(vectors: Vectors, threshold: float = DUPLICATE_COSINE) -> list[int | None]:
    """The earlier row that a question is a look-alike of, None where it stays; ``vectors`` is (n, d), normalised.

    The first of a group stays; one that resembles only flagged questions stays too. Time n² d, memory one block.
    """
    total = len(vectors)
    first = np.full(total, -1, dtype=np.intp)
    for start in range(0, total, _BLOCK):
        block = vectors[start : start + _BLOCK]
        size = len(block)
        for other in range(0, start, _BLOCK):
            close = (block @ vectors[other : other + _BLOCK].T >= threshold) & (first[other : other + _BLOCK] < 0)
            found = (first[start : start + size] < 0) & close.any(axis=1)
            first[start : start + size][found] = other + close.argmax(axis=1)[found]
        inside = block @ block.T >= threshold
        for row in range(1, size):
            if first[start + row] < 0:
                close = inside[row, :row] & (first[start : start + row] < 0)
                if close.any():
                    first[start + row] = start + int(close.argmax())
    return [None if row < 0 else int(row) for row in first]


def round_trip(
    questions: Vectors, passages: Vectors, own_rows: Sequence[int], bm25_rank: Bm25Rank, top: int = ROUND_TRIP_TOP
) -> list[bool]:
    """Whether a question finds its own passage in the ``top`` of the vectors or of BM25 (Promptagator's filter).

    ``questions`` (n, d) and ``passages`` (m, d) are normalised; ``own_rows[i]`` is the passage row of question i.
    ``bm25_rank`` is asked only for questions that the vectors do not find.
    """
    rows = np.asarray(own_rows, dtype=np.intp)
    found: list[bool] = []
    for start, scores in _blocks(questions, passages):
        own = scores[np.arange(len(scores)), rows[start : start + len(scores)]]
        found.extend(bool(better < top) for better in (scores > own[:, None]).sum(axis=1))
    for i, hit in enumerate(found):
        if not hit:
            rank = bm25_rank(i)
            found[i] = rank is not None and rank <= top
    return found


Rival = tuple[int, float]
"""Row of another passage, and its score as a share of the own one's."""
MOST_SHARE = 9.99  # of a passage whose own score is next to nothing


def ambiguous(
    questions: Vectors,
    passages: Vectors,
    own_rows: Sequence[int],
    bm25_scores: Bm25Scores,
    share: float = AMBIGUOUS_SHARE,
    same: float = SAME_PASSAGE_COSINE,
) -> list[Rival | None]:
    """The passage that answers a question as well as its own, None where there is none: a risk of a false negative.

    Another passage must reach ``share`` of the own one's score by the vectors *and* by BM25, and one of the two must
    have the own one among its first ``KNOWN_TOP``: an untrained model alone ranks most own passages low, and would flag
    the very questions that it has to learn; where neither finds the passage, what they rank before it says nothing.
    Passages whose cosine with the own one is at least ``same`` are the same text over again and do not count. The
    nearest by the vectors is given. ``bm25_scores(i)`` gives the scores (m,) of question i; it is asked only where the
    vectors see a rival.
    """
    rows = np.asarray(own_rows, dtype=np.intp)
    found: list[Rival | None] = []
    for start, scores in _blocks(questions, passages):
        mine = rows[start : start + len(scores)]
        own = np.maximum(scores[np.arange(len(scores)), mine], 1e-6)
        rivals = scores >= np.maximum(own * share, 1e-6)[:, None]
        rivals &= passages[mine] @ passages.T < same
        rivals[np.arange(len(scores)), mine] = False
        for i, candidates in enumerate(rivals):
            row = (
                _lexical_rival(bm25_scores(start + i), candidates, scores[i], int(mine[i]), share)
                if candidates.any()
                else -1
            )
            found.append(None if row < 0 else (row, min(float(scores[i, row] / own[i]), MOST_SHARE)))
    return found


def _lexical_rival(
    lexical: NDArray[np.float32], candidates: NDArray[np.bool_], dense: Vectors, own: int, share: float
) -> int:
    """The nearest of the candidates that BM25 sees too, -1 where it sees none or neither ranking knows the own one."""
    if min((ranking > ranking[own]).sum() for ranking in (dense, lexical)) >= KNOWN_TOP:
        return -1
    both = candidates & (lexical >= max(float(lexical[own]) * share, 1e-6))
    return int(np.where(both, dense, -np.inf).argmax()) if both.any() else -1


def _blocks(questions: Vectors, passages: Vectors) -> Iterator[tuple[int, NDArray[np.float32]]]:
    for start in range(0, len(questions), _BLOCK):
        yield start, questions[start : start + _BLOCK] @ passages.T
