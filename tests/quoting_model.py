"""The answer function of a fake chat server that does what is asked of it: real quotes, as many questions as wanted."""

from __future__ import annotations

import json
import re
from itertools import cycle

from fake_chat import Asked

KINDS = ("fact", "method", "cause", "quantity")
_PASSAGE = re.compile(r"<(passage-[0-9a-f]+)>\n(.*?)\n</\1>", re.DOTALL)
_WANTED = re.compile(r"Write (\d+) questions")


def passage_of(asked: Asked) -> str:
    """The text of the passage in a request."""
    found = _PASSAGE.search(asked.user)
    assert found is not None, asked.user
    return found[2]


def questions_of(passage: str, count: int, known: str = "") -> list[dict[str, str]]:
    """Questions about different words of a passage, none of which stands in ``known``; fewer where it is short."""
    words = passage.split()
    step = max(3, min(6, (len(words) - 12) // max(1, count)))
    made = []
    for place, kind in zip(range(0, max(1, len(words) - 12), step), cycle(KINDS), strict=False):
        quote = words[place : place + 12]
        topic = " ".join(re.sub(r"\W", "", word) for word in (quote[0], quote[2], quote[-1]))
        question = f"What do growers report about {topic}?"
        if question not in known:
            made.append({"quote": " ".join(quote), "question": question, "answer": " ".join(quote[3:7]), "kind": kind})
    return made[:count]


def answer(asked: Asked) -> str:
    """Questions, or marks where those are asked for."""
    if "Mark these" in asked.user:
        numbers = re.findall(r"^(\d+)\. question:", asked.user, re.MULTILINE)
        marks = [{"number": int(number), "why": "clear", "mark": 4 if number == "1" else 8} for number in numbers]
        return json.dumps({"marks": marks})
    wanted = _WANTED.search(asked.user)
    assert wanted is not None, asked.user
    return json.dumps({"questions": questions_of(passage_of(asked), int(wanted[1]), asked.user)})
