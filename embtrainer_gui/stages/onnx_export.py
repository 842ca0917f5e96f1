"""The tuned model for programs without torch: an ONNX graph, and an int8 one where a test of its own allows it.

Both are tried through the very script that is written beside them, on the project's own texts.
"""

from __future__ import annotations

import importlib.util
import json
import runpy
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.model_licence import CARD
from embtrainer_gui.core.new_folder import new_folder
from embtrainer_gui.core.settings import resource_path
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.evaluate import DEPTH, evaluate_ranking
from embtrainer_gui.ml.ranking import rank_passages
from embtrainer_gui.ml.request import DevSet
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.model_card import card_of
from embtrainer_gui.stages.retrieval import Library, ModelChoice, tuned_choice
from embtrainer_gui.stages.training_data import training_data

FILE, SMALL_FILE, LOADER = "model.onnx", "model_int8.onnx", "embed.py"
LEAST_COSINE = 0.9999  # of the graph's vectors with torch's
LEAST_INT8_COSINE, MOST_INT8_LOSS = 0.98, 0.01  # mean cosine; nDCG@10 and recall@10 on the dev questions
CHECKED, MOST_QUESTIONS, MOST_PASSAGES = 48, 200, 300
AT_A_TIME = 16
Vectors = NDArray[np.float32]
Embed = Callable[..., Vectors]


@dataclass(frozen=True, slots=True)
class Int8:
    """What the int8 graph lost and gained against the float one on this computer; ``kept`` if it is in the folder.

    ``questions`` is 0 where the project has no dev questions: then the cosine decides alone.
    """

    kept: bool
    cosine: float
    questions: int
    ndcg_change: float
    recall_change: float
    speed: float
    size: float

    def sentence(self) -> str:
        figures = mark(
            "mean cosine {cosine:.4f}, nDCG@10 {ndcg_change:+.3f} and recall@10 {recall_change:+.3f} on {questions} dev"
            " questions, {speed:.1f} times as fast here, {size:.0%} of the size"
        ).format(**asdict(self))
        if self.kept:
            return mark("The int8 model passed its test: {figures}.").format(figures=figures)
        return mark("The int8 model was left out, it lost too much: {figures}.").format(figures=figures)


def run(ctx: Context, out: Path) -> dict[str, Any]:
    """Write the folder ``out``; gives ``{"as", "path", "items", "cosine", "int8"}``, the last a sentence.

    Raises:
        UserError: no tuned model, one that cannot become ONNX or comes out different, or ``out`` is taken.
        EnvironmentProblem: onnxruntime is missing, or ``out`` cannot be written.
    """
    if importlib.util.find_spec("onnxruntime") is None:
        raise EnvironmentProblem(
            mark("ONNX needs the package onnxruntime, which is not installed."),
            mark("Install it: pip install 'embtrainer[onnx]'"),
        )
    choice = tuned_choice(ctx.project)
    with new_folder(out) as draft:
        ctx.status(mark("Writing the ONNX graph..."))
        _write_float(choice, draft)
        embed: Embed = runpy.run_path(str(draft / LOADER))["embed"]
        cosine = _check(ctx, choice, embed)
        int8 = _try_int8(ctx, draft, embed)
        card = card_of(ctx.project, _USE.format(cosine=cosine, int8=int8), "onnx")
        (draft / CARD).write_text(card, encoding="utf-8")
    return {"as": "onnx", "path": str(out), "items": 1, "cosine": round(cosine, 6), "int8": int8}


