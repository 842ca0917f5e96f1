"""Whether a prompt and its reply fit into the context of a server's model, before anything is sent.

The server's own tokenizer is not at hand: tokens are counted with the base model's and multiplied by a factor that
begins safe and is then learnt from what the server says that it counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark

SAFETY = 1.4  # WordPiece counts against those of the models on servers
MARGIN = 1.08  # over the largest ratio seen
OF_TEMPLATE = 40  # tokens that a chat template puts around two messages
A_QUESTION = 130  # tokens of one question with quote and answer, generously
UNKNOWN_CONTEXT = 4096  # taken where nobody tells: Ollama's own default on small cards
STEP = 1024
_ENOUGH = 3  # replies before the learnt factor is trusted


class DoesNotFit(UserError):
    """Prompt and reply are longer than the context, even for one question."""


class TokenBudget:
    """``context`` is the longest of prompt and reply together, ``reply`` the longest wanted of the reply."""

    def __init__(self, count: Callable[[str], int], context: int, reply: int) -> None:
        self.context, self._reply, self._count = context, reply, count
        self._largest, self._seen = 0.0, 0

    def prompt_tokens(self, text: str) -> int:
        """About how many tokens a server counts for a prompt, rather too many than too few."""
        return math.ceil(self._count(text) * self._factor) + OF_TEMPLATE

    def learn(self, text: str, counted: int | None) -> None:
        """``counted`` is what the server says that the prompt ``text`` was, None where it does not."""
        if counted:
            self._largest = max(self._largest, (counted - OF_TEMPLATE) / max(1, self._count(text)))
            self._seen += 1

    def plan(self, text_for: Callable[[int], str], questions: int) -> tuple[int, int]:
        """How many questions fit, and the longest reply that does.

        Args:
            text_for: the whole prompt for a number of questions.

        Raises:
            DoesNotFit: not even one does.
        """
        while questions:
            room = self.context - self.prompt_tokens(text_for(questions))
            if room >= min(self._reply, A_QUESTION * questions):
                return questions, min(self._reply, room)
            questions = min(questions - 1, max(1, room // A_QUESTION)) if questions > 1 else 0
        raise DoesNotFit(
            mark("Prompt and reply do not fit into {context} tokens, even with one question."),
            mark("Set context_tokens to what the model takes, shorten the prompt, or cut passages shorter."),
            context=self.context,
        )

    @property
    def _factor(self) -> float:
        if self._seen < _ENOUGH:
            return max(SAFETY, self._largest * MARGIN)
        return self._largest * MARGIN


def context_to_use(wanted: int, told: int | None, needed: int, is_settable: bool) -> int:
    """Tokens of context to count with.

    Args:
        wanted: by the user, 0 for none.
        told: by the server as its model's most, None where it does not.
        needed: by the longest prompt and its reply.
        is_settable: by each request (Ollama): then only as much as is needed is taken of the card's memory.
    """
    if wanted:
        return wanted
    if not is_settable:
        return told or UNKNOWN_CONTEXT
    rounded = STEP * math.ceil(max(needed, UNKNOWN_CONTEXT) / STEP)
    return min(rounded, told) if told else rounded
