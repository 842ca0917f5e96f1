"""When more review will not change what a model is trained on.

Pairs are put into groups by their number of reasons (none, one, several), as the checks tell them apart. In each group
the pairs that were decided by hand, one at a time, stand for those that are left. The share that was accepted as it is
(an edited pair needed its edit) has a Wilson score interval of 95 % (Wilson, JASA 22, 1927; recommended by Brown, Cai
and DasGupta, Statistical Science 16, 2001, also for few cases and for shares near 0 and 1). Without further review the
rest of a group is accepted or left out, whichever errs less in the worst case that the interval allows. Review is
enough when all those worst cases together are at most ``TOLERANCE`` of the pairs that training would use. Stopping by
what a sample says of the rest is usual in screening (Callaghan and Mueller-Hansen, Systematic Reviews 9:273, 2020).

It holds where the decided pairs of a group are like the others: pairs taken by chance are, hence ``Order.CHANCE``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt

TOLERANCE = 0.05  # of the pairs to train on
FEWEST = 30  # decided by hand: below, nothing is said
Z = 1.959964  # two-sided 95 %
_STEPS = 40


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs with so many ``reasons`` (2 stands for more too): decided by hand, ``kept`` as they were, and left."""

    reasons: int
    decided: int
    kept: int
    left: int

    @property
    def accepts(self) -> bool:
        """Whether accepting the rest errs less than leaving it out."""
        low, high = wilson(self.kept, self.decided)
        return 1 - low < high

    @property
    def worst(self) -> int:
        """So many of the rest would be wrong at most, accepted or left out."""
        low, high = wilson(self.kept, self.decided)
        return ceil(self.left * min(1 - low, high))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What stopping now would mean.

    ``changed`` of the ``result`` pairs that training would use may be wrong or missing. Where that is too much, those
    with so many ``reasons`` matter most: ``more`` of them would be enough if they are decided as those before; 0 where
    not even all of them would.
    """

    groups: tuple[Group, ...]
    decided: int
    left: int
    changed: int
    result: int
    more: int = 0
    reasons: int = 0

    @property
    def share(self) -> float:
        return self.changed / max(1, self.result)

    @property
    def can_tell(self) -> bool:
        return self.decided >= FEWEST

    @property
    def enough(self) -> bool:
        return not self.left or (self.can_tell and self.share <= TOLERANCE)


def wilson(kept: int, decided: int, z: float = Z) -> tuple[float, float]:
    """The Wilson score interval of a share: ``(lowest, highest)``; (0, 1) where nothing was decided."""
    if not decided:
        return 0.0, 1.0
    share, spread = kept / decided, z * z / decided
    middle = share + spread / 2
    half = z * sqrt(share * (1 - share) / decided + spread / (4 * decided))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def outlook(groups: Sequence[Group], accepted: int) -> Outlook:
    """``accepted`` pairs are in the project already."""
    found = _sums(groups, accepted)
    if found.enough or not groups:
        return found
    hardest = max(groups, key=lambda group: group.worst)
    for step in range(1, _STEPS + 1):
        more = ceil(hardest.left * step / _STEPS)
        share = hardest.kept / hardest.decided if hardest.decided else 0.5
        kept = round(more * share)
        then = replace(hardest, decided=hardest.decided + more, kept=hardest.kept + kept, left=hardest.left - more)
        after = _sums([then if group is hardest else group for group in groups], accepted + kept)
        if after.share <= TOLERANCE:
            return replace(found, more=max(more, FEWEST - found.decided), reasons=hardest.reasons)
    return replace(found, reasons=hardest.reasons)


def _sums(groups: Sequence[Group], accepted: int) -> Outlook:
    return Outlook(
        tuple(groups),
        decided=sum(group.decided for group in groups),
        left=sum(group.left for group in groups),
        changed=sum(group.worst for group in groups),
        result=accepted + sum(group.left for group in groups if group.accepts),
    )
