"""What the review says about stopping: whether more of it would change anything."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.review_stop import FEWEST, Group, Outlook
from embtrainer_gui.gui import format as figures


def _tr(text: str) -> str:
    return QCoreApplication.translate("StopWords", text)


def verdict_words(outlook: Outlook) -> str:
    """One line."""
    if not outlook.left:
        return _tr("Everything is decided.")
    if not outlook.can_tell:
        return _tr("Too early to say when to stop.")
    if outlook.enough:
        return _tr("You can stop: more review would hardly change what is trained on.")
    return _tr("Go on: more review still changes what is trained on.")


def reason_words(outlook: Outlook) -> str:
    """Why, and what to do."""
    if not outlook.left:
        return _tr("Nothing waits for a decision.")
    if not outlook.can_tell:
        return _tr(
            "{decided} pairs were decided one by one; from {fewest} on this page says what the rest is like."
        ).format(decided=figures.count(outlook.decided), fewest=FEWEST)
    open_groups = [group for group in outlook.groups if group.left]
    if outlook.enough:
        accept, leave = _tr("Accept the {left} {which} that are left"), _tr("Leave out the {left} {which}")
        fates = [_of_group(accept if group.accepts else leave, group) for group in open_groups]
        bound = _tr(
            "Then at most {changed} of {result} pairs to train on ({share:.0%}) would be wrong or missing; that is 95 %"
            " sure where the pairs that you decided are like the others."
        )
        return " ".join([*fates, _with_figures(bound, outlook)])
    known = [_of_group(_tr("{left} {which} are left"), group) for group in open_groups]
    risk = _tr(
        "Up to {changed} of {result} pairs to train on ({share:.0%}) could be wrong or missing if you stopped now."
    )
    more = _tr("About {more} more {which}, best taken by chance, would settle it.")
    most = _tr("Those {which} matter most; some of them, taken by chance, tell what the others are like.")
    told = [
        text for text, is_so in ((risk, outlook.share <= 1), (more, outlook.more), (most, not outlook.more)) if is_so
    ]
    return " ".join([*known, *(_with_figures(text, outlook) for text in told)])


def _with_figures(text: str, outlook: Outlook) -> str:
    return text.format(
        changed=figures.count(outlook.changed),
        result=figures.count(outlook.result),
        share=outlook.share,
        more=figures.count(outlook.more),
        which=_which(outlook.reasons),
    )


def _of_group(text: str, group: Group) -> str:
    known = _tr(" (you kept {kept} of {decided} such pairs).") if group.decided else _tr(" (you decided none of them).")
    return (text + known).format(
        left=figures.count(group.left),
        which=_which(group.reasons),
        kept=figures.count(group.kept),
        decided=figures.count(group.decided),
    )


def _which(reasons: int) -> str:
    words = (_tr("without a reason"), _tr("with one reason"), _tr("with several reasons"))
    return words[reasons]
