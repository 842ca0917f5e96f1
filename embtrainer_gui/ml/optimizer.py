"""AdamW, and its state as plain tensors (no pickle)."""

from __future__ import annotations

import re

import torch
from torch import Tensor, nn

from embtrainer_gui.core.config import TrainConfig

_LAYER = re.compile(r"\b(?:layers?|h|blocks?)\.(\d+)\.")  # as the models of transformers name them
STATE = ("step", "exp_avg", "exp_avg_sq")


def adamw(model: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """Fused AdamW; biases and layer norms (one-dimensional parameters) do not decay.

    Each group has the ``share`` of the learning rate of its layer.
    """
    groups: dict[tuple[bool, float], list[nn.Parameter]] = {}
    for (_, parameter), share in zip(_trained(model), layer_shares(model, config.layer_decay), strict=True):
        groups.setdefault((parameter.ndim > 1, share), []).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": found, "weight_decay": config.weight_decay if decays else 0.0, "share": share}
            for (decays, share), found in groups.items()
        ],
        lr=config.learning_rate,
        fused=True,
    )


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """``rate`` for the highest layers, and its share for those below."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]


def layer_shares(model: nn.Module, decay: float) -> list[float]:
    """The share of the learning rate of each trained parameter: ``decay`` once for each step down from what follows
    the last layer to the embeddings (Howard and Ruder 2018, arXiv 1801.06146). 1 where a model names no layers.
    """
    places = [_place(name) for name, _ in _trained(model)]
    top = max((place for place in places if place is not None), default=0)
    if not top:
        return [1.0] * len(places)
    return [1.0 if place is None else decay ** (top + 1 - place) for place in places]


def _trained(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]


def _place(name: str) -> int | None:
    """0 for the embeddings, 1 for the lowest layer; None for what belongs to neither."""
    layer = _LAYER.search(name)
    if layer:
        return int(layer.group(1)) + 1
    return 0 if "embed" in name else None


def optimizer_tensors(optimizer: torch.optim.Optimizer, model: nn.Module) -> dict[str, Tensor]:
    """The moments of every parameter that had a gradient, by ``moment/parameter``, on the CPU."""
    return {
        f"{key}/{name}": optimizer.state[parameter][key].detach().cpu().contiguous()
        for name, parameter in model.named_parameters()
        if parameter in optimizer.state
        for key in STATE
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, model: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Put back what ``optimizer_tensors`` took."""
    for name, parameter in model.named_parameters():
        if f"step/{name}" in tensors:
            optimizer.state[parameter] = {key: tensors[f"{key}/{name}"].to(parameter.device) for key in STATE}