def _write_float(choice: ModelChoice, draft: Path) -> None:
    from embtrainer_gui.ml.onnx_graph import write_onnx

    text_input = write_onnx(choice.folder, choice.max_seq_length, draft)
    told = {"file": FILE, **asdict(text_input)}
    (draft / "embedding.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    shutil.copyfile(resource_path("onnx", LOADER), draft / LOADER)


def _check(ctx: Context, choice: ModelChoice, embed: Embed) -> float:
    """The lowest cosine with torch on passages of all lengths, one of them as a question."""
    ctx.status(mark("Comparing the graph with the model..."))
    texts = sorted(Library(ctx.project).texts, key=len)
    chosen = [texts[row] for row in np.linspace(0, len(texts) - 1, min(CHECKED, len(texts))).astype(int)]
    encoder = choice.encoder()
    wanted = np.vstack([encoder.encode_passages(chosen, ctx), encoder.encode_queries(chosen[:1])])
    found = np.vstack([_embedded(embed, chosen), embed(chosen[:1], "query")])
    lowest = float((wanted * found).sum(axis=1).min())
    if not lowest >= LEAST_COSINE:
        raise UserError(
            mark("The ONNX graph gives other vectors than the model (lowest cosine {lowest:.5f}): it is not written."),
            mark("Export it as a sentence-transformers model instead: --as model"),
            lowest=lowest,
        )
    return lowest


def _try_int8(ctx: Context, draft: Path, embed: Embed) -> str:
    """Write the int8 graph where it passes; gives the sentence about it."""
    if importlib.util.find_spec("onnx") is None:
        return mark("No int8 model was tried: that needs the package onnx (pip install 'embtrainer[onnx]').")
    ctx.status(mark("Trying int8..."))
    from onnxruntime import InferenceSession
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(draft / FILE, draft / SMALL_FILE, per_channel=True, weight_type=QuantType.QInt8)
    small = InferenceSession(str(draft / SMALL_FILE))
    share = (draft / SMALL_FILE).stat().st_size / (draft / FILE).stat().st_size
    int8 = _int8(_dev_set(ctx), embed, lambda texts, task="document": embed(texts, task, small), share)
    if not int8.kept:
        (draft / SMALL_FILE).unlink()
    return int8.sentence()


def _dev_set(ctx: Context) -> DevSet:
    """The project's dev questions, some of them; passages alone where it has none."""
    try:
        dev = training_data(ctx.project).dev
    except UserError:  # nothing is accepted any more
        dev = DevSet((), Library(ctx.project).texts)
    some = DevSet(dev.questions[:MOST_QUESTIONS], dev.passages, dev.relevant[:MOST_QUESTIONS])
    return some.limited(MOST_PASSAGES, 0)


def _int8(dev: DevSet, embed: Embed, small: Embed, size: float) -> Int8:
    seconds, passages, means = [], [], []
    for each in (embed, small):
        began = time.perf_counter()
        passages.append(_embedded(each, dev.passages))
        seconds.append(time.perf_counter() - began)
        if dev.questions:
            questions = _embedded(each, dev.questions, "query")
            means.append(evaluate_ranking(rank_passages(questions, passages[-1], DEPTH), dev.relevant).means())
    change = {name: means[1][name] - means[0][name] if means else 0.0 for name in ("ndcg@10", "recall@10")}
    cosine = float((passages[0] * passages[1]).sum(axis=1).mean())
    return Int8(
        kept=cosine >= LEAST_INT8_COSINE and min(change.values()) >= -MOST_INT8_LOSS,
        cosine=cosine,
        questions=len(dev.questions),
        ndcg_change=change["ndcg@10"],
        recall_change=change["recall@10"],
        speed=seconds[0] / seconds[1],
        size=size,
    )


def _embedded(embed: Embed, texts: Sequence[str], task: str = "document") -> Vectors:
    """In small batches of texts of like length, as little is padded."""
    order = np.argsort([len(text) for text in texts], kind="stable")
    rows = [order[start : start + AT_A_TIME] for start in range(0, len(order), AT_A_TIME)]
    parts = np.vstack([embed([texts[row] for row in batch], task) for batch in rows])
    found = np.empty_like(parts)
    found[order] = parts
    return found


_USE = """Token ids in, L2-normalised vectors out: pooling and normalisation are in the graph, batch and length free.
`embed.py` shows the tokenising (needs onnxruntime, tokenizers and numpy, not torch):

```python
from embed import embed

passages = embed(["First passage ...", "Second passage ..."])
question = embed(["What do you want to find?"], "query")
print(question @ passages.T)  # the highest score is the best passage
```

Lowest cosine with the model's own vectors, on passages of the project from the shortest to the longest: {cosine:.6f}.
{int8} To use an int8 model, name it as `file` in `embedding.json`."""
