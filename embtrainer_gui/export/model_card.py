"""The card of a tuned model: what it was made from, what it reached, what nobody measured, and how to load it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from embtrainer_gui.core.general_report import report_of
from embtrainer_gui.core.store.runs import questions_of
from embtrainer_gui.export.methods import methods_text, model_name

LIBRARY = "sentence-transformers"
MODELS = {"base": "untrained", "tuned": "**this model**", "bm25": "BM25", "hybrid": "this model + BM25"}
METRICS = {"ndcg@10": "nDCG@10", "mrr@10": "MRR@10", "recall@1": "R@1", "recall@5": "R@5", "recall@10": "R@10"}
USE = """```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("path/of/this/folder")
passages = ["First passage ...", "Second passage ..."]
question = model.encode_query("What do you want to find?")
print(model.similarity(question, model.encode_document(passages)))  # the highest score is the best passage
```"""


def model_card(record: Mapping[str, Any], licence: str, use: str = USE, library: str = LIBRARY) -> str:
    """The card (``README.md``) from the object of ``stages.project_record``, which holds a training run.

    Args:
        licence: identifier of the base model's licence; "" where it is not known.
        use: how it is loaded, and ``library`` by what.
    """
    sections = [
        ("", _head(record)),
        ("Use", use),
        ("Scores", _scores(record)),
        ("How it was made", methods_text(record).strip()),
        ("Settings", _settings(record["training"])),
        ("What was not measured", _not_measured(record)),
        ("Licence", _licence(record["training"]["config"]["base_model"], licence)),
    ]
    body = "\n\n".join(f"## {title}\n\n{text}" if title else text for title, text in sections)
    return f"---\n{_front_matter(record, licence, library)}---\n\n{body}\n"


def _front_matter(record: Mapping[str, Any], licence: str, library: str) -> str:
    """What the hub reads, as YAML; each value is JSON, which YAML includes."""
    base = record["training"]["config"]["base_model"]
    values: dict[str, Any] = {
        "library_name": library,
        "pipeline_tag": "sentence-similarity",
        "tags": [library, "sentence-similarity", "feature-extraction", "embtrainer"],
        "license": licence or "other",
    }
    if model_name(base) == base:  # a folder of this computer is no name on the hub
        values |= {"base_model": base, "base_model_relation": "finetune"}
    if record["comparison"]:
        values["model-index"] = [{"name": record["project"], "results": [_result(record)]}]
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())


def _result(record: Mapping[str, Any]) -> dict[str, Any]:
    compared = record["comparison"]
    return {
        "task": {"type": "information-retrieval", "name": "Information Retrieval"},
        "dataset": {"type": "private", "name": f"{compared['queries']} questions on unseen papers of the project"},
        "metrics": [
            {"type": metric, "value": compared["models"]["tuned"][metric], "name": name}
            for metric, name in METRICS.items()
        ],
    }


def _head(record: Mapping[str, Any]) -> str:
    training = record["training"]
    return (
        f"# {record['project']}\n\n"
        "A sentence-embedding model for search over the papers of one field. It is"
        f" {model_name(training['config']['base_model'])}, trained further on {questions_of(training):,} questions"
        f" about {record['data']['documents']:,} papers with Embedding Trainer {record['versions']['embtrainer']}."
        " Vectors are L2-normalised: compare them by the cosine."
    )


def _scores(record: Mapping[str, Any]) -> str:
    return "\n\n".join(
        [
            *(_comparison(record["comparison"]) if record["comparison"] else [_UNCOMPARED]),
            _dev(record["training"]),
            _general(record["training"]),
        ]
    )


def _comparison(result: Mapping[str, Any]) -> Iterator[str]:
    low, high = result["ci95"]
    yield (
        f"On {result['queries']:,} questions about papers that training never saw, searching {result['passages']:,}"
        f" passages: **{result['verdict']}**, nDCG@10 {result['delta']:+.3f} (95 % bootstrap interval over papers"
        f" {low:+.3f} to {high:+.3f})."
    )
    lines = ["| | " + " | ".join(METRICS.values()) + " | 95 % of nDCG@10 |", "|---" * (len(METRICS) + 2) + "|"]
    for name, values in result["models"].items():
        bounds = result.get("intervals", {}).get(name)
        interval = f"{bounds[0]:.3f} to {bounds[1]:.3f}" if bounds else "-"
        cells = [MODELS.get(name, name), *(f"{values[metric]:.3f}" for metric in METRICS), interval]
        lines.append("| " + " | ".join(cells) + " |")
    yield "\n".join(lines)


def _dev(training: Mapping[str, Any]) -> str:
    dev = training.get("dev") or {}
    if not (dev.get("base") and dev.get("best")):
        return "There were no development questions to choose the checkpoint by."
    base, best = dev["base"]["ndcg@10"], dev["best"]["ndcg@10"]
    return (
        f"On the development questions nDCG@10 went from {base:.3f} to {best:.3f}. The model was chosen by them, so"
        " this flatters it."
    )


def _general(training: Mapping[str, Any]) -> str:
    report = report_of(training)
    return report.sentence() if report else "What it forgot outside its field was not measured."


def _settings(training: Mapping[str, Any]) -> str:
    config = {**training["config"], "base_model": model_name(training["config"]["base_model"])}
    return "```json\n" + json.dumps(config, indent=2, ensure_ascii=False) + "\n```"


def _not_measured(record: Mapping[str, Any]) -> str:
    made = record["data"]["accepted_by_source"]
    by_people = sum(count for source, count in made.items() if source.partition(" ")[0] == "hand")
    items = [
        f"Questions that people ask: of {sum(made.values()):,} accepted questions, {by_people:,} were written by hand;"
        " the others came from a generator or a file and may share words with their passage.",
        "Papers of other fields and other languages, beyond the general questions above.",
        "Tasks other than search: clustering, classification, duplicates.",
        "Bias: what is over- or underrepresented in these papers is so in the model.",
    ]
    if not record["comparison"]:
        items.insert(0, "Whether it finds more on unseen papers than the untrained model: nobody compared them.")
    return "\n".join(f"- {item}" for item in items)


def _licence(base_model: str, licence: str) -> str:
    name = model_name(base_model)
    said = f"is under {licence}" if licence else "does not say its licence here: look it up before you share this one"
    return f"The base model {name} {said}. The papers have licences of their own; no text of them is in this folder."


_UNCOMPARED = "It has not been compared with the untrained model on unseen papers."
