"""Cut the blocks of a paper into passages at sentence ends, measured in the base model's tokens."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from embtrainer_gui.core.records import SEARCHED_KINDS, Block, BlockKind, Box, PassageDraft
from embtrainer_gui.text.sentences import sentence_spans, split_span

CountTokens = Callable[[Sequence[str]], list[int]]

_HEADS = frozenset({BlockKind.TITLE, BlockKind.HEADING})  # stand above the first passage of what they head
_APART = frozenset({BlockKind.REFERENCE, BlockKind.ACKNOWLEDGEMENT})  # their heading heads nothing that is searched
_RUNNING = frozenset({BlockKind.BODY, BlockKind.LIST})  # may stand in one passage
_LONGEST_UNIT = 600  # characters of a block outside the running text that is kept whole (one reference, one row)
_OVER_TARGET = 3.0  # a passage that is too long costs more than one that is too short
_MID_PARAGRAPH = 0.03  # of two cuts nearly as good, take the one between paragraphs


@dataclass(slots=True)
class _Unit:
    """A sentence, a part of one that is too long, or a short block: ``blocks[block].text[start:end]``."""

    block: int
    start: int
    end: int
    ends_paragraph: bool
    tokens: int = 0  # without the special tokens


def cut(
    blocks: Sequence[Block], count_tokens: CountTokens, target: int, limit: int, *, adds_up: bool = False
) -> list[PassageDraft]:
    """The passages of a document in reading order; titles and headings begin the first passage of their section.

    A passage has about ``target`` tokens and never more than ``limit`` (both with the special tokens, as
    ``count_tokens`` gives them). It ends with a sentence, unless one sentence alone is over the limit: that is split
    at clauses, else words, else characters. Its text is a verbatim slice of each of its blocks, joined by a newline.
    It keeps to one section and one kind (body text may hold lists); each caption stands alone, and what stands between
    two paragraphs of a section does not part them. Sizes are balanced, so that no small rest is left where
    that can be avoided. The lines of a block must be in order.

    Args:
        adds_up: a text has as many tokens as its sentences, so that passages need not be counted again.
    """
    specials = count_tokens([""])[0]
    room, aim = limit - specials, min(target, limit) - specials

    def measure(units: Sequence[_Unit]) -> None:
        counts = count_tokens([blocks[unit.block].text[unit.start : unit.end] for unit in units])
        for unit, count in zip(units, counts, strict=True):
            unit.tokens = count - specials

    runs = _runs(blocks)
    measure([unit for run in runs for unit in run])
    pieces = [piece for run in runs for piece in _pack(_split_long(run, blocks, measure, aim, room), aim, room)]
    drafts = []
    while pieces:  # once, unless the tokens of joined sentences are more than their sum
        texts = [_text(piece, blocks) for piece in pieces]
        if adds_up and not any(_cuts_word(piece, blocks) for piece in pieces):
            counts = [specials + sum([unit.tokens for unit in piece]) for piece in pieces]
        else:
            counts = count_tokens(texts)
        over = []
        for piece, text, count in zip(pieces, texts, counts, strict=True):
            if count > limit and len(piece) > 1:
                over += [piece[: len(piece) // 2], piece[len(piece) // 2 :]]
            else:
                drafts.append((piece, text, count))
        pieces = over
    drafts.sort(key=lambda draft: (draft[0][0].block, draft[0][0].start))
    return [_draft(piece, text, blocks, count) for piece, text, count in drafts]


def _cuts_word(units: Sequence[_Unit], blocks: Sequence[Block]) -> bool:
    """Whether two units may be parted inside a word: no plain white space stands between them."""
    return any(a.block == b.block and blocks[a.block].text[a.end] not in " \n" for a, b in pairwise(units))


def _runs(blocks: Sequence[Block]) -> list[list[_Unit]]:
    """The sentences that may be packed together, in the order in which each run begins."""
    runs: list[list[_Unit]] = []
    opened: dict[tuple[str, object], list[_Unit]] = {}
    heads: list[_Unit] = []
    section = ""
    for number, block in enumerate(blocks):
        main = block.kind in SEARCHED_KINDS
        if block.kind == BlockKind.HEADING or (main and block.section != section):
            opened.clear()
            section = block.section
        if block.kind in _HEADS:
            heads += [_Unit(number, start, end, False) for start, end in _whole(block)]
            continue
        if block.kind in _APART:
            heads = []
        if block.kind == BlockKind.CAPTION:
            opened.pop((block.section, BlockKind.TABLE), None)  # the next rows are another table's
        spans = _spans(block)
        key = (block.section, number if block.kind == BlockKind.CAPTION else _group(block.kind))
        if spans and key not in opened:
            opened[key], heads = (heads, []) if main else ([], heads)
            runs.append(opened[key])
        for start, end in spans:
            opened[key].append(_Unit(number, start, end, end == spans[-1][1]))
    return runs


def _group(kind: BlockKind) -> object:
    return _RUNNING if kind in _RUNNING else kind


def _spans(block: Block) -> list[tuple[int, int]]:
    if block.kind in SEARCHED_KINDS or len(block.text) > _LONGEST_UNIT:
        return sentence_spans(block.text)
    return _whole(block)


def _whole(block: Block) -> list[tuple[int, int]]:
    text = block.text
    start = len(text) - len(text.lstrip())
    return [(start, len(text.rstrip()))] if start < len(text) else []


def _split_long(
    units: list[_Unit], blocks: Sequence[Block], measure: Callable[[Sequence[_Unit]], None], aim: int, room: int
) -> list[_Unit]:
    """The units with each that has no room in a passage split into about equal parts that have."""
    while any(unit.tokens > room and unit.end - unit.start > 1 for unit in units):
        kept: list[_Unit] = []
        parts: list[_Unit] = []
        for unit in units:
            if unit.tokens <= room or unit.end - unit.start <= 1:
                kept.append(unit)
                continue
            spans = split_span(blocks[unit.block].text, unit.start, unit.end, max(2, ceil(unit.tokens / aim)))
            new = [_Unit(unit.block, start, end, False) for start, end in spans]
            new[-1].ends_paragraph = unit.ends_paragraph
            parts += new
            kept += new
        measure(parts)
        units = kept
    return units


def _pack(units: list[_Unit], aim: int, room: int) -> list[list[_Unit]]:
    """The best cuts by dynamic programming: least squared distance from ``aim``, best between paragraphs."""
    sizes = [unit.tokens for unit in units]
    if sum(sizes) <= aim:
        return [units]
    best, previous = [0.0], [0]
    for last in range(1, len(units) + 1):
        size, least, where = 0, float("inf"), last - 1
        for first in range(last - 1, -1, -1):
            size += sizes[first]
            if size > room and first < last - 1:
                break
            off = (size - aim) / aim
            worth = off * off if off < 0 else _OVER_TARGET * off * off
            if off > 0 and worth >= least:
                break  # and it grows with every further unit
            cost = best[first] + worth
            if cost < least:
                least, where = cost, first
        best.append(least if units[last - 1].ends_paragraph else least + _MID_PARAGRAPH)
        previous.append(where)
    cuts, end = [], len(units)
    while end:
        cuts.append(units[previous[end] : end])
        end = previous[end]
    return cuts[::-1]


def _slices(units: Sequence[_Unit]) -> list[tuple[int, int, int]]:
    """``(block, start, end)`` of what the units take of each block."""
    found = []
    block, start, end = units[0].block, units[0].start, units[0].end
    for unit in units:
        if unit.block != block:
            found.append((block, start, end))
            block, start = unit.block, unit.start
        end = unit.end
    found.append((block, start, end))
    return found


def _text(units: Sequence[_Unit], blocks: Sequence[Block]) -> str:
    return "\n".join(blocks[block].text[start:end] for block, start, end in _slices(units))


def _draft(units: Sequence[_Unit], text: str, blocks: Sequence[Block], tokens: int) -> PassageDraft:
    boxes: list[Box] = []
    slices = _slices(units)
    for number, start, end in slices:
        lines = blocks[number].lines
        begin = bisect_right(lines, start, key=lambda line: line.end)
        boxes += [line.box for line in lines[begin : bisect_left(lines, end, key=lambda line: line.start)]]
    whole = [blocks[number] for number, _, _ in slices]
    own = [block for block in whole if block.kind not in _HEADS] or whole[:1]
    kinds = {block.kind for block in own}
    first = own[0]
    return PassageDraft(
        text=text,
        kind=BlockKind.BODY if BlockKind.BODY in kinds else first.kind,
        section=first.section,
        page=boxes[0][0] if boxes else first.page,
        boxes=merge_boxes(boxes),
        tokens=tokens,
    )


def merge_boxes(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """The boxes of lines in reading order as few rectangles: one for each run of lines in a column of a page."""
    if not boxes:
        return ()
    merged: list[Box] = []
    page, left, top, right, foot = boxes[0]
    for number, x0, y0, x1, y1 in boxes[1:]:
        height = y1 - y0 if y1 - y0 > 1.0 else 1.0
        overlap = (right if right < x1 else x1) - (left if left > x0 else x0)
        below = y0 - foot
        # under it in the same column, or beside it on the same line
        if number == page and (
            (overlap > 0 and -0.6 * height <= below <= 1.2 * height)
            or (overlap > -2 * height and below >= -1.6 * height and y1 <= foot + 0.6 * height)
        ):
            left, top = left if left < x0 else x0, top if top < y0 else y0
            right, foot = right if right > x1 else x1, foot if foot > y1 else y1
        else:
            merged.append(_rounded(page, left, top, right, foot))
            page, left, top, right, foot = number, x0, y0, x1, y1
    return (*merged, _rounded(page, left, top, right, foot))


def _rounded(page: int, x0: float, y0: float, x1: float, y1: float) -> Box:
    return page, round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1)
