"""The methods paragraph: how the model was made and what it reached, in the sentences of a paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from embtrainer_gui.core.loss_fields import LABELLED, hard_negatives

MADE_BY = {
    "builtin": "a rule-based generator over dependency parses",
    "builtin (basic, careful wording)": "a rule-based generator over dependency parses, in careful wording",
    "hand": "the authors by hand",
    "import": "an imported set",
}
READ_BY = {
    "text": "from the text of their PDFs",
    "txt": "from text files",
    "layout": "with a layout network",
    "ocr": "by optical character recognition",
    "text+ocr": "from the text of their PDFs and by optical character recognition",
    "text+layout": "from the text of their PDFs and with a layout network",
    "grobid": "by GROBID",
    "tei": "from GROBID's TEI",
    "vision": "by a vision language model",
    "docling": "by docling",
    "corpus": "from a prepared corpus",
}
LOSSES = {
    "MultipleNegativesRankingLoss": "the multiple negatives ranking loss (in-batch negatives)",
    "ContrastiveLoss": "the contrastive loss",
    "OnlineContrastiveLoss": "the online contrastive loss",
    "CosineSimilarityLoss": "the cosine similarity loss (graded by the untrained model's cosines)",
}
VERDICTS = {
    "BETTER": "The tuned model ranked the passages better",
    "WORSE": "The tuned model ranked the passages worse",
    "NO CLEAR DIFFERENCE": "There was no clear difference between the two models",
}


def methods_text(record: Mapping[str, Any]) -> str:
    """Five sentences or more from the object of ``stages.project_record``, which holds a training run."""
    parts = [_data(record), _split(record), _training(record["training"])]
    parts += [_stand_ins(record["training"]), *_beside_the_loss(record["training"]["config"])]
    parts += [_choice(record["training"])]
    parts += [_comparison(record["comparison"]) if record["comparison"] else _NOT_COMPARED, _software(record)]
    return " ".join(part for part in parts if part) + "\n"


def _data(record: Mapping[str, Any]) -> str:
    data = record["data"]
    made = _listed([f"{_made_by(source)} ({count:,})" for source, count in data["accepted_by_source"].items()])
    accepted, rejected = data["questions"]["accepted"], data["questions"]["rejected"]
    recipe = record.get("recipe") or {}
    length = (recipe.get("import") or {}).get("passage_tokens")
    of_length = f" of about {length} tokens" if length else ""
    return (
        f"The corpus consists of {data['documents']:,} papers{_reading(data)}, cut into {data['passages']:,} passages"
        f"{of_length} that do not cross section borders. Of the questions on these passages, {accepted:,} were accepted"
        f" and {rejected:,} rejected{_deciding(recipe, accepted + rejected)}; the accepted ones were made by {made}."
    )


def _reading(data: Mapping[str, Any]) -> str:
    """How the text was got, where it is known and not from the files' own text alone."""
    named = [f"{READ_BY[by]} ({count:,})" for by, count in data.get("read_by", {}).items() if by in READ_BY]
    return f" (read {_listed(named)})" if any(by not in ("text", "txt") for by in data.get("read_by", {})) else ""


def _deciding(recipe: Mapping[str, Any], decided: int) -> str:
    if "by_hand" not in recipe or not decided:
        return ""
    by_hand = recipe["by_hand"]
    if not by_hand:
        return " by automatic checks alone"
    return f", {by_hand:,} of them by reading" if by_hand < decided else ", each by reading"


def _split(record: Mapping[str, Any]) -> str:
    split, questions = record["split"], record["data"]["accepted_by_split"]
    shares = _listed([f"{split[name]:,} for {_USE[name]} ({questions[name]:,} questions)" for name in _USE])
    return (
        f"Whole papers, with near-duplicate ones kept together, were divided at random (seed {split['seed']})"
        f" into {shares}."
    )


def _training(training: Mapping[str, Any]) -> str:
    config = training["config"]
    loss = LOSSES.get(config["loss"], config["loss"])
    return (
        f"Starting from {_start(training)}, we trained on {training['pairs']:,} question-passage pairs"
        f" with {loss}{_wrong_passages(training)}, batches of {config['batch_size']} distinct passages,"
        f" {_counted(config['epochs'], 'epoch')} ({training['steps']:,} steps), a peak learning rate of"
        f" {config['learning_rate']:g} with linear warm-up over {config['warmup_ratio']:.0%} of the steps,"
        f" weight decay {config['weight_decay']:g}, gradients clipped at {config['max_grad_norm']:g}, texts of at most"
        f" {config['max_seq_length']} tokens, and seed {config['seed']}."
    )


def _stand_ins(training: Mapping[str, Any]) -> str:
    count = training.get("stand_ins", 0)
    return f"Of these pairs, {count:,} join a passage without a question and a phrase cut out of it." if count else ""


