"""Case 30: whatever a model replies, whole questions with real quotes are kept and all else has a reason."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate import replies
from embtrainer_gui.generate.judge_reply import read_marks
from embtrainer_gui.generate.quotes import find_quote
from embtrainer_gui.generate.replies import read_reply

PASSAGE = (
    "Rice blast is caused by the fungus Magnaporthe oryzae. It lowers the yield by 10\u201330 % in wet re-\ngions, as"
    " \u201cshown\u201d in na\u00efve trials of e\ufb03cient lines. Spores spread at night, and they need six hours of"
    " wet leaves."
)
YIELD = {
    "quote": "It lowers the yield by 10-30% in wet regions",
    "question": "How much does rice blast lower the yield?",
    "answer": "10-30%",
    "kind": "quantity",
}
CAUSE = {
    "quote": "Rice blast is caused by ... oryzae",
    "question": "What causes rice blast?",
    "answer": "the fungus Magnaporthe oryzae",
    "kind": "cause",
}
WHOLE = json.dumps({"questions": [YIELD, CAUSE]})
BOTH = ["10\u201330 %", "the fungus Magnaporthe oryzae"]


def answers(reply: str, **more: Any) -> list[str]:
    return [question.answer for question in read_reply(reply, PASSAGE, 6, **more).questions]


def test_that_quotes_and_answers_are_the_passages_own_characters() -> None:
    first, second = read_reply(WHOLE, PASSAGE, 6, seed=5).questions
    assert first.quote == "It lowers the yield by 10\u201330 % in wet re-\ngions"
    assert (first.answer, first.kind, first.seed) == (BOTH[0], QuestionKind.QUANTITY, 5)
    assert second.quote == "Rice blast is caused by the fungus Magnaporthe oryzae"
    for question in (first, second):
        assert question.quote in PASSAGE
        assert question.answer in PASSAGE


@pytest.mark.parametrize(
    "reply",
    [
        f"Here they are:\n```json\n{WHOLE}\n```\nI hope [this] helps {{you}}!",
        f"```\n{WHOLE}",
        f'<think>Perhaps {{"questions": [{{"question": "no"}}]}}?</think>\n{WHOLE}',
        f"<THINKING>a</THINKING><think>b</think>{WHOLE}",
        f"So I think... </think> {WHOLE}",
        f"<think>hm {WHOLE}",
        json.dumps([YIELD, CAUSE]),
        json.dumps({"qa_pairs": [YIELD, CAUSE], "usage": 3}),
        f"{json.dumps(YIELD)}\n{json.dumps(CAUSE)}",
        str({"questions": [YIELD, CAUSE]}),
        WHOLE.replace("}]", "},]"),
        WHOLE.replace("rice blast lower", '"rice" blast lower'),
        WHOLE.replace('", "', '"\n"'),
        f"{WHOLE[:-2]}{' ' * 5000}]}}",
        WHOLE.replace("causes", "causes\ud800\0"),
        json.dumps({"questions": [YIELD, CAUSE]}).replace("What", "What\\u0000\\ud800"),
    ],
)
def test_that_both_questions_are_found_in_every_wrapping(reply: str) -> None:
    found = read_reply(reply, PASSAGE, 6)
    assert [question.answer for question in found.questions] == BOTH
    assert not found.failure
    "".join(question.question for question in found.questions).encode()
    assert not any("\0" in question.question for question in found.questions)


def test_that_of_a_cut_reply_only_whole_questions_count_wherever_it_is_cut() -> None:
    first_end = WHOLE.index("}, {") + 1
    second_end = WHOLE.rindex("}]") + 1
    for end in range(len(WHOLE)):
        for fence in ("", "```json\n"):
            found = read_reply(fence + WHOLE[:end], PASSAGE, 6, cut=True)
            whole = BOTH[: (end >= first_end) + (end >= second_end)]
            assert [question.answer for question in found.questions] == whole, WHOLE[:end]
            assert bool(found.failure) is not bool(whole)
            assert found.salvaged is bool(whole)


@pytest.mark.parametrize(
    ("reply", "cut", "reason"),
    [
        ("<think>Let me see", True, replies.THOUGHT),
        ('{"questions": [' + " \n" * 200_000, True, replies.CUT),
        (" \n" * 200_000, False, replies.NOTHING),
        ("<html><body>Log in</body></html>", False, replies.NOTHING),
        ("null", False, replies.NOTHING),
        ("", False, replies.NOTHING),
        ('{"questions": []}', False, replies.NO_QUESTION),
        ('{"review": "excellent"}', False, replies.NOTHING),
        ("I cannot help with that.", False, replies.NOTHING),
    ],
)
def test_that_a_reply_without_a_question_says_why(reply: str, cut: bool, reason: str) -> None:
    found = read_reply(reply, PASSAGE, 6, cut=cut)
    assert not found.questions
    assert found.failure == reason


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (None, replies.INCOMPLETE),
        (5, replies.INCOMPLETE),
        ("question, answer", replies.INCOMPLETE),
        ({"question": "Why?"}, replies.INCOMPLETE),
        ({**YIELD, "answer": None}, replies.INCOMPLETE),
        ({**YIELD, "answer": ["10-30%"]}, replies.INCOMPLETE),
        ({**YIELD, "question": "\0 \ud800"}, replies.INCOMPLETE),
        ({**YIELD, "quote": ""}, replies.INCOMPLETE),
        ({**YIELD, "quote": "It doubles the yield"}, replies.NO_QUOTE),
        ({**YIELD, "quote": "It lowers the yield ... six days"}, replies.NO_QUOTE),
        ({**YIELD, "quote": "ungus"}, replies.NO_QUOTE),
        ({**YIELD, "question": "why " * 200}, replies.TOO_LONG),
        (CAUSE, replies.TWICE),
    ],
)
def test_that_a_bad_item_is_left_out_with_its_reason_and_the_good_one_kept(item: object, reason: str) -> None:
    found = read_reply(json.dumps({"questions": [CAUSE, item]}), PASSAGE, 6)
    assert [question.answer for question in found.questions] == BOTH[1:]
    assert dict(found.left_out) == {reason: 1}
    if reason != replies.TWICE:
        assert read_reply(json.dumps({"questions": [item]}), PASSAGE, 6).failure


def test_that_no_more_are_taken_than_were_asked_for_and_none_that_is_there() -> None:
    many = [{**YIELD, "question": f"How much is lost in field {number}?"} for number in range(10_000)]
    found = read_reply(json.dumps({"questions": many}), PASSAGE, 6)
    assert len(found.questions) == 6
    assert found.left_out[replies.SURPLUS] > 100
    assert answers(WHOLE, known=("what causes RICE blast",)) == BOTH[:1]


def test_that_an_answer_that_is_not_there_becomes_the_quote_and_a_number_is_text() -> None:
    assert answers(json.dumps([{**YIELD, "answer": "a third at most"}])) == [
        "It lowers the yield by 10\u201330 % in wet re-\ngions"
    ]
    assert answers(json.dumps([{**YIELD, "answer": 10}])) == ["10"]
    (unknown,) = read_reply(json.dumps([{**YIELD, "kind": "riddle"}]), PASSAGE, 6).questions
    assert unknown.kind is QuestionKind.UNKNOWN


@pytest.mark.parametrize(
    "flood",
    [
        "[",
        "{",
        '{"',
        '{"a":',
        '{"questions": [',
        "<think>",
        "</think>",
        '"',
        "\\",
        "```",
        "],",
        '{"question": "',
        "/*",
        "\u2026 ",
    ],
)
def test_that_no_flood_takes_long(flood: str) -> None:
    started = time.process_time()
    found = read_reply('{"questions": ' + flood * (300_000 // len(flood)), PASSAGE, 6, cut=True)
    assert not found.questions
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("RICE  blast is caused", "Rice blast is caused"),
        ("'shown' in naive trials of efficient", "shown\u201d in na\u00efve trials of e\ufb03cient"),
        ("wet regions", "wet re-\ngions"),
        ("Spores spread [...] six hours", "Spores spread at night, and they need six hours"),
        ('"Spores spread at night..."', "Spores spread at night"),
        ("pores spread", None),
        ("caused by the fungu", None),
        ("six hours ... Rice blast", None),
        ("...", None),
        ("", None),
        ("It lowers the yield by 1030", "It lowers the yield by 10\u201330"),
    ],
)
def test_that_a_quote_is_found_as_a_reader_would(quote: str, found: str | None) -> None:
    span = find_quote(quote, PASSAGE)
    assert (None if span is None else PASSAGE[slice(*span)]) == found


def test_that_marks_are_read_and_what_is_none_is_left_out() -> None:
    rows = [
        {"number": 1, "why": "clear", "mark": 8},
        {"number": 1, "why": "again", "mark": 2},
        {"number": 2, "why": "x" * 500, "mark": 6.5},
        {"number": 3, "mark": 11},
        {"number": 4, "mark": "nine"},
        {"number": 9, "mark": 5},
        {"number": 1.5, "mark": 5},
        {"mark": 5},
        None,
    ]
    marks = read_marks(f"```json\n{json.dumps({'marks': rows})}\n```", 5)
    assert marks == {0: (8.0, "clear"), 1: (6.5, "x" * 200)}
    assert read_marks("no", 5) == {}
    assert read_marks(json.dumps({"marks": rows})[:80], 5, cut=True) == {0: (8.0, "clear")}
