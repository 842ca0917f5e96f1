"""From a model's reply to questions whose quotes stand in the passage; says of everything else why it was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from embtrainer_gui.core.question_kinds import ASKABLE
from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.quotes import find_quote
from embtrainer_gui.generate.reply_json import clean_text, find_items

LISTS = ("questions", "qa_pairs", "pairs", "items")
_QUESTION, _ANSWER, _QUOTE, _KIND = ("question", "q"), ("answer", "a"), ("quote", "evidence"), ("kind", "type")
LONGEST_QUESTION, LONGEST_ANSWER = 500, 2000

NO_QUOTE = mark("its quote is not in the passage")
INCOMPLETE = mark("question, answer or quote is missing")
TOO_LONG = mark("longer than any question or answer")
TWICE = mark("the same question twice")
SURPLUS = mark("more than were asked for")
NOTHING = mark("there is no list of questions in the reply")
THOUGHT = mark("the reply ended while the model was still thinking: set reply_tokens higher, or take another model")
CUT = mark("the reply was cut at its limit before a question was whole: set reply_tokens higher")
NONE_GOOD = mark("no question of the reply could be used")
NO_QUESTION = mark("the list of questions in the reply is empty")


@dataclass(frozen=True, slots=True)
class QuotedQuestion:
    """``answer`` and ``quote`` are the passage's own characters; ``seed`` is what its server was given."""

    question: str
    answer: str
    quote: str
    kind: QuestionKind
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class ReadReply:
    """``failure`` says why there is no question; ``left_out`` counts reasons of single ones."""

    questions: tuple[QuotedQuestion, ...]
    left_out: Counter[str] = field(default_factory=Counter)
    failure: str = ""
    salvaged: bool = False


def read_reply(
    reply: str, passage: str, most: int, *, cut: bool = False, known: Sequence[str] = (), seed: int | None = None
) -> ReadReply:
    """Questions of a reply, at most ``most``, none that is among the ``known`` ones.

    Args:
        cut: the reply ended at its limit of tokens.
    """
    found = find_items(reply, LISTS, _QUESTION, cut=cut)
    left_out: Counter[str] = Counter()
    if found.left_out:
        left_out[SURPLUS] = found.left_out
    questions: list[QuotedQuestion] = []
    seen = {_plain(question) for question in known}
    for item in found.items:
        made = _question_of(item, passage, seed)
        if isinstance(made, str):
            left_out[made] += 1
        elif _plain(made.question) in seen:
            left_out[TWICE] += 1
        elif len(questions) == most:
            left_out[SURPLUS] += 1
        else:
            seen.add(_plain(made.question))
            questions.append(made)
    failure = "" if questions else _failure(found.only_thought, bool(found.items), found.whole, left_out, cut)
    return ReadReply(tuple(questions), left_out, failure, salvaged=bool(questions) and not found.whole)


def _failure(only_thought: bool, any_item: bool, whole: bool, left_out: Counter[str], cut: bool) -> str:
    if only_thought:
        return THOUGHT
    if any_item:
        (reason, _), *_ = left_out.most_common(1)
        return f"{NONE_GOOD}: {reason}"
    if cut:
        return CUT
    return NO_QUESTION if whole else NOTHING


def _question_of(item: Any, passage: str, seed: int | None) -> QuotedQuestion | str:
    """The question, or why it is none."""
    if not isinstance(item, dict):
        return INCOMPLETE
    question, answer, quote = (_text(item, keys) for keys in (_QUESTION, _ANSWER, _QUOTE))
    if not (question and answer and quote):
        return INCOMPLETE
    if len(question) > LONGEST_QUESTION or max(len(answer), len(quote)) > LONGEST_ANSWER:
        return TOO_LONG
    place = find_quote(quote, passage)
    if place is None:
        return NO_QUOTE
    span = find_quote(answer, passage, place) or find_quote(answer, passage) or place
    return QuotedQuestion(question, passage[slice(*span)], passage[slice(*place)], _kind(_text(item, _KIND)), seed)


def _text(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    value = next((item[key] for key in keys if item.get(key) is not None), "")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value) if abs(value) < 1e15 else ""
    return " ".join(clean_text(value).split()) if isinstance(value, str) else ""


def _kind(name: str) -> QuestionKind:
    return next((kind for kind in ASKABLE if kind == name.lower()), QuestionKind.UNKNOWN)


def _plain(question: str) -> str:
    return "".join(character for character in question.casefold() if character.isalnum())
