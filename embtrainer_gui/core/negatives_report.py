"""What became of the candidates for hard negatives, as counts and as a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from embtrainer_gui.core.translate import mark


@dataclass(frozen=True, slots=True)
class NegativesReport:
    """``kept`` hard negatives for ``served`` of ``questions``, of all ``candidates``; ``alike`` ones were the right
    passage, another right one or a near-duplicate of it, ``close`` ones within the ``margin`` of its score."""

    questions: int
    served: int
    kept: int
    candidates: int
    alike: int
    close: int
    margin: float

    def sentence(self) -> str:
        if not self.kept:
            return mark("No hard negative was found: {why}").format(why=self._why_none())
        return mark(
            "Hard negatives: {kept} for {served} of {questions} questions; {close} candidates were too similar to the"
            " right passage."
        ).format(kept=self.kept, served=self.served, questions=self.questions, close=self.close)

    def _why_none(self) -> str:
        if not self.close:
            return mark("there is no passage besides the right ones and their near-duplicates.")
        return mark("all {close} candidates score more than {share:.0%} of what the right passage scores.").format(
            close=self.close, share=1 - self.margin
        )