def _beside_the_loss(config: Mapping[str, Any]) -> list[str]:
    """Sentences on what else shaped the weights; a run of an earlier version lacks some of the fields."""
    found = []
    if config.get("soup", 1) > 1:
        found.append(f"The weights are the average of {config['soup']} such rounds from the same start (a model soup).")
    if config.get("layer_decay", 1) < 1:
        found.append(
            f"Each layer learned at {config['layer_decay']:g} times the rate of the one above it, the embeddings too."
        )
    teachers = {
        "remember": "of the untrained model, against forgetting",
        "lexical": "of BM25, for the weight of rare words",
    }
    named = [f"{words} (weight {config[name]:g})" for name, words in teachers.items() if config.get(name)]
    if named:
        found.append(
            "To the loss was added the Kullback-Leibler divergence from the ranking of the batch's passages for general"
            f" questions (templates filled with words of the passages): that {_listed(named)}."
        )
    parts = {
        "answer_weight": "questions with their answers",
        "title_weight": "titles of papers with their abstracts",
        "excerpt_weight": "excerpts of passages with their passages",
    }
    beside = [f"{words} (weight {config[name]:g})" for name, words in parts.items() if config.get(name)]
    if beside:
        found.append(f"The multiple negatives ranking loss of {_listed(beside)} was added to the loss.")
    prompts = {"query_prompt": "question", "passage_prompt": "passage"}
    before = [f'"{config[name]}" before each {noun}' for name, noun in prompts.items() if config.get(name)]
    if before:
        found.append(f"Here and in all searches, the model read {_listed(before)}.")
    if config.get("matryoshka"):
        sizes = _listed([str(size) for size in config["matryoshka"]])
        found.append(f"The loss was averaged over the whole vectors and their first {sizes} dimensions (Matryoshka).")
    if config.get("lora_rank"):
        found.append(f"Only adapters of rank {config['lora_rank']} were trained (LoRA) and merged into the weights.")
    if config.get("average_from", 1) < 1:
        whole = "each round" if config.get("soup", 1) > 1 else "the run"
        found.append(f"The weights of all steps after {config['average_from']:.0%} of {whole} were averaged.")
    return found


def _wrong_passages(training: Mapping[str, Any]) -> str:
    """What stands between the loss and the batches: its scale, and where its wrong passages come from."""
    config, hard = training["config"], training.get("hard_negatives")
    labelled = config["loss"] in LABELLED
    found = "" if labelled else f", a cosine scale of {config['scale']:g}"
    if hard and hard["kept"]:
        found += (
            f", up to {hard_negatives(config)} hard negatives a question (found by the untrained model and BM25, each"
            f" scoring at least {hard['margin']:.0%} less than the right passage)"
        )
    if labelled and config["random_negatives"]:
        found += f", {config['random_negatives']} random negatives a question"
    return found


def _choice(training: Mapping[str, Any]) -> str:
    dev, share = training.get("dev") or {}, training["share_of_tuned_weights"]
    scores = ""
    if dev.get("base") and dev.get("best"):
        scores = f" (from {dev['base']['ndcg@10']:.3f} to {dev['best']['ndcg@10']:.3f})"
    start = "model that it started from" if training.get("lineage") else "untrained model"
    mixture = f", and its weights were averaged with those of the {start} (share {share:g})" if 0 < share < 1 else ""
    step = training["best_step"]
    return f"The checkpoint of step {step} was chosen by nDCG@10 on the development papers{scores}{mixture}."


def _comparison(result: Mapping[str, Any]) -> str:
    base, tuned = (result["models"][name] for name in ("base", "tuned"))
    low, high = result["ci95"]
    papers = f" about {_counted(result['papers'], 'paper')} that training never saw" if "papers" in result else ""
    others = _listed(
        [
            f"{label} {result['models'][name]['ndcg@10']:.3f}"
            for name, label in _OTHERS.items()
            if name in result["models"]
        ]
    )
    return (
        f"{VERDICTS[result['verdict']]}: on {result['queries']:,} test questions{papers}, searching all"
        f" {result['passages']:,} passages, nDCG@10 went from {base['ndcg@10']:.3f} to {tuned['ndcg@10']:.3f}"
        f" (difference {result['delta']:+.3f}, 95 % bootstrap interval over papers {low:+.3f} to {high:+.3f}), MRR@10"
        f" from {base['mrr@10']:.3f} to {tuned['mrr@10']:.3f} and recall@10 from {base['recall@10']:.3f} to"
        f" {tuned['recall@10']:.3f}" + (f"; for comparison, nDCG@10 was {others}." if others else ".")
    )


def _software(record: Mapping[str, Any]) -> str:
    now, then = record["versions"], record["training"]["versions"]
    named = {
        "PyTorch": then.get("pytorch") or now.get("torch", ""),
        "transformers": then.get("transformers") or now.get("transformers", ""),
        "sentence-transformers": then.get("sentence_transformers") or now.get("sentence-transformers", ""),
        "Python": now.get("python", ""),
    }
    versions = ", ".join(f"{name} {version}" for name, version in named.items() if version)
    return f"All of this was done with Embedding Trainer {now['embtrainer']} ({versions})."


_USE = {"train": "training", "dev": "choosing the checkpoint", "test": "the final test"}
_OTHERS = {"bm25": "BM25", "hybrid": "the rank fusion of BM25 and the tuned model"}
_NOT_COMPARED = "The model has not been compared with the untrained one on the test papers as they are now."


def _made_by(source: str) -> str:
    known = MADE_BY.get(source) or MADE_BY.get(source.partition(" ")[0])  # "builtin (basic)"
    return known or f"the language model {source}"


def model_name(model: str) -> str:
    """A model's name; of a folder only its last part, since a path says nothing in a paper."""
    parts = model.replace("\\", "/").rstrip("/").split("/")
    return model if len(parts) <= 2 and not model.startswith(("/", "~", ".")) else parts[-1]


def _start(training: Mapping[str, Any]) -> str:
    lineage = training.get("lineage")
    if not lineage:
        return model_name(training["config"]["base_model"])
    runs = [str(run["run"]) for run in lineage["runs"]]
    return f"{model_name(lineage['original'])} as tuned by {', then '.join(runs)}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _listed(items: list[str]) -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
