"""The older shapes of a record: answers of several models to one question, and whole model runs in one record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_TAG = re.compile(r"<(/?)think>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One would-be pair of a record. ``suffix`` tells the pairs of one record apart; ``raw`` is what it keeps."""

    raw: dict[str, Any]
    suffix: str = ""


def spread(record: dict[str, Any]) -> list[Candidate]:
    """The would-be pairs of a record of any shape; question and answer are not looked at yet.

    A record that holds several pairs gives each a record of its own: the keys of the outer one, then the pair's.
    """
    if "model_results" in record:
        return _of_model_results(record)
    if "model_answers" in record:
        return _of_model_answers(record)
    return [Candidate(record)]


def without_thoughts(text: str) -> str:
    """``text`` without what a reasoning model wrote between ``<think>`` and ``</think>``.

    Thoughts that were cut off go too, and so does all before a lone ``</think>``: some chat templates hold the
    opening tag themselves.
    """
    kept: list[str] = []
    start, thinking = 0, False
    for tag in _TAG.finditer(text):
        if tag[1]:
            if not thinking:
                kept.clear()
            start, thinking = tag.end(), False
        elif not thinking:
            kept.append(text[start : tag.start()])
            thinking = True
    if not thinking:
        kept.append(text[start:])
    return "".join(kept)


def _of_model_answers(record: dict[str, Any]) -> list[Candidate]:
    answers = record["model_answers"]
    outer = {key: value for key, value in record.items() if key != "model_answers"}
    if not isinstance(answers, dict) or not answers:
        return [Candidate({**outer, "answer": None})]
    return _numbered([{**outer, "answer": answer, "model": model} for model, answer in answers.items()])


def _of_model_results(record: dict[str, Any]) -> list[Candidate]:
    outer = {key: value for key, value in record.items() if key != "model_results"}
    found = []
    for result in _list(record["model_results"]):
        result = result if isinstance(result, dict) else {}
        for pair in _list(result.get("qa_pairs")):
            found.append({**outer, **(pair if isinstance(pair, dict) else {}), "model": result.get("model_name")})
    return _numbered(found or [outer])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _numbered(records: list[dict[str, Any]]) -> list[Candidate]:
    return [Candidate(record, f"-{number}") for number, record in enumerate(records, 1)]
