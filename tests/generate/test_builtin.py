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
from embtrainer_gui.generate.standing import stands_alone

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


LOWER = "Cells keep ferroportin and ferritin where enterocytes need them, and hepcidin with them."
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
    assert sum(map(bool, made)) > 0.2 * len(texts)  # many a passage says nothing that can be asked without it


def test_that_every_pair_passes_the_checks(texts: list[str], made: list[list[MadeQuestion]]) -> None:
    for text, questions in zip(texts, made, strict=True):
        for pair in questions:
            assert pair.answer.strip()
            assert pair.answer in text
            assert check_text(pair.question, pair.answer, text, pair.kind) == []
            assert not needs_paper(pair.question)


def test_that_every_real_question_stands_by_itself(made: list[list[MadeQuestion]]) -> None:
    spoken = [pair.question for questions in made for pair in questions if pair.kind is not QuestionKind.KEYWORD]
    assert [question for question in spoken if not stands_alone(question)] == []


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
    assert set(kinds) >= {QuestionKind.FACT, QuestionKind.CAUSE, QuestionKind.DEFINITION, QuestionKind.KEYWORD}
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
    assert generate(texts[:40], seed=7, corpus=texts) != made[:40]


def test_that_a_small_quota_keeps_the_better_questions(texts: list[str]) -> None:
    few = generate(texts[:12], per_passage=2, corpus=texts)
    assert max(map(len, few)) == 2


def test_that_plain_prose_gives_the_expected_kinds() -> None:
    (questions,) = generate([PROSE], per_passage=20, corpus=[PROSE, *OTHERS])
    found = {(pair.kind, pair.question) for pair in questions}
    assert (QuestionKind.DEFINITION, "What is hepcidin?") in found
    assert (QuestionKind.FACT, "What does hepcidin regulate in the blood of mammals?") in found
    assert any(kind is QuestionKind.COMPARISON for kind, _ in found)
    assert any(kind is QuestionKind.CAUSE for kind, _ in found)


def test_that_readings_and_bench_work_of_one_study_are_not_asked() -> None:
    (questions,) = generate([PROSE], per_passage=20, corpus=[PROSE, *OTHERS])
    assert [pair.question for pair in questions if "immunoassay" in pair.answer or "45 ng" in pair.answer] == []


ONE_SENTENCE = {
    "it only mentions an effect": "We investigated the effect of hepcidin on the release of iron from macrophages.",
    "it tells a step at the bench": "The hepcidin samples were incubated with ferritin for 30 min at 37 °C.",
    "it tells of consent": "Informed consent for the hepcidin assay was obtained from all owners of calves.",
    "it speaks of what stands elsewhere": "The virus increases the release of these hormones from the cells.",
    "it leaves out with what it compares": "Greater doses of hepcidin lower the release of iron from macrophages.",
    "it denies nothing but tells who wrote": "AB and CD analysed the hepcidin data and wrote the ferritin manuscript.",
    "it names things of one paper": "The LTR lines increase the uptake of iron in the duodenum of calves.",
    "it only supposes": "We hypothesize that hepcidin lowers the release of iron from macrophages of calves.",
    "a pronoun has two that it may stand for": "It lowers the release of iron from macrophages of calves.",
    "it asks itself": "Does hepcidin lower the release of iron from macrophages of calves?",
}


