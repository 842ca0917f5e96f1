"""What the fields of the configs are called in a form, and what is wrong with a value, in plain English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic.fields import FieldInfo
from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.translate import mark
from embtrainer_gui.gui.extractor_words import LABELS as EXTRACTORS

LABELS: Mapping[str, str] = {
    "base_model": mark("Model to start from"),
    "loss": mark("Training goal"),
    "hard_negatives": mark("Hard negatives a question"),
    "negative_margin": mark("Margin of hard negatives"),
    "random_negatives": mark("Random negatives a question"),
    "contrastive_margin": mark("Contrastive margin"),
    "epochs": mark("Passes over the passages"),
    "soup": mark("Rounds that are averaged"),
    "batch_size": mark("Passages in a batch"),
    "learning_rate": mark("Learning rate"),
    "warmup_ratio": mark("Warm-up, share of steps"),
    "layer_decay": mark("Learning rate of lower layers"),
    "remember": mark("Keep what the model knew"),
    "lexical": mark("Value rare words"),
    "average_from": mark("Average weights from"),
    "weight_decay": mark("Weight decay"),
    "max_grad_norm": mark("Longest gradient"),
    "scale": mark("Scale of the cosine"),
    "query_prompt": mark("Before each question"),
    "passage_prompt": mark("Before each passage"),
    "answer_weight": mark("Weight of answers"),
    "title_weight": mark("Weight of titles"),
    "excerpt_weight": mark("Weight of excerpts"),
    "stand_ins": mark("Phrases of passages without a question"),
    "matryoshka": mark("Shorter vectors"),
    "lora_rank": mark("Rank of adapters (LoRA)"),
    "max_seq_length": mark("Longest text, in tokens"),
    "launch": mark("Launch with"),
    "evaluations": mark("Checks during the run"),
    "checkpoints": mark("Checkpoints to keep"),
    "seed": mark("Seed"),
    "passage_tokens": mark("Passage length, in tokens"),
    "max_tokens": mark("Longest passage, in tokens"),
    "include": mark("Further parts to search"),
    "workers": mark("Reading processes"),
    "file_seconds": mark("Time for one file, in seconds"),
    "page_seconds": mark("Time for one page, in seconds"),
    "memory_mb": mark("Memory of a reading process, in MB"),
    "max_pages": mark("Most pages of a file"),
    "max_characters": mark("Most characters of a file"),
    "max_file_mb": mark("Largest file, in MB"),
    "extractor": mark("Read PDFs by"),
    "pages": mark("Pages to read"),
    "recognition_seconds": mark("Time for a recognised page, in seconds"),
    "grobid_url": mark("GROBID server"),
    "vision_url": mark("Vision server"),
    "vision_model": mark("Vision model"),
    "vision_dpi": mark("Resolution of page pictures, in dpi"),
    "vision_quality": mark("Least quality of a page"),
    "vision_retries": mark("Further tries of a page"),
    "backend": mark("What writes the questions"),
    "wording": mark("How they read"),
    "per_passage": mark("Most questions of a passage"),
    "base_url": mark("Address of the server"),
    "kinds": mark("Kinds of questions"),
    "prompt": mark("Prompt"),
    "examples": mark("Example questions"),
    "judge": mark("Let the server judge"),
    "judge_mark": mark("Lowest mark that passes"),
    "judge_model": mark("Model that judges"),
    "price_in": mark("Price of a million tokens sent"),
    "price_out": mark("Price of a million received"),
    "temperature": mark("Temperature"),
    "reply_tokens": mark("Longest reply, in tokens"),
    "context_tokens": mark("Context length, in tokens"),
    "concurrency": mark("Requests at the same time"),
    "attempts": mark("Tries of a passage"),
    "request_seconds": mark("Longest wait, in seconds"),
    "train": mark("Share of papers to train on"),
    "dev": mark("Share of papers to choose by"),
    "top": mark("Hits to rank"),
    "resamples": mark("Resamples"),
    "model": mark("Model"),
    "over": mark("Search in"),
    "paper": mark("Only papers named"),
    "section": mark("Only sections named"),
    "year_from": mark("From year"),
    "year_to": mark("To year"),
    "most": mark("Most passages on the map"),
    "clusters": mark("Clusters"),
    "least": mark("Least similarity"),
    "theme": mark("Colours"),
    "threads": mark("Processors"),
    "projects_folder": mark("New projects"),
    "models": mark("Models to compare"),
    "language": mark("Language"),
    "device": mark("Compute on"),
    "servers": mark("Servers"),
    "review_keys": mark("Keys of the review"),
}
CHOICES: Mapping[str, str] = {
    "builtin": mark("Built-in (basic, no server)"),
    "any": mark("Many questions"),
    "careful": mark("Careful wording"),
    "ollama": mark("Ollama"),
    "openai": mark("Server (OpenAI-compatible)"),
    "MultipleNegativesRankingLoss": mark("Multiple negatives (MNRL)"),
    "ContrastiveLoss": mark("Contrastive"),
    "OnlineContrastiveLoss": mark("Online contrastive"),
    "CosineSimilarityLoss": mark("Cosine similarity"),
    "base": mark("Untrained model"),
    "tuned": mark("Tuned model"),
    "bm25": mark("Plain words (BM25)"),
    "hybrid": mark("Both together"),
    "passages": mark("Passages"),
    "answers": mark("Answers of accepted questions"),
    "system": mark("As the system"),
    "auto": mark("Graphics card where there is one"),
    "en": mark("English"),
    "caption": mark("Captions"),
    "table": mark("Tables"),
    "formula": mark("Formulas"),
    "code": mark("Code"),
    "footnote": mark("Footnotes"),
    "front": mark("Authors and dates"),
    "acknowledgement": mark("Acknowledgements"),
    "reference": mark("References"),
}
_WORDS = (
    mark("Type a whole number."),
    mark("Type a number."),
    mark("Type something here."),
    mark("It must be at least {low}."),
    mark("It must be more than {low}."),
    mark("It must be at most {high}."),
    mark("It must be less than {high}."),
)


def field_label(name: str) -> str:
    return _translated(LABELS.get(name, name.replace("_", " ").capitalize()))


def choice_label(value: Any, choices: Sequence[Any] = ()) -> str:
    """``choices``: all of them, as some words mean something else among others."""
    words = EXTRACTORS if "ocr" in choices else CHOICES
    return _translated(words.get(str(value), str(value)))


def field_help(field: FieldInfo) -> str:
    return _translated(field.description or "")


def bounds(field: FieldInfo) -> dict[str, float]:
    """``ge``, ``gt``, ``le`` and ``lt`` of a number, as far as there are any."""
    found = {}
    for constraint in field.metadata:
        for kind in ("ge", "gt", "le", "lt"):
            limit = getattr(constraint, kind, None)
            if limit is not None:
                found[kind] = limit
    return found


def number_text(value: float) -> str:
    """As a person writes it: 0.00005, not 5e-05."""
    return str(value) if isinstance(value, int) else f"{value:.12f}".rstrip("0").rstrip(".")


def fault_words(kind: str, context: Mapping[str, Any], message: str) -> str:
    """One sentence for what pydantic says about a value: its type of error, its ``ctx`` and its own words."""
    templates = {
        "int_parsing": _WORDS[0],
        "int_type": _WORDS[0],
        "int_from_float": _WORDS[0],
        "float_parsing": _WORDS[1],
        "float_type": _WORDS[1],
        "finite_number": _WORDS[1],
        "string_too_short": _WORDS[2],
        "greater_than_equal": _WORDS[3],
        "greater_than": _WORDS[4],
        "less_than_equal": _WORDS[5],
        "less_than": _WORDS[6],
    }
    if kind not in templates:
        return message
    low, high = (_limit(context, *names) for names in (("ge", "gt"), ("le", "lt")))
    return _translated(templates[kind]).format(low=low, high=high)


def _limit(context: Mapping[str, Any], *names: str) -> str:
    return next((number_text(context[name]) for name in names if name in context), "")


def _translated(text: str) -> str:
    return QCoreApplication.translate("core", text) if text else ""
