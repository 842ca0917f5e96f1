"""The built-in generator on real passages of papers."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.records import MadeQuestion, QuestionKind
from embtrainer_gui.generate.builtin import BuiltinGenerator
from embtrainer_gui.generate.checks import check_text
from embtrainer_gui.generate.deixis import needs_paper
from embtrainer_gui.generate.grammar import is_grammatical

PER_PASSAGE = 8
PROSE = (
    "Hepcidin is a peptide hormone that regulates iron in the blood of mammals. The liver produces hepcidin because "
    "inflammation raises the level of interleukin 6. Hepcidin lowers the release of iron from macrophages. The mean "
    "concentration of hepcidin in calves with septicemia was 45 ng/ml. Serum hepcidin was measured by a sandwich "
    "immunoassay in all calves. Hepcidin is more abundant in sick calves than in healthy calves."
)


@pytest.fixture(scope="module")
def texts(shared_data: Path) -> list[str]:
    with (shared_data / "qa/covidqa/corpus.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines][::9][:100]


@pytest.fixture(scope="module")
def made(texts: list[str]) -> list[list[MadeQuestion]]:
    return generate(texts)


OTHERS = [
    "The weather of the mountain region changes with the seasons and the height of the ground above the sea."
] * 30


def generate(
    texts: list[str], per_passage: int = PER_PASSAGE, seed: int = 42, corpus: list[str] | None = None
) -> list[list[MadeQuestion]]:
    generator = BuiltinGenerator(GenerateConfig(per_passage=per_passage, seed=seed))
    generator.prepare(corpus or texts)
    return list(generator.make(texts))


def test_that_every_passage_gets_its_own_list_within_the_limit(
    texts: list[str], made: list[list[MadeQuestion]]
) -> None:
    assert len(made) == len(texts)
    assert max(map(len, made)) <= PER_PASSAGE
    assert sum(len(questions) >= 2 for questions in made) > 0.8 * len(texts)


def test_that_every_pair_passes_the_checks(texts: list[str], made: list[list[MadeQuestion]]) -> None:
    for text, questions in zip(texts, made, strict=True):
        for pair in questions:
            assert pair.answer.strip()
            assert pair.answer in text
            assert check_text(pair.question, pair.answer, text, pair.kind) == []
            assert not needs_paper(pair.question)


def test_that_no_real_question_breaks_a_rule_of_grammar(made: list[list[MadeQuestion]]) -> None:
    faulty = [
        pair.question
        for questions in made
        for pair in questions
        if pair.kind is not QuestionKind.KEYWORD and not is_grammatical(pair.question)
    ]
    assert faulty == []


def test_that_the_kinds_are_mixed(made: list[list[MadeQuestion]]) -> None:
    kinds = Counter(pair.kind for questions in made for pair in questions)
    assert set(kinds) >= set(QuestionKind) - {QuestionKind.UNKNOWN}
    assert kinds[QuestionKind.KEYWORD] < 0.4 * kinds.total()


def test_that_questions_come_from_all_parts_of_a_passage(texts: list[str], made: list[list[MadeQuestion]]) -> None:
    late = [
        text.find(pair.answer) > len(text) / 2
        for text, questions in zip(texts, made, strict=True)
        for pair in questions
    ]
    assert 0.3 < sum(late) / len(late) < 0.7


def test_that_keyword_queries_are_no_run_of_the_passage(texts: list[str], made: list[list[MadeQuestion]]) -> None:
    for text, questions in zip(texts, made, strict=True):
        for pair in questions:
            if pair.kind is QuestionKind.KEYWORD:
                assert pair.question.lower() not in " ".join(text.lower().split())


def test_that_questions_of_one_passage_differ(made: list[list[MadeQuestion]]) -> None:
    for questions in made:
        spoken = sorted(pair.question.lower() for pair in questions)
        assert all(first != second for first, second in pairwise(spoken))


def test_that_the_same_seed_gives_the_same_questions_whatever_stands_beside(
    texts: list[str], made: list[list[MadeQuestion]]
) -> None:
    assert generate(texts[20:32], corpus=texts) == made[20:32]


def test_that_another_seed_gives_other_questions(texts: list[str], made: list[list[MadeQuestion]]) -> None:
    assert generate(texts[:12], seed=7, corpus=texts) != made[:12]


def test_that_a_small_quota_keeps_the_better_questions(texts: list[str]) -> None:
    few = generate(texts[:12], per_passage=2, corpus=texts)
    assert max(map(len, few)) == 2


def test_that_plain_prose_gives_the_expected_kinds() -> None:
    (questions,) = generate([PROSE], per_passage=20, corpus=[PROSE, *OTHERS])
    found = {(pair.kind, pair.question) for pair in questions}
    assert (QuestionKind.DEFINITION, "What is hepcidin?") in found
    assert any(
        kind is QuestionKind.METHOD and text.startswith("How was serum hepcidin measured") for kind, text in found
    )
    assert any(kind is QuestionKind.QUANTITY and "mean concentration of hepcidin" in text for kind, text in found)
    assert any(kind is QuestionKind.COMPARISON for kind, _ in found)
    assert any(kind is QuestionKind.CAUSE for kind, _ in found)


@pytest.mark.parametrize(
    "text",
    [
        "Die Leber bildet Hepcidin, wenn im Körper eine Entzündung besteht. Das Hormon senkt die Aufnahme von Eisen.",
        "肝臓はヘプシジンを作ります。このホルモンは鉄の吸収を抑えます。",
        "1. Smith J, Miller AB. Iron. Blood. 2015; 12(3):45-51. 2. Weiss G, Ganz T. Iron. Blood. 2012; 8: 112-120.",
        "",
        "Iron.",
    ],
)
def test_that_what_is_not_english_prose_gives_no_questions(text: str) -> None:
    assert generate([text, PROSE])[0] == []


def test_that_questions_never_hold_citation_markers() -> None:
    text = PROSE.replace(" in the blood", " [12, 13] (Ganz et al., 2011) in the blood").replace(
        "mammals.", "mammals (Fig. 2)."
    )
    (questions,) = generate([text], per_passage=20, corpus=[text, *OTHERS])
    assert questions
    for pair in questions:
        assert pair.answer in text
        assert not any(mark in pair.question for mark in ("[", "et al", "2011", "Fig"))


def test_that_the_generator_calls_itself_basic() -> None:
    assert BuiltinGenerator.label == "basic"
