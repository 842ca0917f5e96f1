"""The careful wording: few questions, each of which stands by itself; and the other one stays as it was."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.generate_config import Wording, generator_name
from embtrainer_gui.core.records import MadeQuestion, QuestionKind
from embtrainer_gui.generate.careful.grammar import is_grammatical
from embtrainer_gui.generate.careful.standing import stands_alone
from embtrainer_gui.generate.checks import check_text
from embtrainer_gui.generate.deixis import needs_paper
from embtrainer_gui.generate.wordings import builtin_generator

GENERAL = Path(__file__).resolve().parents[2] / "resources" / "general" / "corpus.jsonl"
MANY_DIGEST = "82c7b5d44bd4f995a1264ba773ade76d8770a57eb0a85f3726ec1232f8bc592f"
"""Of what was made of the first passages of ``GENERAL`` before there was a careful wording."""
PROSE = (
    "Hepcidin is a peptide hormone that regulates iron in the blood of mammals. The liver produces hepcidin because "
    "inflammation raises the level of interleukin 6. Hepcidin lowers the release of iron from macrophages. The mean "
    "concentration of hepcidin in calves with septicemia was 45 ng/ml. Serum hepcidin was measured by a sandwich "
    "immunoassay in all calves. Hepcidin is more abundant in sick calves than in healthy calves."
)
LOWER = "Cells keep ferroportin and ferritin where enterocytes need them, and hepcidin with them."
OTHERS = [
    "The weather of the mountain region changes with the seasons and the height of the ground above the sea."
] * 30


@pytest.fixture(scope="module")
def general() -> list[str]:
    with GENERAL.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


@pytest.fixture(scope="module")
def made(general: list[str]) -> list[list[MadeQuestion]]:
    return generate(general[:120], corpus=general)


def generate(
    texts: list[str], per_passage: int = 20, corpus: list[str] | None = None, wording: Wording = "careful"
) -> list[list[MadeQuestion]]:
    generator = builtin_generator(GenerateConfig(per_passage=per_passage, wording=wording))
    generator.prepare(corpus or texts)
    return list(generator.make(texts))


def test_that_the_many_questions_stay_letter_by_letter_what_they_were(general: list[str]) -> None:
    found = generate(general[:40], per_passage=GenerateConfig().per_passage, wording=GenerateConfig().wording)
    rows = [[(pair.question, pair.answer, pair.kind.value) for pair in questions] for questions in found]
    assert hashlib.sha256(json.dumps(rows).encode()).hexdigest() == MANY_DIGEST


def test_that_a_wording_is_a_generator_of_its_own() -> None:
    careful = GenerateConfig(wording="careful")
    assert generator_name(careful) == "builtin:careful" != generator_name(GenerateConfig())
    assert builtin_generator(careful).label == "basic, careful wording" != builtin_generator(GenerateConfig()).label
    assert generator_name(GenerateConfig(backend="ollama", model="m", wording="careful")) == "ollama:m"


def test_that_careful_questions_are_fewer(general: list[str], made: list[list[MadeQuestion]]) -> None:
    many = generate(general[:120], corpus=general, wording="any")
    assert 0 < sum(map(len, made)) < sum(map(len, many)) / 2


def test_that_every_careful_question_stands_by_itself(made: list[list[MadeQuestion]]) -> None:
    spoken = [pair.question for questions in made for pair in questions if pair.kind is not QuestionKind.KEYWORD]
    assert [one for one in spoken if not (stands_alone(one) and is_grammatical(one)) or needs_paper(one)] == []


def test_that_every_careful_pair_passes_the_checks(general: list[str], made: list[list[MadeQuestion]]) -> None:
    for text, questions in zip(general, made, strict=False):
        for pair in questions:
            assert pair.answer in text
            assert check_text(pair.question, pair.answer, text, pair.kind) == []


def test_that_plain_prose_gives_the_expected_kinds() -> None:
    (questions,) = generate([PROSE], corpus=[PROSE, *OTHERS])
    found = {(pair.kind, pair.question) for pair in questions}
    assert (QuestionKind.DEFINITION, "What is hepcidin?") in found
    assert (QuestionKind.FACT, "What does hepcidin regulate in the blood of mammals?") in found
    assert {kind for kind, _ in found} >= {QuestionKind.COMPARISON, QuestionKind.CAUSE}


def test_that_readings_and_bench_work_of_one_study_are_not_asked() -> None:
    (questions,) = generate([PROSE], corpus=[PROSE, *OTHERS])
    assert [pair.question for pair in questions if "immunoassay" in pair.answer or "45 ng" in pair.answer] == []


ONE_SENTENCE = {
    "it only mentions an effect": "We investigated the effect of hepcidin on the release of iron from macrophages.",
    "it tells a step at the bench": "The hepcidin samples were incubated with ferritin for 30 min at 37 °C.",
    "it tells of consent": "Informed consent for the hepcidin assay was obtained from all owners of calves.",
    "it speaks of what stands elsewhere": "The virus increases the release of these hormones from the cells.",
    "it leaves out with what it compares": "Greater doses of hepcidin lower the release of iron from macrophages.",
    "it denies nothing but tells who wrote": "AB and CD analysed the hepcidin data and wrote the ferritin manuscript.",
    "it names things of one paper": "The LTR lines increase the uptake of iron in the duodenum of calves.",
    "it tells of a role and not which": "Hepcidin plays an important role in the release of iron from macrophages.",
    "its name is of one paper": "GYLH001 inhibits the growth of ferritin colonies in the liver of calves.",
    "the answer says what the question says": "Hepcidin oxidase converts hepcidin into ferritin in the liver.",
    "the effect is only called strong": "Hepcidin has a strong effect on the growth of macrophages in calves.",
    "it only supposes": "We hypothesize that hepcidin lowers the release of iron from macrophages of calves.",
    "a pronoun has two that it may stand for": "It lowers the release of iron from macrophages of calves.",
    "it asks itself": "Does hepcidin lower the release of iron from macrophages of calves?",
}


@pytest.mark.parametrize("text", ONE_SENTENCE.values(), ids=ONE_SENTENCE.keys())
def test_that_a_sentence_gives_no_question_where(text: str) -> None:
    made = generate([text + " " + OTHERS[0]], corpus=[PROSE, *OTHERS])[0]
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
    made = generate([text + " " + OTHERS[0]], corpus=[PROSE, LOWER, *OTHERS])[0]
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
        "Hepcidin controls the secretion of ferritin from liver macrophages. "
        "Liver macrophages hold ferritin, and ferritin holds iron."
    )
    made = generate([text + " " + OTHERS[0]], corpus=[text, PROSE, LOWER, *OTHERS])[0]
    queries = [pair.question for pair in made if pair.kind is QuestionKind.KEYWORD]
    assert queries
    assert {word for query in queries for word in query.split()} <= {
        "hepcidin",
        "ferritin",
        "secretion",
        "liver",
        "macrophages",
    }


def test_that_a_heading_gives_the_query_that_its_author_would_type() -> None:
    text = (
        "3. Hepcidin and the Export of Ferritin\n"
        "Ferritin leaves the cell where hepcidin blocks its export. Iron is kept."
    )
    made = generate([text], corpus=[text, PROSE, *OTHERS])[0]
    found = {pair.question.lower(): pair.answer for pair in made if pair.kind is QuestionKind.KEYWORD}
    assert found == {"hepcidin export ferritin": "Ferritin leaves the cell where hepcidin blocks its export."}


def test_that_a_heading_of_every_paper_gives_no_query() -> None:
    text = (
        "2. Materials and Methods of Ferritin\nFerritin leaves the cell where hepcidin blocks its export. Iron is kept."
    )
    made = generate([text], corpus=[text, PROSE, *OTHERS])[0]
    assert [pair.question for pair in made if "materials" in pair.question.lower()] == []
