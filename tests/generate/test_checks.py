"""Checks on pairs: each rule flags what it names and leaves sound pairs alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from embtrainer_gui.core.records import QuestionKind, Reason
from embtrainer_gui.generate.checks import (
    ambiguous,
    check_text,
    copied_share,
    near_duplicate_questions,
    round_trip,
)
from embtrainer_gui.generate.deixis import needs_paper

PASSAGE = (
    "Hepcidin is a peptide hormone that the liver makes in response to inflammation and to high iron concentrations. "
    "It lowers the release of iron from macrophages and the uptake of iron in the duodenum of calves. In patients with "
    "septicemia the concentration of hepcidin was 45 ng/ml, which is more than in healthy adults."
)
ANSWER = "peptide hormone that the liver makes"
REFERENCES = (
    "1. Smith J, Miller AB, Chen X. Hepcidin in calves. J Vet Sci. 2015; 12(3):45-51. doi:10.1000/xyz. "
    "2. Weiss G, Ganz T. Iron and infection. Blood. 2012; 8: 112-120. 3. Ganz T, Nemeth E. Hepcidin. 2011; 4(2):1-9. "
    "4. Drakesmith H, Prentice AM. Iron. Science. 2012; 338: 768. 5. Li Q, Wu F. Sepsis. Lancet. 2019; 3(1):2-8."
)


def reasons(
    question: str, answer: str = ANSWER, passage: str = PASSAGE, kind: QuestionKind = QuestionKind.FACT
) -> set[Reason]:
    return set(check_text(question, answer, passage, kind))


def test_that_a_sound_pair_has_no_reasons() -> None:
    assert reasons("Where does the body produce hepcidin?") == set()


@pytest.mark.parametrize("answer", ["a steroid hormone", "", "  ", "Peptide hormone that the liver makes"])
def test_that_an_answer_that_does_not_occur_verbatim_is_flagged(answer: str) -> None:
    assert reasons("Where does the body produce hepcidin?", answer) == {Reason.QUOTE_MISSING}


def test_that_an_answer_in_other_words_is_as_good_as_its_quote() -> None:
    question, answer = "Where does the body produce hepcidin?", "In the liver."
    quote = "a peptide  hormone that the liver makes"
    assert check_text(question, answer, PASSAGE, QuestionKind.FACT, quote) == []
    assert check_text(question, answer, PASSAGE, QuestionKind.FACT) == [Reason.QUOTE_MISSING]
    assert check_text(question, answer, PASSAGE, QuestionKind.FACT, "a steroid") == [Reason.QUOTE_MISSING]
    assert check_text(question, " ", PASSAGE, QuestionKind.FACT, quote) == [Reason.QUOTE_MISSING]


def test_that_line_ends_in_an_answer_do_not_matter() -> None:
    assert reasons("Where does the body produce hepcidin?", "peptide hormone\nthat the  liver makes") == set()


@pytest.mark.parametrize(
    "question",
    [
        "What is the role of IL-6 according to the given context?",
        "Which drug is mentioned above?",
        "Based on the provided text, what is hepcidin?",
        "What can be inferred from the passage about iron?",
        "Which methods are discussed in the article?",
        "What is stated in the provided information about iron?",
        "What did the researchers find about iron?",
        "What is the purpose of the document?",
        "What did this study find about hepcidin?",
        "What do the authors say about iron?",
        "What does Table 2 show about hepcidin?",
        "What is shown in Fig. 3 for hepcidin?",
        "Which hormone was mentioned above?",
        "What was the aim of the present study?",
        "How did we measure hepcidin?",
        "What did Smith et al. report about iron?",
        "How many patients in the study had septicemia?",
        "What do previous studies say about hepcidin?",
        "What is our view of hepcidin?",
        "According to the passage, where is hepcidin made?",
        "What does the paper conclude about hepcidin?",
        "Which aforementioned hormone lowers iron?",
        "How are these hormones made in the liver?",
        "What is listed in Section 4 on iron?",
        "What is the main finding in the text?",
    ],
)
def test_that_a_question_which_needs_the_paper_is_flagged(question: str) -> None:
    assert Reason.NEEDS_PAPER in reasons(question)


@pytest.mark.parametrize(
    "question",
    [
        "What role do type I interferons play in infection?",
        "How many deaths did influenza cause in the US in 2009?",
        "What is the normal range of hepcidin in blood?",
        "Is body temperature above 38 degrees a sign of infection?",
        "What case fatality rate did SARS have in 2003?",
        "How is a cohort study designed?",
        "Which model predicts the spread of influenza best?",
        "What method measures iron in serum?",
        "Why are animal studies of hepcidin rare?",
        "What is a table of mortality used for?",
        "How is the extract of neem leaves prepared?",
        "What is known of the information processing of neurons?",
        "Which researchers discovered penicillin?",
        "Which genes are reported in the literature?",
    ],
)
def test_that_ordinary_questions_do_not_need_the_paper(question: str) -> None:
    assert not needs_paper(question)


def test_that_a_copied_question_is_flagged_and_a_rewritten_one_is_not() -> None:
    assert Reason.COPIED in reasons("What lowers the release of iron from macrophages and the uptake of iron?")
    assert reasons("How does hepcidin affect the release of iron from macrophages?") == set()


def test_that_the_copied_share_is_the_longest_run_of_whole_words() -> None:
    assert copied_share("What lowers the release of iron?", PASSAGE) == pytest.approx(5 / 6)
    assert copied_share("septicemia inflammation duodenum", PASSAGE) == pytest.approx(1 / 3)
    assert copied_share("mage", PASSAGE) == 0.0


@pytest.mark.parametrize(
    "question",
    [
        "Hepcidin?",
        "Hepcidin is made somewhere in the liver of calves.",
        "Wo wird Hepcidin in der Leber gebildet und warum?",
        "肝臓はヘプシジンを作りますか?",
        "What is " + "very " * 40 + "long?",
    ],
)
def test_that_what_is_no_english_question_is_malformed(question: str) -> None:
    assert Reason.MALFORMED in reasons(question)


def test_that_keyword_queries_need_not_be_questions() -> None:
    assert reasons("hepcidin septicemia calves", kind=QuestionKind.KEYWORD) == set()
    assert Reason.MALFORMED in reasons("hepcidin septicemia calves", kind=QuestionKind.FACT)


PROSE_LIKE_REFERENCES = (
    "Smith J, Miller AB, Chen X. Hepcidin in newborn calves with septicemia. Journal of Veterinary Science 2015; "
    "Weiss G, Ganz TL. Iron metabolism during infection of the blood. Blood 2012; Drakesmith H, Prentice AM. Hepcidin "
    "and the iron infection axis. Science 2012; Li Q, Wu FA. Sepsis in intensive care. Lancet 2019; Nemeth E, Ganz T. "
    "The role of hepcidin in iron metabolism. Acta Haematologica 2009; "
)


@pytest.mark.parametrize(
    "passage", [REFERENCES, PROSE_LIKE_REFERENCES, "| 12 | 0.4 | 33.1 | 0.2 |\n" * 12, "x1 = (a + b) / 2; " * 10]
)
def test_that_references_and_tables_are_bad_passages(passage: str) -> None:
    assert Reason.BAD_PASSAGE in reasons("Where does the body produce hepcidin?", passage[:10], passage)


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    unit_rows: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit_rows


def test_that_the_first_of_look_alike_questions_stays() -> None:
    vectors = unit(np.array([[1, 0, 0], [1, 0.05, 0], [0, 1, 0], [1, 0, 0.02], [0, 0, 1]], dtype=float))
    assert near_duplicate_questions(vectors) == [None, 0, None, 0, None]


def test_that_a_question_which_resembles_only_flagged_ones_stays() -> None:
    angles = np.radians([0, 20, 40])  # cos 20 = 0.94, cos 40 = 0.77
    vectors = unit(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    assert near_duplicate_questions(vectors) == [None, 0, None]


def test_that_blocks_give_what_a_plain_loop_gives() -> None:
    rng = np.random.default_rng(0)
    centres = unit(rng.normal(size=(400, 16)))
    vectors = unit(centres[rng.integers(0, 400, 1300)] + 0.08 * rng.normal(size=(1300, 16)))
    expected: list[int | None] = []
    for row, vector in enumerate(vectors):
        close = np.flatnonzero(vectors[:row] @ vector >= 0.9)
        expected.append(next((int(other) for other in close if expected[other] is None), None))
    assert near_duplicate_questions(vectors) == expected
    assert 0 < sum(row is not None for row in expected) < 1300


def test_that_the_round_trip_takes_either_ranking_and_asks_bm25_only_when_needed() -> None:
    rng = np.random.default_rng(1)
    passages = unit(rng.normal(size=(1000, 32)))
    questions = passages[[3, 4, 5]].copy()
    questions[1] = questions[2] = -passages[4]
    asked: list[int] = []

    def rank(question: int) -> int | None:
        asked.append(question)
        return {1: 10, 2: 11}.get(question)

    assert round_trip(questions, passages, [3, 4, 5], rank) == [True, True, False]
    assert asked == [1, 2]


def test_that_only_a_rival_in_both_rankings_makes_a_question_ambiguous() -> None:
    passages = unit(np.array([[1, 0, 0], [0.7, 0.7, 0], [0, 0, 1], [1, 0.001, 0]], dtype=float))
    questions = unit(np.array([[1, 0.4, 0], [1, 0.4, 0], [0, 0, 1]], dtype=float))

    def scores(question: int) -> NDArray[np.float32]:
        table = [[5, 5, 0, 0], [5, 2, 0, 0], [9, 9, 1, 9]]
        return np.array(table[question], dtype=np.float32)

    rival, *others = ambiguous(questions, passages, [0, 0, 2], scores)
    assert rival is not None
    assert rival[0] == 1
    assert rival[1] == pytest.approx(0.99, abs=0.01)  # of the own score by the vectors
    assert others == [None, None]


def test_that_the_nearest_of_several_rivals_is_told() -> None:
    passages = unit(np.array([[1, 0, 0], [0.8, 0.7, 0], [0.6, 0.8, 0]], dtype=float))
    question = unit(np.array([[1, 0.9, 0]], dtype=float))
    rival = ambiguous(question, passages, [0], lambda _: np.ones(3, dtype=np.float32))[0]
    assert rival is not None
    assert rival[0] == 1
    assert rival[1] > 1


def test_that_copies_of_the_own_passage_are_no_rivals() -> None:
    passages = unit(np.array([[1, 0, 0], [1, 0.001, 0], [0, 1, 0]], dtype=float))
    question = unit(np.array([[1, 0, 0.2]], dtype=float))
    assert ambiguous(question, passages, [0], lambda _: np.ones(3, dtype=np.float32)) == [None]


@pytest.mark.parametrize(("better_by_words", "told"), [(2, True), (3, False)])
def test_that_rivals_say_nothing_where_neither_ranking_knows_the_own_passage(better_by_words: int, told: bool) -> None:
    passages = unit(np.array([[1, 2, 0], [1, 1, 0], [1, 0.5, 0], [1, 0.2, 0], [1, 0, 0]], dtype=float))
    question = unit(np.array([[1, 0, 0]], dtype=float))  # the vectors have the own passage, the first, last
    by_words = np.full(5, 1.0, dtype=np.float32)
    by_words[1 : 1 + better_by_words] = 2.0
    (rival,) = ambiguous(question, passages, [0], lambda _: by_words)
    assert (rival is not None) == told
