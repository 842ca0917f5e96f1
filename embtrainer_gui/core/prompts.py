"""Words that a model wants before its questions and its passages: its own, or those of the settings. No torch."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.translate import mark

CONFIG = "config_sentence_transformers.json"
QUERY, PASSAGE = ("query",), ("document", "passage", "corpus")  # the keys of sentence-transformers, in its order
TOKENS_A_WORD = 2
KNOWN = (  # parts of a model's name, and the prompts of its model card: older copies do not carry them
    (("e5-",), "query:", "passage:"),
    (("bge-", "-en"), "Represent this sentence for searching relevant passages:", ""),
    (("nomic-embed",), "search_query:", "search_document:"),
)


@dataclass(frozen=True, slots=True)
class Prompts:
    """Each "" takes the model's own."""

    query: str = ""
    passage: str = ""

    def over(self, own: Prompts) -> Prompts:
        """What is really put before the texts, a space between the two where it was set by hand."""
        return Prompts(_spaced(self.query) or own.query, _spaced(self.passage) or own.passage)


def prompts_of(config: TrainConfig) -> Prompts:
    return Prompts(config.query_prompt, config.passage_prompt)


def own_prompts(folder: Path) -> Prompts:
    """Those that a model's folder names; "" where it names none."""
    try:
        told = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        return named_prompts(told.get("prompts") or {})
    except (OSError, ValueError, AttributeError):
        return Prompts()


def named_prompts(prompts: dict[str, str | None]) -> Prompts:
    """The prompts of a model from its own dictionary of them."""
    query, passage = (next((prompts[name] for name in names if prompts.get(name)), "") for names in (QUERY, PASSAGE))
    return Prompts(query or "", passage or "")


def prompt_advice(model: str, folder: Path, prompts: Prompts) -> str:
    """A sentence where a model by its name wants prompts and gets none; else ""."""
    if prompts.over(own_prompts(folder)) != Prompts():
        return ""
    name = model.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].lower()
    for parts, query, passage in KNOWN:
        if all(part in name for part in parts) and "instruct" not in name:  # those want a task of one's own
            wanted = [f'query_prompt "{query}"', *([f'passage_prompt "{passage}"'] if passage else [])]
            return mark(
                "Models named {name} were made with words before each text, and this one gets none: set {wanted}."
            ).format(name=name, wanted=mark(" and ").join(wanted))
    return ""


def prompt_tokens(prompt: str) -> int:
    """About how many tokens a prompt takes of each text: nothing is loaded to count them."""
    return math.ceil(TOKENS_A_WORD * len(prompt.split()))


def _spaced(prompt: str) -> str:
    return f"{prompt.strip()} " if prompt.strip() else ""