@pytest.mark.parametrize("text", ONE_SENTENCE.values(), ids=ONE_SENTENCE.keys())
def test_that_a_sentence_gives_no_question_where(text: str) -> None:
    made = generate([text + " " + OTHERS[0]], per_passage=20, corpus=[PROSE, *OTHERS])[0]
    assert [pair.question for pair in made if pair.kind is not QuestionKind.KEYWORD] == []


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        (
            "Low iron (LI) impairs the growth of calves. LI can lead to anaemia in calves with septicemia.",
            "What can low iron (LI) lead to?",
            "anaemia",
        ),
        (
            "Hepcidin does not affect the growth of calves. Hepcidin does not increase the weight of calves.",
            "Does hepcidin increase the weight of calves?",
            "Hepcidin does not increase the weight of calves.",
        ),
        (
            "Hepcidin is a peptide hormone of the liver. It inhibits the release of ferritin from macrophages.",
            "How does hepcidin affect the release of ferritin from macrophages?",
            "It inhibits the release of ferritin from macrophages.",
        ),
        (
            "Ferroportin and hephaestin are located in the basal membrane of enterocytes. Calves need hephaestin.",
            "Where are ferroportin and hephaestin located?",
            "in the basal membrane of enterocytes",
        ),
        (
            "ACC oxidase requires molecular oxygen to split ACC in roots. ACC oxidase is slow without oxygen.",
            "Why does ACC oxidase require molecular oxygen?",
            "to split ACC in roots",
        ),
        (
            "Unlike ferritin, hepcidin leaves the liver with the blood. Ferritin stays.",
            "How does hepcidin differ from ferritin?",
            "Unlike ferritin, hepcidin leaves the liver with the blood.",
        ),
        (
            "Ocimum sanctum, also known as holy basil, is an herb of India. Ocimum sanctum smells.",
            "What is Ocimum sanctum also known as?",
            "as holy basil",
        ),
        (
            "Hepcidin has been shown to inhibit ferroportin in macrophages of calves.",
            "How does hepcidin affect ferroportin in macrophages of calves?",
            "Hepcidin has been shown to inhibit ferroportin in macrophages of calves.",
        ),
        (
            "The farm lost calves to bacterial infections such as septicemia, pneumonia and enteritis.",
            "What are examples of bacterial infections?",
            "septicemia, pneumonia and enteritis",
        ),
    ],
)
def test_that_a_sentence_gives_its_question_and_answer(text: str, question: str, answer: str) -> None:
    made = generate([text + " " + OTHERS[0]], per_passage=20, corpus=[PROSE, LOWER, *OTHERS])[0]
    wordings = {
        pair.question.lower()
        .replace("called", "known as")
        .replace("some examples", "examples")
        .replace("influence", "affect")
        .replace("cause", "lead to"): pair.answer
        for pair in made
    }
    assert wordings.get(question.lower()) == answer, wordings


def test_that_keyword_queries_are_words_of_one_phrase() -> None:
    text = (
        "Hepcidin controls the release of ferritin from liver macrophages. "
        "Liver macrophages hold ferritin, and ferritin holds iron."
    )
    made = generate([text + " " + OTHERS[0]], per_passage=20, corpus=[text, PROSE, LOWER, *OTHERS])[0]
    queries = [pair.question for pair in made if pair.kind is QuestionKind.KEYWORD]
    assert queries
    assert {word for query in queries for word in query.split()} <= {
        "hepcidin",
        "ferritin",
        "release",
        "liver",
        "macrophages",
    }


def test_that_a_heading_gives_the_query_that_its_author_would_type() -> None:
    text = (
        "3. Hepcidin and the Export of Ferritin\n"
        "Ferritin leaves the cell where hepcidin blocks its export. Iron is kept."
    )
    made = generate([text], per_passage=20, corpus=[text, PROSE, *OTHERS])[0]
    found = {pair.question.lower(): pair.answer for pair in made if pair.kind is QuestionKind.KEYWORD}
    assert found == {"hepcidin export ferritin": "Ferritin leaves the cell where hepcidin blocks its export."}


def test_that_a_heading_of_every_paper_gives_no_query() -> None:
    text = (
        "2. Materials and Methods of Ferritin\nFerritin leaves the cell where hepcidin blocks its export. Iron is kept."
    )
    made = generate([text], per_passage=20, corpus=[text, PROSE, *OTHERS])[0]
    assert [pair.question for pair in made if "materials" in pair.question.lower()] == []


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
