"""Doubtful passages between the project and a run: the answers that a run uses, and what a run was in doubt of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from embtrainer_gui.core.records import QAPair, Split
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.store.doubts import DoubtAnswer, FoundDoubt
from embtrainer_gui.ml.judged import question_key
from embtrainer_gui.ml.request import CloseCall
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library

Asked = tuple[str, int]
"""A question and a row of the library."""


@dataclass(frozen=True, slots=True)
class Judgements:
    """``right`` passages answer their question as well, ``cleared`` ones do not, of ``spared`` ones nobody knows."""

    right: list[Asked] = field(default_factory=list)
    cleared: list[Asked] = field(default_factory=list)
    spared: list[Asked] = field(default_factory=list)

    def within(self, place: dict[int, int]) -> Judgements:
        """The same with the rows that ``place`` gives to rows of the library; without those that it lacks."""
        return Judgements(
            *(
                [(question, place[row]) for question, row in asked if row in place]
                for asked in (self.right, self.cleared, self.spared)
            )
        )


def judgements(
    project: Project, library: Library, pairs: Iterable[QAPair], splits: Collection[Split], as_of: str = ""
) -> Judgements:
    """What was said of doubtful passages on papers of ``splits`` for the questions of ``pairs``.

    Those without a sure answer count only where they were found up to ``as_of`` (UTC): a run that goes on has the
    data that it began with, whatever it found itself.
    """
    asked = {pair.id for pair in pairs}
    found = Judgements()
    kinds = {DoubtAnswer.RIGHT: found.right, DoubtAnswer.WRONG: found.cleared}
    for doubt in project.doubts.all():
        row = library.row_of.get(doubt.passage_id)
        if row is None or doubt.pair_id not in asked:
            continue
        if library.document_of[library.passages[row].document_id].split not in splits:
            continue
        if doubt.answer in kinds or not as_of or doubt.at <= as_of:
            kinds.get(doubt.answer, found.spared).append((doubt.question, row))
    return found


def found_right(project: Project, pairs: Iterable[QAPair]) -> list[QAPair]:
    """The questions of ``pairs`` once more, with each further passage that was found right for them."""
    asked = {pair.id: pair for pair in pairs}
    right = [doubt for doubt in project.doubts.all((DoubtAnswer.RIGHT,)) if doubt.pair_id in asked]
    return [replace(asked[doubt.pair_id], passage_id=doubt.passage_id) for doubt in right]


def keep_close_calls(
    ctx: Context, run: str, close: Sequence[CloseCall], pairs: Iterable[QAPair], passages: dict[str, int]
) -> None:
    """Store what hard negatives were passed over for their score, to be asked about in Review.

    ``passages`` gives the id of each text.
    """
    asked: dict[str, QAPair] = {}
    for pair in pairs:
        asked.setdefault(question_key(pair.question), pair)
    found = []
    for call in close:
        asker = asked.get(question_key(call.question))
        if asker is not None and call.passage in passages:
            found.append(FoundDoubt(asker.id, asker.question, passages[call.passage], call.share))
    new = ctx.project.doubts.add(found, utc_now(), run)
    if new:
        ctx.items_changed("doubts", new)
