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
    fates = [_fate(group) for group in outlook.groups if group.left]
    bound = _tr(
        "Then at most {changed} of {result} pairs to train on ({share:.0%}) would be wrong or missing; that is 95 %"
        " sure where the pairs that you decided are like the others."
    ).format(changed=figures.count(outlook.changed), result=figures.count(outlook.result), share=outlook.share)
    sentences = [*fates, bound]
    if not outlook.enough:
        more = _tr("About {more} more {which}, best taken by chance, would settle it.")
        most = _tr("Those {which} matter most; some of them, taken by chance, tell what the others are like.")
        text = more if outlook.more else most
        sentences.append(text.format(more=figures.count(outlook.more), which=_which(outlook.reasons)))
    return " ".join(sentences)


def _fate(group: Group) -> str:
    text = _tr("Accept the {left} {which} that are left") if group.accepts else _tr("Leave out the {left} {which}")
    if group.decided:
        text += _tr(" (you kept {kept} of {decided} such pairs).")
    else:
        text += _tr(" (you decided none of them).")
    return text.format(
        left=figures.count(group.left),
        which=_which(group.reasons),
        kept=figures.count(group.kept),
        decided=figures.count(group.decided),
    )


def _which(reasons: int) -> str:
    words = (_tr("without a reason"), _tr("with one reason"), _tr("with several reasons"))
    return words[reasons]
