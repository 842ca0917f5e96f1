"""What a labelled test set keeps out of training: its questions, nearly the same ones, and the text that answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from paired_project import project_of

from embtrainer_gui.core.held_back import alike_passages, alike_questions, held_back_words
from embtrainer_gui.core.shingles import homes
from embtrainer_gui.core.store import open_project, utc_now
from embtrainer_gui.core.workflow import Step, StepState, data_fingerprint, steps

KNOWN = "How is the yield of wet fields measured in spring?"


@pytest.mark.parametrize(
    "question",
    [
        KNOWN,
        "how is the yield of wet field measured in spring",
        "In spring, how was the yield measured of the wet fields?",
    ],
)
def test_that_the_same_question_in_nearly_the_same_words_is_held_back(question: str) -> None:
    assert alike_questions([KNOWN, "Another?"], [question]) == {question}


@pytest.mark.parametrize(
    "question",
    [
        "How is the yield of dry fields measured in spring?",
        "How is the yield of wet fields measured in autumn?",
        "What is the yield?",
        "Why?",
        "",
    ],
)
def test_that_another_question_trains_though_it_is_of_the_same_form(question: str) -> None:
    assert alike_questions([KNOWN], [question]) == set()


def test_that_questions_that_differ_in_a_number_are_two() -> None:
    assert alike_questions(["What is known on farm 1?"], ["What is known on farm 2?"]) == set()
    assert alike_questions(["何ですか?"], ["何ですか?", "誰ですか?"]) == {"何ですか?"}
    assert alike_questions(["What is it?"], ["What is it?", "Who is it?"]) == {"What is it?"}


WORDS = [f"word{number}" for number in range(60)]
HELD = " ".join(WORDS[:40])


def test_that_passages_that_share_half_of_their_text_are_held_back() -> None:
    texts = {
        1: "Another text altogether, about bees and what they eat in the autumn of their lives.",
        2: HELD.upper().replace(" ", "\n"),
        3: " ".join(WORDS[18:58]),  # 22 of 40 words: 18 of 36 shingles
        4: " ".join(WORDS[30:60]),  # 10 words: 6 of 26 shingles
        5: " ".join(WORDS[5:15]),  # a piece of it
        9: "not like it at all, but the very passage",
    }
    assert alike_passages({9: HELD}, texts) == {2, 3, 5, 9}


def test_that_a_text_that_was_cut_elsewhere_is_found_in_the_passage_that_holds_most_of_it() -> None:
    passages = {1: " ".join(WORDS[:30]), 2: " ".join(WORDS[18:55]), 3: "Another text.", 4: " ".join(WORDS[20:54])}
    inside, over, across = " ".join(WORDS[3:19]).upper(), " ".join(WORDS[22:58]), " ".join(WORDS[10:40])
    assert homes([inside, over, across, "", "word3"], passages) == {inside: 1, over: 2}


def test_that_short_and_empty_passages_match_only_as_equals() -> None:
    assert alike_passages({1: "Wet fields.", 2: ""}, {3: "wet fields", 4: "Wet fields grow.", 5: "", 6: "fields"}) == {
        3
    }


def test_that_one_and_many_are_told_in_words() -> None:
    assert held_back_words(1).startswith("One accepted question stays")
    assert held_back_words(7).startswith("7 accepted questions stay")


def test_that_a_model_is_stale_once_a_passage_is_marked_as_right(tmp_path: Path) -> None:
    with open_project(project_of(tmp_path)) as project:
        project.test_sets.mark("What did the run know before?", 3, 1)
        run = project.runs.begin("run-1", {}, data_fingerprint(project), utc_now())
        project.runs.finish(run, "done", {}, utc_now())
        project.test_sets.mark("What is known on farm 1?", 1, 0)
        assert steps(project)[Step.TRAIN].state is StepState.DONE
        project.test_sets.mark("What is known on farm 1?", 2, 1)
        train = steps(project)[Step.TRAIN]
        assert train.state is StepState.STALE
        assert "Test questions" in train.reason
