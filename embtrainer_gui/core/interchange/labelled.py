"""Questions with passages that are marked right or wrong for them: what a labelled test set is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from embtrainer_gui.core.interchange.records_in import ImportedPair, PairFile, RejectedRow
from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.core.translate import mark

MOST_RELEVANT = 100  # the highest relevance that is told apart
_RIGHT = frozenset("true yes y right relevant correct ja richtig wahr oui vrai si sí verdadero x".split())
_WRONG = frozenset("false no n wrong irrelevant incorrect nein falsch non faux nr".split())


@dataclass(frozen=True, slots=True)
class LabelledPassage:
    """``paper`` is the name of the document that it is of, "" where that is not known."""

    paper: str
    text: str


@dataclass(slots=True)
class LabelledQuestion:
    """``judged``: key of a passage -> relevance; 0 is wrong."""

    question: str
    kind: str = ""
    judged: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class LabelledSet:
    """``passages`` by key: those that are judged, and others to search among."""

    passages: dict[str, LabelledPassage] = field(default_factory=dict)
    questions: list[LabelledQuestion] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)

    def without_unanswered(self) -> LabelledSet:
        """Without questions for which no passage is right: no ranking could be wrong about them."""
        kept = [one for one in self.questions if any(grade > 0 for grade in one.judged.values())]
        return LabelledSet(self.passages, kept, self.rejected)


def relevance_of(value: object) -> int | None:
    """0 for wrong, from 1 on for right; 1 where nothing is said; None where it cannot be told."""
    if isinstance(value, bool):
        return int(value)
    text = str(value).strip().casefold() if value is not None else ""
    if not text or text in _RIGHT:
        return 1
    if text in _WRONG:
        return 0
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    if number != number:
        return None
    return 0 if number <= 0 else min(MOST_RELEVANT, max(1, round(number)))


def labelled_of(file: PairFile) -> LabelledSet:
    """The questions of a table, each with the passages of all its rows; the key of a passage is its text.

    Where two rows judge the same passage for the same question, the higher relevance counts.
    """
    found = LabelledSet(rejected=list(file.rejected))
    by_text: dict[str, LabelledQuestion] = {}
    for record, line in zip(file.records, file.lines, strict=True):
        grade = relevance_of(record.raw.get("relevance"))
        reason = _fault(record, grade)
        if grade is None or reason:
            found.rejected.append(RejectedRow(line, reason, record.question[:200]))
            continue
        found.passages.setdefault(record.context, LabelledPassage(record.file_name, record.context))
        question = by_text.setdefault(" ".join(record.question.split()), LabelledQuestion(record.question))
        if record.kind is not QuestionKind.UNKNOWN:
            question.kind = record.kind.value
        question.judged[record.context] = max(grade, question.judged.get(record.context, 0))
    found.questions = list(by_text.values())
    found.rejected.sort(key=lambda row: row.line)
    return found


def right_pairs(file: PairFile) -> tuple[list[ImportedPair], list[RejectedRow]]:
    """The records that may train: those whose row does not say that its passage is wrong; and the other rows."""
    kept, left = [], []
    for record, line in zip(file.records, file.lines, strict=True):
        grade = relevance_of(record.raw.get("relevance"))
        if grade:
            kept.append(record)
            continue
        unread = mark("the relevance is not a number")
        reason = unread if grade is None else mark("it is marked as wrong: only right ones make pairs")
        left.append(RejectedRow(line, reason, record.question[:200]))
    return kept, left


def _fault(record: ImportedPair, grade: int | None) -> str:
    if grade is None:
        return mark("the relevance is not a number")
    return "" if record.context else mark("the passage is empty")


def papers_of(passages: Iterable[LabelledPassage]) -> int:
    """How many documents they name."""
    return len({passage.paper for passage in passages if passage.paper})
