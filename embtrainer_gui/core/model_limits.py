"""What a model's ``config.json`` says of its size, whatever names its family gives the keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OFFSET_FAMILIES = ("roberta", "xlm-roberta", "camembert", "mpnet", "longformer")
"""They number positions from the padding token's number + 1, so that many of the first are never used."""


def most_tokens(config: Mapping[str, Any]) -> int | None:
    """Tokens that the model can read at once; None where its positions have no end."""
    positions = config.get("max_position_embeddings", config.get("n_positions"))
    if not isinstance(positions, int) or positions <= 0:
        return None
    if config.get("model_type") not in OFFSET_FAMILIES:
        return positions
    padding = config.get("pad_token_id")
    return positions - (padding if isinstance(padding, int) else 1) - 1


def hidden_size(config: Mapping[str, Any]) -> int | None:
    """Width of the token vectors."""
    found = next((config[key] for key in ("hidden_size", "dim", "d_model", "n_embd") if key in config), None)
    return found if isinstance(found, int) else None


def layer_count(config: Mapping[str, Any]) -> int | None:
    found = config.get("num_hidden_layers", config.get("n_layers"))
    return found if isinstance(found, int) else None
