"""What the review calls things: states, kinds, reasons and decisions in plain words."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from embtrainer_gui.core.pair_maker import Maker
from embtrainer_gui.core.records import PairState, QuestionKind, Reason
from embtrainer_gui.core.store.decisions import Act, Batch
from embtrainer_gui.core.store.review_order import Order
from embtrainer_gui.gui import format as figures
from embtrainer_gui.gui.review_keys import KEY_OF_WHY

_STATES = {
    PairState.PENDING: QT_TRANSLATE_NOOP("PairWords", "To review"),
    PairState.ACCEPTED: QT_TRANSLATE_NOOP("PairWords", "Accepted"),
    PairState.REJECTED: QT_TRANSLATE_NOOP("PairWords", "Rejected"),
}
STATE_TONES = {PairState.PENDING: "info", PairState.ACCEPTED: "good", PairState.REJECTED: "bad"}
STATE_ICONS = {PairState.PENDING: "circle", PairState.ACCEPTED: "check", PairState.REJECTED: "cross"}

_MAKERS = {
    Maker.BUILTIN: QT_TRANSLATE_NOOP("PairWords", "Built-in"),
    Maker.CAREFUL: QT_TRANSLATE_NOOP("PairWords", "Built-in, careful wording"),
    Maker.OTHERS: QT_TRANSLATE_NOOP("PairWords", "Servers, imports, by hand"),
}
_KINDS = {
    QuestionKind.DEFINITION: QT_TRANSLATE_NOOP("PairWords", "Definition"),
    QuestionKind.CAUSE: QT_TRANSLATE_NOOP("PairWords", "Cause"),
    QuestionKind.METHOD: QT_TRANSLATE_NOOP("PairWords", "Method"),
    QuestionKind.QUANTITY: QT_TRANSLATE_NOOP("PairWords", "Quantity"),
    QuestionKind.COMPARISON: QT_TRANSLATE_NOOP("PairWords", "Comparison"),
    QuestionKind.FACT: QT_TRANSLATE_NOOP("PairWords", "Fact"),
    QuestionKind.KEYWORD: QT_TRANSLATE_NOOP("PairWords", "Keywords"),
    QuestionKind.UNKNOWN: QT_TRANSLATE_NOOP("PairWords", "Other"),
}

_REASONS = {
    Reason.QUOTE_MISSING: (
        QT_TRANSLATE_NOOP("PairWords", "Answer not in the passage"),
        QT_TRANSLATE_NOOP("PairWords", "The answer does not stand in the passage word by word."),
    ),
    Reason.NEEDS_PAPER: (
        QT_TRANSLATE_NOOP("PairWords", "Needs the paper in hand"),
        QT_TRANSLATE_NOOP("PairWords", "It says something like “this study”: nobody would search for that."),
    ),
    Reason.COPIED: (
        QT_TRANSLATE_NOOP("PairWords", "Copied wording"),
        QT_TRANSLATE_NOOP("PairWords", "The question repeats the passage almost word by word."),
    ),
    Reason.MALFORMED: (
        QT_TRANSLATE_NOOP("PairWords", "Badly formed"),
        QT_TRANSLATE_NOOP("PairWords", "Too short, too long, or no whole question."),
    ),
    Reason.DUPLICATE: (
        QT_TRANSLATE_NOOP("PairWords", "Near-copy of another"),
        QT_TRANSLATE_NOOP("PairWords", "Another question asks nearly the same."),
    ),
    Reason.NOT_FOUND: (
        QT_TRANSLATE_NOOP("PairWords", "Does not find its passage"),
        QT_TRANSLATE_NOOP("PairWords", "A search with this question does not bring its own passage."),
    ),
    Reason.AMBIGUOUS: (
        QT_TRANSLATE_NOOP("PairWords", "Other passages fit too"),
        QT_TRANSLATE_NOOP("PairWords", "Another passage answers the question at least as well."),
    ),
    Reason.BAD_PASSAGE: (
        QT_TRANSLATE_NOOP("PairWords", "Poor passage"),
        QT_TRANSLATE_NOOP("PairWords", "The passage is damaged, or mostly no running text."),
    ),
    Reason.JUDGED_LOW: (
        QT_TRANSLATE_NOOP("PairWords", "Judged poor"),
        QT_TRANSLATE_NOOP("PairWords", "The language model that judges gave the pair a low mark."),
    ),
}

_ORDERS = {
    Order.SUSPICION: QT_TRANSLATE_NOOP("PairWords", "Worst first"),
    Order.PAPER: QT_TRANSLATE_NOOP("PairWords", "By paper"),
    Order.KIND: QT_TRANSLATE_NOOP("PairWords", "By kind"),
    Order.CHANCE: QT_TRANSLATE_NOOP("PairWords", "By chance"),
}

_ACTS = {
    Act.ACCEPT: QT_TRANSLATE_NOOP("PairWords", "accept"),
    Act.REJECT: QT_TRANSLATE_NOOP("PairWords", "reject"),
    Act.LATER: QT_TRANSLATE_NOOP("PairWords", "put off"),
    Act.EDIT: QT_TRANSLATE_NOOP("PairWords", "edit"),
    Act.NEW: QT_TRANSLATE_NOOP("PairWords", "new pair"),
    Act.ACCEPT_SHOWN: QT_TRANSLATE_NOOP("PairWords", "accept shown"),
    Act.REJECT_SHOWN: QT_TRANSLATE_NOOP("PairWords", "reject shown"),
    Act.KEEP_FIRST: QT_TRANSLATE_NOOP("PairWords", "keep the first"),
    Act.ACCEPT_CLEAN: QT_TRANSLATE_NOOP("PairWords", "accept without a reason"),
    Act.ACCEPT_ALL: QT_TRANSLATE_NOOP("PairWords", "accept all"),
}
ACT_ICONS = {
    Act.REJECT: "cross",
    Act.REJECT_SHOWN: "cross",
    Act.KEEP_FIRST: "cross",
    Act.LATER: "clock",
    Act.EDIT: "edit",
    Act.NEW: "add",
}


def _words(marked: object) -> str:
    return QCoreApplication.translate("PairWords", str(marked))


def state_words(state: PairState) -> str:
    return _words(_STATES[state])


def order_words(order: Order) -> str:
    return _words(_ORDERS[order])


def maker_words(maker: Maker) -> str:
    return _words(_MAKERS[maker])


def kind_words(kind: QuestionKind) -> str:
    return _words(_KINDS[kind])


def reason_words(reason: Reason) -> str:
    """Short, for a chip."""
    return _words(_REASONS[reason][0])


def reason_sentence(reason: Reason) -> str:
    return _words(_REASONS[reason][1])


def batch_words(batch: Batch) -> str:
    """What a decision was, with its pair or the number of pairs: "reject #812"."""
    act = _words(_ACTS[Act(batch.act)]) if batch.act in set(Act) else batch.act
    if batch.count > 1:
        return f"{act} ({figures.count(batch.count)})"
    return f"{act} #{batch.pair_id}"


def other_question_words(pair_id: int, question: str) -> tuple[str, str]:
    """What is told of another question for a pair that has a draft, and what becomes of that."""
    text = _words(QT_TRANSLATE_NOOP("PairWords", "Another question for #{number}: {question}"))
    hint = _words(QT_TRANSLATE_NOOP("PairWords", "Your draft of this pair stays, unless you take the other question."))
    return text.format(number=pair_id, question=question), hint


def shortened(text: str, most: int = 60) -> str:
    """``text`` in one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most].rstrip()}…"


def why_words(why: str) -> str:
    key = KEY_OF_WHY.get(why)
    return key.text if key else why
